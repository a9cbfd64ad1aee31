"""What each mail says about the order, its payment and its changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.cart import Discount, Tax
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, HoldCode, new_hold
from fallback.domain.order.order import (
    Decline,
    Notice,
    NoticeKind,
    Payment,
    PaymentState,
    Placement,
    PlacementState,
)
from fallback.domain.payment.refunds import give_difference
from fallback.notices.message import compose
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.notices.mails import LINK, LINKS, REF, SENDER, paying, text, the_mail


def test_the_mail_lists_items_prices_and_the_shipping_address() -> None:
    for part in ("plain", "html"):
        said = text(the_mail(NoticeKind.RECEIVED), part)
        for fact in (
            "2 × The Sea, the Sea",
            "€25.98",
            "Standard delivery",
            "€4.95",
            "€30.93",
            "The goods include €3.19 of tax",
        ):
            assert fact in said
        assert "Monday, November 23" in said
        assert "1 Quay, Hull, HU1 1AA, United Kingdom" in said
        assert LINK in said


def test_the_address_that_is_left_learns_nothing_of_who_is_written_to_now() -> None:
    theirs = ["Murdoch", "example.org", "1 Quay", "The Sea", "€30.93"]
    for part in ("plain", "html"):
        said = text(the_mail(NoticeKind.ADDRESS_LEFT), part)
        assert LINK in said
        assert [word for word in theirs if word in said] == []


def test_discounts_and_tax_on_top_stand_beside_the_goods() -> None:
    said = text(the_mail(NoticeKind.RECEIVED, discounts=(Discount("Welcome", 500),), tax=Tax(False, 400)))
    assert "Welcome: -€5.00" in said
    assert "Tax: €4.00" in said
    assert "is included" not in said


RECEIVED_SAYS = {
    PaymentState.NONE: "You chose to pay later.",
    PaymentState.PENDING: "We are asking your bank to reserve €30.93.",
    PaymentState.AUTHORIZED: "Your bank has reserved €30.93.",
    PaymentState.ACTION_REQUIRED: "Your payment is not complete yet.",
    PaymentState.UNKNOWN: "We do not know yet whether your bank has reserved €30.93.",
    PaymentState.CAPTURED: "Your payment of €30.93 was successful.",
    PaymentState.VOIDED: "Your order has changed since then.",
    PaymentState.REFUNDED: "Your order has changed since then.",
}


@pytest.mark.parametrize("state", PaymentState)
def test_received_says_how_the_payment_stands_and_nothing_else(state: PaymentState) -> None:
    said = text(the_mail(NoticeKind.RECEIVED, payment=paying(state)))
    assert {sentence for sentence in RECEIVED_SAYS.values() if sentence in said} == {RECEIVED_SAYS[state]}


@pytest.mark.parametrize("state", [PaymentState.NONE, PaymentState.ACTION_REQUIRED])
def test_of_an_order_that_costs_nothing_no_mail_asks_for_money_or_thanks_for_it(state: PaymentState) -> None:
    free = an_order(ref=REF, payment=Payment(amount=0, state=state))
    received = text(the_mail(NoticeKind.RECEIVED, free))
    assert "Your order costs nothing. What happens next: we send your order to the shop" in received
    there = replace(free, placement=Placement(state=PlacementState.VERIFIED, number="100007"))
    placed = text(the_mail(NoticeKind.PLACED, there))
    assert "The shop's order number is 100007. Your order costs nothing. What happens next: the shop" in placed
    late = text(the_mail(NoticeKind.RECEIVED, there))
    assert "we send your order to the shop" not in late
    for said in (received, placed, late):
        body = said.partition(LINK)[0]
        assert [word for word in ("pay", "Pay", "€0.00") if word in body] == []


NEVER_OF_CHARGED_MONEY = {NoticeKind.PAYMENT_NEEDED, NoticeKind.CANCELLED, NoticeKind.OWNER}


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - NEVER_OF_CHARGED_MONEY))
@pytest.mark.parametrize("code", sorted(ASKS_ABOUT_RIVAL))
def test_no_mail_says_that_nothing_is_charged_of_money_charged_by_hand(kind: NoticeKind, code: HoldCode) -> None:
    charged = an_order(ref=REF, payment=a_payment(PaymentState.CAPTURED), holds=(new_hold(code, "customer", NOW),))
    said = text(the_mail(kind, replace(charged, late=tuple(line.sku for line in charged.lines))))
    for words in ("othing is charged", "othing was charged", "not charged", "charged only"):
        assert words not in said


def test_received_says_what_was_taken_before_the_shop_has_the_order_and_what_comes_next() -> None:
    """Somebody charged a part of it by hand, in the provider's dashboard."""
    said = text(the_mail(NoticeKind.RECEIVED, payment=paying(PaymentState.CAPTURED, captured=1000)))
    assert "Your payment of €10.00 was successful." in said
    assert "we send your order to the shop as soon as it can accept orders" in said


def test_received_names_what_is_reserved_and_not_what_it_costs_since_a_change() -> None:
    payment = paying(PaymentState.AUTHORIZED, authorized=4392)
    assert "Your bank has reserved €43.92." in text(the_mail(NoticeKind.RECEIVED, payment=payment))


def test_received_has_a_way_to_pay_for_who_chose_to_pay_later() -> None:
    assert f"Pay now: {LINK}" in text(the_mail(NoticeKind.RECEIVED, payment=paying(PaymentState.NONE)))


def test_received_promises_nothing_after_the_customer_changed_their_mind() -> None:
    said = text(the_mail(NoticeKind.RECEIVED, cancel_asked=True))
    assert "Your order has changed since then." in said
    assert "we send your order to the shop" not in said


@pytest.mark.parametrize(
    ("payment", "says"),
    [
        ({"next_action_url": "https://bank.example"}, "Please confirm this payment."),
        ({"decline": Decline("insufficient_funds", "soft")}, "You can try the same card again, or use another one."),
        ({"decline": Decline("stolen_card", "never")}, "Please use another card"),
        ({"decline": Decline("expired_card", "customer")}, "Please use another card"),
        (
            {"decline": Decline("authorization_expired", "customer")},
            "before the shop could accept your order.",
        ),
        (
            {"decline": Decline("authorization_cancelled", "customer")},
            "You did nothing wrong, and nothing was charged.",
        ),
        ({"decline": Decline("payment_method_customer_decline", "customer")}, "The payment was not completed."),
        ({"decline": Decline("card_token_expired", "customer")}, "for a few hours only"),
        ({}, "Your order is not paid yet."),
    ],
)
def test_payment_needed_says_why(payment: dict[str, Any], says: str) -> None:
    said = text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=paying(PaymentState.ACTION_REQUIRED, **payment)))
    assert says in said
    assert f"Complete the payment: {LINK}" in said


@pytest.mark.parametrize("code", ["authorization_expired", "authorization_cancelled"])
def test_who_is_asked_for_what_the_shop_has_is_not_told_that_it_goes_there_later(code: str) -> None:
    asked = paying(PaymentState.ACTION_REQUIRED, decline=Decline(code, "customer"), pay_by=NOW + timedelta(days=1))
    said = text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=asked, placement=PlacementState.VERIFIED))
    assert "the shop already has your order, as number 100001" in said
    assert "we send the order to the shop" not in said
    assert "before the shop could accept your order" not in said
    assert "If the order is not paid by 22 Nov 2026" in said


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "Your order was changed and now costs €33.88. We have released the €30.93 that was reserved"),
        ("de", "kostet jetzt 33,88 €. Die 30,93 €, die auf Ihrer Karte reserviert waren"),
    ],
)
def test_payment_needed_names_both_sums_when_the_order_got_dearer(locale: str, says: str) -> None:
    raised = Payment(amount=3388, state=PaymentState.ACTION_REQUIRED, decline=Decline("amount_raised", "customer"))
    assert says in text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=replace(raised, outgrown=3093), locale=locale))


@pytest.mark.parametrize(
    ("locale", "asked", "ended"),
    [
        (
            "en",
            "not paid by 22 Nov 2026, 10:00 UTC, we cancel",
            "was not paid in time, so it is cancelled",
        ),
        ("de", "10:00 UTC nicht bezahlt, stornieren wir die Bestellung", "wurde nicht rechtzeitig bezahlt"),
    ],
)
def test_who_does_not_pay_hears_by_when_it_ends_and_then_why_it_ended(locale: str, asked: str, ended: str) -> None:
    unpaid = an_order(ref=REF, payment=paying(PaymentState.NONE, pay_by=NOW + timedelta(days=1)), locale=locale)
    assert asked in text(the_mail(NoticeKind.PAYMENT_NEEDED, unpaid))
    by_customer = the_mail(NoticeKind.CANCELLED, unpaid)
    assert ended not in text(by_customer)
    late = Notice(id="1", kind=NoticeKind.CANCELLED, due_at=NOW + timedelta(days=1))
    assert ended in text(compose(unpaid, CUSTOMER, late, LINKS, SENDER))


@pytest.mark.parametrize(("locale", "says"), [("en", "your change is complete"), ("de", "Ihre Änderung ist erledigt")])
def test_a_change_that_is_done_shows_what_is_agreed_now(locale: str, says: str) -> None:
    mail = the_mail(NoticeKind.CHANGED, locale=locale)
    assert says in mail["Subject"]
    for part in ("plain", "html"):
        said = text(mail, part)
        assert "2 × The Sea, the Sea" in said
        assert "1 Quay" in said
    assert "refund" not in said


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (
            1794,
            "€30.93 is reserved on your card: we charge €17.94, and your bank releases the other €12.99.",
        ),
        (0, "The new total is €0.00. We are releasing the €30.93 that was reserved on your card"),
    ],
)
def test_a_change_of_the_price_names_what_is_reserved_charged_and_released(amount: int, says: str) -> None:
    changed = an_order(ref=REF, payment=paying(PaymentState.AUTHORIZED, authorized=3093))
    changed = replace(changed, payment=replace(changed.payment, amount=amount))
    assert says in text(the_mail(NoticeKind.CHANGED, changed))


def test_a_change_that_costs_less_names_what_goes_back() -> None:
    paid = an_order(ref=REF, payment=a_payment(PaymentState.CAPTURED, captured=4392), placement=PlacementState.VERIFIED)
    cheaper = give_difference(paid, "customer", NOW).order
    assert "The new total is €30.93, which is less than you paid. We refund €12.99" in text(
        the_mail(NoticeKind.CHANGED, cheaper)
    )


def test_a_change_that_could_not_be_made_shows_what_stands() -> None:
    mail = the_mail(NoticeKind.NOT_CHANGED)
    assert "your change could not be made" in mail["Subject"]
    assert "Your order stays as it was." in text(mail)
    assert "2 × The Sea, the Sea" in text(mail)


def test_the_code_of_a_decline_is_not_read_out_to_them() -> None:
    payment = paying(PaymentState.ACTION_REQUIRED, decline=Decline("stolen_card", "never"))
    assert "stolen" not in text(the_mail(NoticeKind.PAYMENT_NEEDED, payment=payment))


def test_placed_gives_the_number_of_the_shop() -> None:
    mail = the_mail(NoticeKind.PLACED, placement=Placement(state=PlacementState.VERIFIED, number="100007"))
    assert "100007" in mail["Subject"]
    assert "The shop's order number is 100007." in text(mail)


def test_placed_says_what_was_charged_where_a_person_accepted_less_than_it_costs() -> None:
    payment = paying(PaymentState.CAPTURED, captured=1000, settled_for=1000)
    placed = Placement(state=PlacementState.VERIFIED, number="100007")
    assert "Your payment of €10.00 was successful." in text(
        the_mail(NoticeKind.PLACED, placement=placed, payment=payment)
    )


def test_merged_says_that_it_was_not_bought_twice() -> None:
    merged = Placement(state=PlacementState.MERGED, number="100003")
    said = text(the_mail(NoticeKind.MERGED, placement=merged, payment=paying(PaymentState.VOIDED)))
    assert "The shop already had your order as number 100003, so we did not place it again" in said
    assert "We did not charge you for the second order." in said
    assert "reserved" not in said


def test_what_the_bank_had_set_aside_is_said_to_be_released_only_if_it_had() -> None:
    cancelled = Placement(state=PlacementState.CANCELLED)
    had = the_mail(NoticeKind.CANCELLED, placement=cancelled, payment=paying(PaymentState.VOIDED, authorized=3093))
    had_not = the_mail(NoticeKind.CANCELLED, placement=cancelled, payment=paying(PaymentState.VOIDED))
    assert "has been released" in text(had)
    assert "has been released" not in text(had_not)


def test_what_the_bank_took_back_is_said_to_be_with_the_customer() -> None:
    dispute = Concern("du_1", ConcernKind.DISPUTE, ConcernState.UPHELD, NOW, amount=3093)
    payment, cancelled = paying(PaymentState.REFUNDED, authorized=3093), Placement(state=PlacementState.CANCELLED)
    said = text(the_mail(NoticeKind.CANCELLED, placement=cancelled, payment=payment, concerns=(dispute,)))
    assert "Your order is cancelled. Your bank has already returned the payment to you." in said
    assert "nothing was charged" not in said
    assert "has been released" not in said


def test_refunded_says_how_much_comes_back() -> None:
    payment = paying(PaymentState.CAPTURED, captured=3093, refunded=1299)
    assert "We have refunded €12.99" in text(the_mail(NoticeKind.REFUNDED, payment=payment))
