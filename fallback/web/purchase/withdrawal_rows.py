"""A withdrawal from the contract as pages show it: its form, and what was received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from fallback.domain.checkout.requests import WithdrawContract
from fallback.domain.errors import Invalid
from fallback.domain.order.order import Order
from fallback.domain.order.texts_by_people import read
from fallback.domain.order.withdrawal import WithdrawalState
from fallback.domain.placement.contract_withdrawal import still_bought, what_follows
from fallback.web.http.form_values import Typed
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import quantity_fields
from fallback.web.purchase.checkout_fields import FIELDS, Field, read_fields

NO_NUMBER = N_("Enter a quantity, or 0 to keep the item")
ERRORS = {
    "more_than_bought": N_("You cannot withdraw from more than you have"),
    "nothing_withdrawn": N_("Enter a quantity for at least one item"),
    "other_lines": quantity_fields.OTHER_LINES,
}
NEXT = {
    WithdrawalState.ASKED: N_(
        "The shop gets your withdrawal from us. It writes to you about the return and the refund."
    ),
    WithdrawalState.BY_HAND: N_("An agent puts your withdrawal to the shop. It counts from the time above."),
    WithdrawalState.TOLD: N_("The shop has your withdrawal. It writes to you about the return and the refund."),
    WithdrawalState.UNDONE: N_("The shop did not have these goods in an order yet, so they are cancelled."),
}
_PERSON = {each.name: each for each in FIELDS if each.name in ("contact.name", "contact.email")}
PERSON = tuple(Field(name.partition(".")[2], each.type, each.error) for name, each in _PERSON.items())


@dataclass(frozen=True)
class PiecesRow:
    name: str
    title: str
    most: int


@dataclass(frozen=True)
class StatementRow:
    """`next`: what comes of it; may be empty."""

    when: str
    name: str
    lines: Sequence[str]
    email: str
    next: str


def pieces(order: Order) -> list[PiecesRow]:
    """The lines of which something is left to withdraw from."""
    rows = zip(order.lines, still_bought(order), strict=True)
    return [
        PiecesRow(quantity_fields.name_of(place), line.title, most) for place, (line, most) in enumerate(rows) if most
    ]


def blank(order: Order) -> Typed:
    """All that is left, in the customer's name."""
    customer = order.customer
    person = {"name": customer.name, "email": customer.email} if customer else {}
    return Typed(person | {row.name: str(row.most) for row in pieces(order)})


def read_form(sent: Mapping[str, str], order: Order) -> tuple[Typed, WithdrawContract | None]:
    """What was sent, and the statement if it is complete."""
    values, errors = read_fields(sent, PERSON)
    now = blank(order)
    if quantity_fields.are_of_other_lines(sent, now.values):
        return quantity_fields.to_check_again(Typed({**now.values, **values})), None
    counts = {row.name: sent.get(row.name, "").strip() for row in pieces(order)}
    errors |= {name: NO_NUMBER for name, text in counts.items() if not text.isdecimal()}
    form = Typed(values | counts, errors)
    if errors:
        return form, None
    quantities = [int(counts.get(quantity_fields.name_of(place), "0")[:6]) for place in range(len(order.lines))]
    try:
        return form, msgspec.convert({**values, "quantities": quantities}, WithdrawContract)
    except msgspec.ValidationError as error:
        raise Invalid("form", "unreadable_form", str(error)) from None


def stated(order: Order, statement: WithdrawContract) -> list[str]:
    """'2 × title' for each line of it."""
    counts = statement.quantities or ()
    return [f"{count} × {line.title}" for line, count in zip(order.lines, counts, strict=True) if count]


def received(order: Order, voice: Voice) -> list[StatementRow]:
    if order.withdrawal is None:
        return []
    follows = what_follows(order)
    return [
        StatementRow(
            when=voice.moment(each.at),
            name=read(order, each.name),
            lines=[f"{line.quantity} × {line.title}" for line in each.lines],
            email=read(order, each.email),
            next=voice.say(NEXT[follows]) if follows else "",
        )
        for each in order.withdrawal.statements
    ]
