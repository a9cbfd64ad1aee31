"""What may be changed in an order, its events, and the text of each refusal."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact, DeliveryChoice, ShippingAddress
from fallback.domain.order.cart import Delivery, DeliveryOption, Discount, Tax
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Event, Notice, NoticeKind, Order, PaymentState, Placement, PlacementState
from fallback.domain.order.texts_by_people import read
from fallback.domain.placement import changes
from tests.builders import BOOK, CUSTOMER, NOW, SLOT, STANDARD, a_payment, an_order
from tests.refusals import not_now, refused

P, S = PaymentState, PlacementState

STONE = replace(BOOK, sku="ST-1", title="A stone", quantity=1, unit_price=500)

BIKE = DeliveryOption("bike", "Bicycle", 395)

COURIER = DeliveryOption("courier", "Courier", 790, (SLOT, replace(SLOT, id="later", starts=SLOT.ends)))

ELSEWHERE = ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB")

NEW_MAIL = Contact("I. Murdoch", "murdoch@example.org", "+44 1482 000111")

ONE_BOOK = ChangeOrder(quantities=(1,))


def ours(**changed: Any) -> Order:
    """Only we have it, and the cart offered a bicycle and a courier."""
    return an_order(**({"customer": CUSTOMER, "options": (BIKE, COURIER)} | changed))


def theirs(**changed: Any) -> Order:
    return ours(**({"placement": Placement(state=S.VERIFIED, id="1", number="100001")} | changed))


def changed(order: Order, who: str = "customer", sentence: str = "", **requested: Any) -> Order:
    done = changes.change(order, ChangeOrder(**requested), NOW, who, sentence)
    assert done
    return done.order


def told(order: Order, who: str = "customer", **requested: Any) -> tuple[Event, ...]:
    done = changes.change(order, ChangeOrder(**requested), NOW, who)
    assert done
    return done.events


# --- whether it may be changed


@pytest.mark.parametrize(
    ("order", "may"),
    [
        (ours(), True),
        (theirs(), True),
        (theirs(placement=S.PLACED), True),
        (ours(customer=None), False),
        (ours(cancel_asked=True), False),
        (ours(placement=S.CANCELLED), False),
        (ours(placement=S.MERGED), False),
        (theirs(payment=a_payment(P.REFUNDED)), False),
        (ours(placement=S.PLACING), False),
        (ours(placement=S.UNKNOWN), False),
    ],
)
def test_an_order_may_be_changed_unless_it_is_over_or_being_placed(order: Order, may: bool) -> None:
    assert changes.may_change(order) is may
    if not may:
        with not_now(changes.headline(order), "change"):
            changes.change(order, ONE_BOOK, NOW, "customer")


def test_how_the_customer_is_reached_may_be_changed_at_any_time() -> None:
    order = ours(cancel_asked=True, placement=S.PLACED)
    after = changed(order, contact=NEW_MAIL)
    assert after.customer
    assert (after.customer.email, after.amendment) == ("murdoch@example.org", None)
    with not_now(Headline.UNDOING, "change"):
        changes.change(order, ChangeOrder(contact=NEW_MAIL, quantities=(1,)), NOW, "customer")
    with not_now(Headline.WAITING, "change"):
        changes.change(ours(customer=None), ChangeOrder(contact=NEW_MAIL), NOW, "customer")


def test_a_change_to_the_current_values_changes_nothing() -> None:
    as_it_is = ChangeOrder(quantities=(2,), delivery=DeliveryChoice(STANDARD.id, SLOT.id))
    assert changes.change(ours(), as_it_is, NOW, "customer") is None
    without_time = ours(delivery=replace(STANDARD, slot=None))
    assert changes.change(without_time, ChangeOrder(delivery=DeliveryChoice(STANDARD.id)), NOW, "customer") is None


# --- what the timeline names


@pytest.mark.parametrize(
    ("requested", "what"),
    [
        ({"contact": NEW_MAIL}, "contact"),
        ({"contact": replace(NEW_MAIL, name="Iris Murdoch", email=CUSTOMER.email)}, "contact"),
        ({"shipping_address": ELSEWHERE}, "shipping_address"),
        ({"note": "Ring twice"}, "note"),
        ({"delivery": DeliveryChoice("bike")}, "delivery"),
        ({"quantities": (1,)}, "lines"),
        ({"quantities": (1,), "delivery": DeliveryChoice("bike")}, "delivery lines"),
    ],
)
def test_each_thing_that_is_changed_has_its_word(requested: dict[str, Any], what: str) -> None:
    [event] = told(ours(), **requested)
    assert (event.at, event.what, event.who, event.data["what"]) == (NOW, "changed", "customer", what)


def test_another_sum_is_told_with_the_one_before() -> None:
    assert told(ours(), "Ann", quantities=(1,)) == (
        Event(NOW, "changed", "Ann", {"amount": 3093 - 1299, "before": 3093, "what": "lines"}),
    )


def test_what_the_shop_has_is_asked_of_it_but_for_the_contact_which_is_so_at_once() -> None:
    order = theirs()
    asked = changed(order, "Ann", "We are sorry.", contact=NEW_MAIL, shipping_address=ELSEWHERE, quantities=(1,))
    assert asked.customer
    assert (asked.customer.name, asked.customer.email, asked.customer.phone) == (
        "I. Murdoch",
        "murdoch@example.org",
        "+44 1482 000111",
    )
    assert asked.customer.address == CUSTOMER.address
    assert asked.amendment
    assert (asked.amendment.what, asked.amendment.contact) == ("shipping_address lines", True)
    assert read(asked, asked.amendment.said) == "We are sorry."
    assert told(order, "Ann", contact=NEW_MAIL, shipping_address=ELSEWHERE, quantities=(1,)) == (
        Event(NOW, "changed", "Ann", {"what": "contact"}),
        Event(NOW, "change_asked", "Ann", {"what": "shipping_address lines"}),
    )


@pytest.mark.parametrize(
    "over", [{"cancel_asked": True}, {"placement": S.CANCELLED}, {"payment": a_payment(P.REFUNDED)}]
)
def test_a_new_contact_of_an_ended_order_is_not_sent_to_the_shop(over: dict[str, Any]) -> None:
    assert changed(theirs(**over), contact=NEW_MAIL).amendment is None


# --- which mail tells of it


def mails(order: Order) -> list[tuple[NoticeKind, str]]:
    return [(notice.kind, read(order, notice.said)) for notice in order.notices]


def test_the_customer_is_written_to_when_others_changed_it_or_when_the_sum_is_another() -> None:
    assert mails(changed(ours(), "Ann", "As you wished.", note="Ring")) == [(NoticeKind.CHANGED, "As you wished.")]
    assert mails(changed(ours(), note="Ring")) == []
    assert mails(changed(ours(), quantities=(1,))) == [(NoticeKind.CHANGED, "")]


def test_who_has_to_give_a_card_anew_is_asked_for_that_instead() -> None:
    dearer = {"delivery": DeliveryChoice("courier", SLOT.id)}
    assert mails(changed(ours(), **dearer)) == []
    assert changed(ours(), **dearer).payment.due_at == NOW
    assert changed(ours(), quantities=(1,)).payment.due_at is None
    free = ours(lines=(), delivery=Delivery("bike", "Bicycle", 0), payment=a_payment(P.NONE, amount=0))
    assert mails(changed(free, **dearer)) == [(NoticeKind.PAYMENT_NEEDED, "")]
    cent = ours(payment=a_payment(P.NONE, amount=1))
    assert mails(changed(cent, **dearer)) == [(NoticeKind.CHANGED, "")]


def test_a_customer_whose_order_became_free_gets_a_mail() -> None:
    order = ours(lines=(), payment=a_payment(P.AUTHORIZED, amount=495), options=(replace(BIKE, price=0),))
    assert mails(changed(order, delivery=DeliveryChoice("bike"))) == [(NoticeKind.CHANGED, "")]


def test_a_sentence_that_cannot_be_kept_is_refused_by_its_name() -> None:
    with refused("sentence", "card_number", "Please leave card numbers out."):
        changed(ours(), "Ann", "4242 4242 4242 4242", note="Ring")


# --- another address for mails


def test_the_address_that_is_left_hears_of_it() -> None:
    after = changed(ours(), contact=NEW_MAIL)
    [notice] = after.notices
    assert (notice.kind, notice.due_at, read(after, notice.to)) == (NoticeKind.ADDRESS_LEFT, NOW, CUSTOMER.email)
    same = replace(NEW_MAIL, email=CUSTOMER.email.upper())
    assert changed(ours(), contact=same).notices == ()


def left(times: int, kind: NoticeKind = NoticeKind.ADDRESS_LEFT) -> tuple[Notice, ...]:
    return tuple(Notice(id=f"{number}", kind=kind, due_at=NOW) for number in range(times))


def test_a_customer_leaves_five_addresses_and_a_person_of_ours_as_many_as_it_takes() -> None:
    assert changed(ours(notices=left(4)), contact=NEW_MAIL).customer
    assert changed(ours(notices=left(9, NoticeKind.CHANGED)), contact=NEW_MAIL).customer
    assert changed(ours(notices=left(5)), "Ann", contact=NEW_MAIL).customer
    often = "The address was changed too often. Please ask an agent."
    with refused("contact.email", "too_many_addresses", often):
        changed(ours(notices=left(5)), contact=NEW_MAIL)


# --- what cannot be had


@pytest.mark.parametrize(
    ("order", "quantities", "field", "code", "detail"),
    [
        (ours(discounts=(Discount("Spring", 1),)), (1,), "quantities", "priced_by_the_shop",
         "Only the shop can calculate the price of fewer items."),
        (ours(tax=Tax(False, 1)), (1,), "quantities", "priced_by_the_shop",
         "Only the shop can calculate the price of fewer items."),
        (ours(), (1, 1), "quantities", "other_lines", "Give a quantity for each line of the order."),
        (ours(), (3,), "quantities.0", "more_than_ordered", "To order more items, please use the shop."),
        (ours(lines=(BOOK, STONE)), (1, 2), "quantities.1", "more_than_ordered",
         "To order more items, please use the shop."),
        (ours(), (0,), "quantities", "nothing_left", "To remove everything, cancel the order."),
        (ours(lines=(BOOK, replace(STONE, unit_price=0))), (0, 1), "quantities", "nothing_left",
         "To remove everything, cancel the order."),
    ],
)  # fmt: skip
def test_pieces_that_cannot_be_left_out(
    order: Order, quantities: tuple[int, ...], field: str, code: str, detail: str
) -> None:
    with refused(field, code, detail):
        changed(order, quantities=quantities)


@pytest.mark.parametrize("tax", [Tax(False, 0), Tax(True, 319)])
def test_pieces_can_be_left_out_where_their_prices_are_all_there_is(tax: Tax) -> None:
    assert changed(ours(tax=tax), quantities=(1,)).lines == (replace(BOOK, quantity=1),)
    assert changed(ours(lines=(BOOK, STONE), tax=tax), quantities=(0, 1)).lines == (STONE,)


def test_a_time_that_has_begun_is_not_on_offer_any_more() -> None:
    order = ours(options=(replace(COURIER, slots=(replace(SLOT, id="now", starts=NOW),)),))
    with refused("delivery.slot", "unknown_slot", "Choose one of the delivery times on offer."):
        changed(order, delivery=DeliveryChoice("courier", "now"))


def test_an_agreed_time_may_stay_although_it_has_begun() -> None:
    begun = ours(delivery=replace(STANDARD, slot=replace(SLOT, starts=NOW)))
    assert changed(begun, delivery=DeliveryChoice(STANDARD.id, SLOT.id), note="Ring").delivery == begun.delivery


def test_the_sum_does_not_change_under_a_call() -> None:
    for payment in (a_payment(P.PENDING), a_payment(P.CAPTURED), a_payment(P.UNKNOWN)):
        with not_now(payment.state, "change of the sum"):
            changed(ours(payment=payment), quantities=(1,))


def test_an_intent_that_waits_for_the_bank_is_not_asked_for_more() -> None:
    waits = a_payment(P.ACTION_REQUIRED)
    dearer = {"delivery": DeliveryChoice("courier", SLOT.id)}
    with not_now("action_required", "change of the sum"):
        changed(ours(payment=waits), **dearer)
    assert changed(ours(payment=waits), quantities=(1,)).payment.amount == 3093 - 1299
    assert changed(ours(payment=replace(waits, intent=None)), **dearer).payment.amount == 3093 + 295
    assert changed(ours(payment=replace(waits, amount=3093)), note="Ring").payment.amount == 3093


def test_the_shop_takes_no_other_note_nothing_dearer_and_nothing_that_was_given_back() -> None:
    with not_now("verified", "change of the note"):
        changed(theirs(), note="Ring")
    dearer = "The shop already has the order, so nothing more expensive can be chosen."
    with refused("delivery.id", "costs_more", dearer):
        changed(theirs(), delivery=DeliveryChoice("courier", SLOT.id))
    back = "Most of the price was already refunded, so an agent has to check this."
    given_back = theirs(payment=a_payment(P.CAPTURED, refunded=2000))
    with refused("quantities", "given_back", back):
        changed(given_back, quantities=(1,))
    just_enough = theirs(payment=a_payment(P.CAPTURED, refunded=3093 - 1299))
    assert changed(just_enough, quantities=(1,)).amendment
