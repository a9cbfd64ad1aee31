"""The forms that change an order: contact, shipping address, delivery, items.

The customer's order page and the console share them. Each form has a page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from flask import Response

from fallback import i18n
from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.errors import Invalid
from fallback.domain.money import Money
from fallback.domain.order.amended import as_amended
from fallback.domain.order.order import Order
from fallback.domain.payment.charging import SumLimit
from fallback.domain.placement import changes
from fallback.web.http.form_values import Typed
from fallback.web.http.pages import page
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import quantity_fields
from fallback.web.purchase.checkout_address import address_rows, fields_of, parts_of
from fallback.web.purchase.checkout_fields import ADDRESS_FIELDS, CONTACT_FIELDS, read_fields
from fallback.web.purchase.checkout_form import DELIVERY, DELIVERY_ERRORS
from fallback.web.purchase.checkout_rows import delivery_row

NO_NUMBER = N_("Enter a quantity, or 0 to remove the item")
ERRORS = DELIVERY_ERRORS | {
    "priced_by_the_shop": N_("Because of a discount or the tax, only the shop can calculate the price of fewer items"),
    "other_lines": quantity_fields.OTHER_LINES,
    "more_than_ordered": N_("Additional items can only be ordered in the shop"),
    "nothing_left": N_("No items would be left. Please cancel the order instead"),
    "costs_more": N_(
        "The shop already has the order, so the new total must not be higher. Choose a cheaper option, "
        "or cancel the order and start again with the same basket"
    ),
    "taxed_elsewhere": N_("The tax differs by country. Cancel the order and start again with the same basket"),
    "too_many_addresses": N_("This address was changed too often. Please contact us on the order page"),
    SumLimit.TOO_SMALL: N_(
        "The total would be too small to pay by card. Remove fewer items, or choose another delivery"
    ),
    SumLimit.TOO_LARGE: N_("The total would be too large to pay by card. Choose another delivery"),
    SumLimit.NOT_EXACT: N_("This exact total cannot be charged to a card. Please choose something else"),
    "given_back": N_("Most of the price was already refunded. Please contact us on the order page"),
}


def refused(form: Typed, error: Invalid) -> Typed:
    """The form with an error that depends on the order. A delivery and its time are one group of fields."""
    name = DELIVERY if error.field.startswith("delivery") else error.field
    return form.refused(Invalid(name, error.code, error.detail), ERRORS)


@dataclass(frozen=True)
class Where:
    """The pages that contain the form: layout, form action, URL to return to, and number of seen events.

    `again`: shows the form with the address fields of another country. `word`: what happened in the meantime.
    `sentence`: whether an agent may add a message to the mail.
    """

    layout: str
    action: str
    again: str
    back: str
    seen: int
    word: str = ""
    sentence: bool = False


@dataclass(frozen=True)
class Matter:
    """`fill`: the form as the order is. `read`: what was sent, and the request if it is valid.

    `show`: additional rows of its page. `offered`: whether this part of the order can be changed now.
    """

    name: str
    link: str
    fill: Callable[[Order], Typed]
    read: Callable[[Mapping[str, str], Order], tuple[Typed, ChangeOrder | None]]
    show: Callable[[Order, Typed, Voice, datetime], dict[str, Any]]
    offered: Callable[[Order, datetime], bool]


def show(
    matter: Matter, order: Order, form: Typed, voice: Voice, now: datetime, where: Where, status: int = 200
) -> Response:
    rows = matter.show(as_amended(order), form, voice, now)
    at_once = matter.name == "contact" or not order.placement.number
    return page(
        f"purchase/change_{matter.name}.html",
        voice,
        status,
        ref=order.ref,
        version=order.version,
        form=form,
        where=where,
        at_once=at_once,
        **rows,
    )


# --- contact


def _contact_form(order: Order) -> Typed:
    values = msgspec.structs.asdict(order.customer) if order.customer else {}
    return Typed({each.name: values.get(each.name.partition(".")[2]) or "" for each in CONTACT_FIELDS})


def _read_contact(sent: Mapping[str, str], _: Order) -> tuple[Typed, ChangeOrder | None]:
    values, errors = read_fields(sent, CONTACT_FIELDS)
    contact = {each.name.partition(".")[2]: values[each.name] or None for each in CONTACT_FIELDS}
    return Typed(values, errors), None if errors else _requested(contact=contact)


# --- shipping address


def _address_form(order: Order) -> Typed:
    customer = as_amended(order).customer
    return Typed(fields_of(customer.address) if customer else dict.fromkeys((each.name for each in ADDRESS_FIELDS), ""))


def _read_address(sent: Mapping[str, str], _: Order) -> tuple[Typed, ChangeOrder | None]:
    values, errors = read_fields(sent, ADDRESS_FIELDS)
    return Typed(values, errors), None if errors else _requested(shipping_address=parts_of(values))


def _address_rows(_: Order, form: Typed, voice: Voice, __: datetime) -> dict[str, Any]:
    return {"address": address_rows(form.values, form.errors, voice)}


# --- delivery


def _delivery_form(order: Order) -> Typed:
    delivery = as_amended(order).delivery
    return Typed({DELIVERY: delivery.id, f"slot.{delivery.id}": delivery.slot.id if delivery.slot else ""})


def _read_delivery(sent: Mapping[str, str], _: Order) -> tuple[Typed, ChangeOrder | None]:
    option = sent.get(DELIVERY, "")
    slot = sent.get(f"slot.{option}", "")
    form = Typed({DELIVERY: option, f"slot.{option}": slot})
    if not option:
        return replace(form, errors={DELIVERY: DELIVERY_ERRORS["unknown_delivery"]}), None
    return form, _requested(delivery={"id": option, "slot": slot or None})


def _delivery_rows(order: Order, form: Typed, voice: Voice, now: datetime) -> dict[str, Any]:
    goods = Money(order.payment.amount - order.delivery.price, order.currency)
    option = form.values[DELIVERY]
    chosen = option, form.values[f"slot.{option}"]
    return {"deliveries": [delivery_row(each, goods, chosen, voice) for each in changes.offers(order, now)]}


def _has_a_choice(order: Order, now: datetime) -> bool:
    chosen = as_amended(order).delivery.id
    return any(option.slots or option.id != chosen for option in changes.offers(order, now))


# --- items


@dataclass(frozen=True)
class QuantityRow:
    name: str
    title: str
    price: str
    most: int


def _lines_form(order: Order) -> Typed:
    lines = as_amended(order).lines
    return Typed({quantity_fields.name_of(place): str(line.quantity) for place, line in enumerate(lines)})


def _read_lines(sent: Mapping[str, str], order: Order) -> tuple[Typed, ChangeOrder | None]:
    now = _lines_form(order)
    if quantity_fields.are_of_other_lines(sent, now.values):
        return quantity_fields.to_check_again(now), None
    values = {name: sent.get(name, "").strip() for name in now.values}
    errors = {name: NO_NUMBER for name, text in values.items() if not text.isdecimal()}
    form = Typed(values, errors)
    return form, None if errors else _requested(quantities=[int(text[:6]) for text in values.values()])


def _lines_rows(order: Order, _: Typed, voice: Voice, __: datetime) -> dict[str, Any]:
    rows = [
        QuantityRow(
            quantity_fields.name_of(place), line.title, voice.money(line.unit_price, order.currency), line.quantity
        )
        for place, line in enumerate(order.lines)
    ]
    return {"lines": rows}


MATTERS = {
    matter.name: matter
    for matter in (
        Matter(
            name="contact",
            link=N_("Edit contact details"),
            fill=_contact_form,
            read=_read_contact,
            show=lambda *_: {},
            offered=lambda order, _: changes.may_change_contact(order),
        ),
        Matter(
            name="address",
            link=N_("Edit shipping address"),
            fill=_address_form,
            read=_read_address,
            show=_address_rows,
            offered=lambda order, _: changes.may_change_address(order),
        ),
        Matter(
            name="delivery",
            link=N_("Edit delivery"),
            fill=_delivery_form,
            read=_read_delivery,
            show=_delivery_rows,
            offered=_has_a_choice,
        ),
        Matter(
            name="lines",
            link=N_("Remove items"),
            fill=_lines_form,
            read=_read_lines,
            show=_lines_rows,
            offered=changes.may_take_lines_away,
        ),
    )
}


def _requested(**tree: Any) -> ChangeOrder:
    """Raises Invalid for what no browser sends."""
    try:
        return msgspec.convert(tree, ChangeOrder)
    except msgspec.ValidationError as error:
        raise Invalid("form", "unreadable_form", str(error)) from None


# --- on the order's page


@dataclass(frozen=True)
class WantedChange:
    """A change that the shop has not confirmed yet: the new values."""

    since: str
    who: str
    delivery: str | None
    slot: str | None
    address: Sequence[str]
    lines: Sequence[str]
    taken_back: bool


def links(order: Order, now: datetime) -> Iterator[tuple[str, str]]:
    """The parts of the order that can be changed now, and the texts of their links."""
    return ((name, matter.link) for name, matter in MATTERS.items() if matter.offered(order, now))


def wanted(order: Order, voice: Voice) -> WantedChange | None:
    amendment, after = order.amendment, as_amended(order)
    if amendment is None or after.customer is None or not (amendment.wants_something or amendment.taken_back):
        return None
    delivery = amendment.delivery
    return WantedChange(
        since=voice.moment(amendment.since),
        who=amendment.who,
        delivery=delivery.title if delivery else None,
        slot=voice.slot(delivery.slot) if delivery and delivery.slot else None,
        address=i18n.address_lines(after.customer.address, voice.locale) if amendment.address else [],
        lines=[f"{line.quantity} × {line.title}" for line in amendment.lines or ()],
        taken_back=amendment.taken_back,
    )


@dataclass(frozen=True)
class Changing:
    """What can be changed now, and what was requested; the same on the order page and in the console.

    `links`: URLs and texts. `taking_back`: the URL to withdraw the change, empty for viewers who may not.
    """

    links: Sequence[tuple[str, str]]
    wanted: WantedChange | None
    taking_back: str
    seen: int
