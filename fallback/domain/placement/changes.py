"""What the customer, or an agent on their behalf, may change of an order, and what it costs then.

While only we have the order, a change applies at once. Once the primary has it, the change is a request (amendments.py)
until the primary reads it back. While the order is being sent to the primary, nobody knows which of the two applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import UNSET, structs

from fallback.domain.checkout.destinations import place_of
from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice, address, seen_note
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order import refused_mail
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.amended import as_amended, priced
from fallback.domain.order.cart import Delivery, DeliveryOption, Line, choose, covers
from fallback.domain.order.lifecycle import AMENDABLE, GIVEN_UP, headline, is_outgrown
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import (
    Change,
    Customer,
    Event,
    NoticeKind,
    Order,
    Payment,
    PaymentState,
    PlacementState,
)
from fallback.domain.order.text_messages import number_of
from fallback.domain.order.texts_by_people import say, say_if_any
from fallback.domain.payment import refunds
from fallback.domain.placement import amendments

CHANGEABLE = AMENDABLE | {PlacementState.WAITING}
# No call is under way that carries the old sum.
SUM_MAY_CHANGE = frozenset({PaymentState.NONE, PaymentState.ACTION_REQUIRED, PaymentState.AUTHORIZED})

# Each change sends a mail to two addresses: the limit prevents abuse.
MOST_ADDRESSES = 5


def change(order: Order, requested: ChangeOrder, now: datetime, who: str, sentence: str = "") -> Change | None:
    """None: nothing would change. Raises NotAllowedNow, and Invalid that names the field.

    `sentence`: an agent's text in the mail that notifies the customer once the change is done.
    """
    if not (may_change(order) or (only_contact(requested) and may_change_contact(order))):
        raise NotAllowedNow(headline(order), "change")
    order, word = say_if_any(order, "sentence", sentence)
    before = as_amended(order)
    after = _as_wished(before, requested, now)
    what = " ".join(_changed(before, after))
    if not what:
        return None
    if order.placement.state is PlacementState.WAITING:
        after = structs.replace(after, payment=_payment(order, after.payment.amount, now))
        after = _tell_old_address(order, after, now, who)
        after = _told(order, after, who, now, word)
        data = amendments.sums(order, after) | {"what": what}
        return Change(after, (Event(now, "changed", who, data),))
    return _amended(order, before, after, now, who, word)


def _told(before: Order, after: Order, who: str, now: datetime, word: int) -> Order:
    """Confirm changes by others and a new sum by mail; if a card is needed for it, ask for that instead."""
    same_sum = before.payment.amount == after.payment.amount
    if who == CUSTOMER and (same_sum or (is_outgrown(after) and after.payment.amount)):
        return after
    was_free = before.payment.amount == 0 and not same_sum
    return queue_notice(after, NoticeKind.PAYMENT_NEEDED if was_free else NoticeKind.CHANGED, now, word)


def only_contact(requested: ChangeOrder) -> bool:
    return all(getattr(requested, name) is UNSET for name in requested.__struct_fields__ if name != "contact")


def may_change(order: Order) -> bool:
    over = order.cancel_asked or order.placement.state in GIVEN_UP or order.payment.state is PaymentState.REFUNDED
    return order.customer is not None and not over and order.placement.state in CHANGEABLE


def may_change_address(order: Order) -> bool:
    return may_change(order) and order.customer is not None and order.customer.address.somewhere


def may_change_contact(order: Order) -> bool:
    """At any time: later mails go to the new address. A shop that has the order is sent it, if it supports that."""
    return order.customer is not None


def offers(order: Order, now: datetime) -> tuple[DeliveryOption, ...]:
    """The delivery options, with their future slots, to which the order could be changed now."""
    coming = (
        structs.replace(option, slots=tuple(slot for slot in option.slots if slot.starts > now))
        for option in order.options
    )
    return tuple(option for option in coming if _is_possible(order, _first_of(option), now))


def may_take_lines_away(order: Order, now: datetime) -> bool:
    """Whether the quantity of some line could be reduced by one. Of lines at one price only one is tried."""
    lines = as_amended(order).lines
    quantities = [line.quantity for line in lines]
    places = {line.unit_price: place for place, line in enumerate(lines)}.values()
    one_less = (tuple(quantity - (each == place) for each, quantity in enumerate(quantities)) for place in places)
    return any(_is_possible(order, ChangeOrder(quantities=fewer), now) for fewer in one_less)


def _first_of(option: DeliveryOption) -> ChangeOrder:
    return ChangeOrder(delivery=DeliveryChoice(option.id, option.slots[0].id if option.slots else None))


def _is_possible(order: Order, requested: ChangeOrder, now: datetime) -> bool:
    try:
        change(order, requested, now, "")
    except (NotAllowedNow, Invalid):
        return False
    return True


def _as_wished(order: Order, requested: ChangeOrder, now: datetime) -> Order:
    customer = order.customer
    assert customer is not None
    there = customer.address
    if requested.contact is not UNSET:
        given = requested.contact
        customer = structs.replace(customer, name=given.name, email=given.email, phone=given.phone)
    if requested.shipping_address is not UNSET:
        customer = structs.replace(customer, address=address(requested.shipping_address, customer.name))
    if customer.sms and number_of(customer) != number_of(order.customer):
        customer = structs.replace(customer, sms=False)  # they agreed for that number
    if requested.note is not UNSET:
        customer = structs.replace(customer, note=seen_note(requested.note))
    lines, delivery = order.lines, order.delivery
    if requested.quantities is not UNSET:
        lines = _fewer(order, requested.quantities)
    if requested.delivery is not UNSET:
        delivery = _delivery(order, requested.delivery.id, requested.delivery.slot, now)
    after = priced(structs.replace(order, customer=customer), lines, delivery)
    if requested.shipping_address is not UNSET or requested.delivery is not UNSET:
        _check_destination(after, moved=customer.address != there)
    return after


def _check_destination(after: Order, *, moved: bool) -> None:
    """Another country may have another tax, which only the shop knows, and not every delivery option goes there."""
    assert after.customer is not None
    there = after.customer.address
    option = next((each for each in after.options if each.id == after.delivery.id), None)
    if moved and not covers(after.taxed_for, place_of(there.country, there.region)):
        raise Invalid("shipping_address.country", "taxed_elsewhere", "The tax of another country may be another one.")
    if option is None or not option.needs_address:
        return
    if not there.somewhere:
        raise Invalid("delivery.id", "address_missing", "This delivery option needs an address.")
    if not covers(option.countries, place_of(there.country, there.region)):
        field = "shipping_address.country" if moved else "delivery.id"
        raise Invalid(field, "not_delivered_there", "This delivery option does not go to this country.")


def _fewer(order: Order, quantities: Sequence[int]) -> tuple[Line, ...]:
    if tuple(quantities) == tuple(line.quantity for line in order.lines):
        return order.lines
    # Where discounts or added tax depend on the goods, only the shop can price fewer of them.
    if order.discounts or (order.tax.amount and not order.tax.included):
        raise Invalid("quantities", "priced_by_the_shop", "Only the shop can calculate the price of fewer items.")
    if len(quantities) != len(order.lines):
        raise Invalid("quantities", "other_lines", "Give a quantity for each line of the order.")
    for place, (line, quantity) in enumerate(zip(order.lines, quantities, strict=True)):
        if quantity > line.quantity:
            raise Invalid(f"quantities.{place}", "more_than_ordered", "To order more items, please use the shop.")
    left = tuple(
        structs.replace(line, quantity=quantity)
        for line, quantity in zip(order.lines, quantities, strict=True)
        if quantity
    )
    if not any(line.unit_price for line in left):
        raise Invalid("quantities", "nothing_left", "To remove everything, cancel the order.")
    return left


def _delivery(order: Order, option_id: str, slot_id: str | None, now: datetime) -> Delivery:
    now_agreed = order.delivery
    if (option_id, slot_id) == (now_agreed.id, now_agreed.slot.id if now_agreed.slot else None):
        return now_agreed
    wanted = choose(order.options, option_id, slot_id)
    if wanted.slot and wanted.slot.starts <= now:
        raise Invalid("delivery.slot", "unknown_slot", "Choose one of the delivery times on offer.")
    return wanted


def _changed(before: Order, after: Order) -> Iterator[str]:
    """The codes of what differs, for the timeline, which names nothing more of it."""
    was, is_ = before.customer, after.customer
    assert was is not None
    assert is_ is not None
    if _contact(was) != _contact(is_):
        yield "contact"
    if was.address != is_.address:
        yield "shipping_address"
    if was.note != is_.note:
        yield "note"
    if before.delivery != after.delivery:
        yield "delivery"
    if before.lines != after.lines:
        yield "lines"


def _contact(customer: Customer) -> tuple[str, str, str | None]:
    return customer.name, customer.email, customer.phone


def _amended(order: Order, before: Order, after: Order, now: datetime, who: str, word: int) -> Change:
    """The primary has the order, or may have it: contact details change at once, the rest is requested."""
    events: tuple[Event, ...] = ()
    left = [what for what in _changed(before, after) if what != "contact"]
    if "contact" in _changed(before, after):
        order = _reached_anew(order, after, now, who)
        events = (Event(now, "changed", who, {"what": "contact"}),)
    if not left:
        return Change(order, events)
    _check_amendment(order, before, after)
    asked = amendments.ask(order, after, " ".join(left), now, who, word)
    return Change(asked.order, (*events, *asked.events))


def _reached_anew(order: Order, after: Order, now: datetime, who: str) -> Order:
    was, is_ = order.customer, after.customer
    assert was is not None
    assert is_ is not None
    reached = structs.replace(was, name=is_.name, email=is_.email, phone=is_.phone, sms=is_.sms)
    order = _tell_old_address(order, structs.replace(order, customer=reached), now, who)
    over = order.cancel_asked or order.placement.state in GIVEN_UP or order.payment.state is PaymentState.REFUNDED
    return order if over else amendments.tell_contact(order, now, who)


def _tell_old_address(before: Order, after: Order, now: datetime, who: str) -> Order:
    """Notify the old address that mail goes elsewhere now (ops/decisions/new-address.md).

    Agents may change it without limit: somebody else with the link may have used up the customer's changes.
    """
    was, is_ = before.customer, after.customer
    assert was is not None
    assert is_ is not None
    if was.email.casefold() == is_.email.casefold():
        return after
    after = refused_mail.reached(after, now)
    left_before = sum(notice.kind is NoticeKind.ADDRESS_LEFT for notice in before.notices)
    if who == CUSTOMER and left_before >= MOST_ADDRESSES:
        raise Invalid("contact.email", "too_many_addresses", "The address was changed too often. Please ask an agent.")
    after, left = say(after, "contact.email", was.email)
    return queue_notice(after, NoticeKind.ADDRESS_LEFT, now, to=left)


def _payment(order: Order, amount: int, now: datetime) -> Payment:
    """The payment with this sum.

    A lower sum is captured from the authorization; for a higher one the customer is asked again.
    """
    payment = order.payment
    if amount == payment.amount:
        return payment
    # An intent that waits for the customer or their bank would still authorize the old sum.
    asked_for_less = payment.state is PaymentState.ACTION_REQUIRED and payment.intent and amount > payment.amount
    if payment.attempt or payment.state not in SUM_MAY_CHANGE or asked_for_less:
        raise NotAllowedNow(payment.state, "change of the sum")
    payment = structs.replace(payment, amount=amount)
    outgrown = is_outgrown(structs.replace(order, payment=payment))
    return structs.replace(payment, due_at=now) if outgrown else payment


def _check_amendment(order: Order, before: Order, after: Order) -> None:
    """Allow a change of an order in the primary only if the captured or authorized money covers it.

    A lower sum is captured from the authorization; if the money was captured before, the difference is refunded once
    the change is read back (ops/decisions/changed-sums.md).
    """
    assert before.customer is not None
    assert after.customer is not None
    if before.customer.note != after.customer.note:
        raise NotAllowedNow(order.placement.state, "change of the note")
    field = "delivery.id" if before.delivery != after.delivery else "quantities"
    if after.payment.amount > order.payment.amount:
        raise Invalid(field, "costs_more", "The shop already has the order, so nothing more expensive can be chosen.")
    if order.payment.captured and amendments.costs_less(order, after) > refunds.there(order):
        raise Invalid(field, "given_back", "Most of the price was already refunded, so an agent has to check this.")
