"""A change reaches the warehouse: it counts when the primary reads it back, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact, DeliveryChoice, ShippingAddress
from fallback.domain.errors import Invalid, NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.cart import DeliveryOption
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.payment.set_aside import SetAside, set_aside
from fallback.domain.support.late import Late
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import SLOT
from tests.fakes.gateway import VISA
from tests.usecases.world import TOTAL, World, an_authorized_order, an_order_with

ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))
BY_COURIER = ChangeOrder(delivery=DeliveryChoice("courier", SLOT.id))
BY_BIKE = ChangeOrder(delivery=DeliveryChoice("bike"))
NEW_MAIL = ChangeOrder(contact=Contact("Iris Murdoch", "murdoch@example.org", "+44 1482 000 111"))
FOR_NOTHING = ChangeOrder(delivery=DeliveryChoice("free"))
ONE_BOOK = ChangeOrder(quantities=(1,))
COURIER = DeliveryOption("courier", "Courier", 790, (SLOT,))
BIKE = DeliveryOption("bike", "Bicycle", 495)
FREE = DeliveryOption("free", "When we come by", 0)


def with_offers(world: World) -> World:
    """The cart offered a courier, a bicycle and a free delivery too."""
    order = world.order
    world.ledger.commit(order, replace(order, options=(*order.options, COURIER, BIKE, FREE)), [])
    return world


def a_settled_order() -> World:
    world = with_offers(an_order_with())
    world.time_passes(timedelta(hours=1))
    assert world.is_settled()
    return world


def a_verified_order() -> World:
    """The shop has it; its payment is not captured yet."""
    world = with_offers(an_authorized_order())
    world.gateway.fail_next("capture", TryAgain("away"), times=1)
    world.shifts_work(Queue.PLACEMENT)
    assert world.states == (PaymentState.AUTHORIZED, PlacementState.VERIFIED)
    return world


def the_shop_has(world: World) -> tuple[str, str, int, int]:
    there = world.primary.orders[world.ref]
    assert there.shipping_address
    return there.shipping_address.line1, there.delivery.id, sum(line.quantity for line in there.lines), there.total


# --- while only we have it


def test_before_placement_a_change_is_part_of_the_order_at_once() -> None:
    world = with_offers(an_authorized_order())
    world.the_customer_changes(BY_BIKE)
    world.the_customer_changes(ELSEWHERE)
    assert world.order.amendment is None
    world.time_passes()
    assert the_shop_has(world) == ("2 Quay", "bike", 2, TOTAL)
    assert world.primary.calls["amend"] == 0
    assert world.is_settled()


def test_fewer_pieces_take_less_of_what_is_set_aside() -> None:
    world = with_offers(an_authorized_order())
    world.the_customer_changes(ONE_BOOK)
    assert (world.order.payment.amount, world.order.payment.authorized) == (TOTAL - 1299, TOTAL)
    assert set_aside(world.order) == SetAside(TOTAL, TOTAL - 1299, 1299)
    [changed] = [event for event in world.ledger.timeline(world.ref) if event.what == "changed"]
    assert changed.data == {"what": "lines", "amount": TOTAL - 1299, "before": TOTAL}
    world.time_passes(timedelta(minutes=1), Queue.NOTICE)
    assert world.mails[-1] is NoticeKind.CHANGED
    world.time_passes()
    assert set_aside(world.order) is None
    assert (world.headline, world.captured, len(world.gateway.intents)) == (Headline.SETTLED, TOTAL - 1299, 1)


def test_a_dearer_delivery_is_not_placed_before_the_new_sum_is_set_aside() -> None:
    world = with_offers(an_authorized_order())
    world.the_customer_changes(BY_COURIER)
    assert set_aside(world.order) == SetAside(TOTAL, 0, TOTAL)
    world.time_passes(timedelta(hours=1))
    assert NoticeKind.CHANGED not in world.mails  # the mail that asks for the card names both sums
    assert (world.headline, world.orders_there, world.authorized) == (Headline.PAYMENT_NEEDED, 0, 0)
    assert world.order.payment.decline
    assert (world.order.payment.decline.code, world.order.payment.outgrown) == ("amount_raised", TOTAL)
    assert world.mails[-1] is NoticeKind.PAYMENT_NEEDED
    assert world.told[-2:] == ["changed", "released"]
    world.the_customer_gives(VISA)
    world.time_passes()
    assert (world.headline, world.captured, world.orders_there) == (Headline.SETTLED, TOTAL - 495 + 790, 1)
    assert world.order.payment.outgrown == 0


def test_a_dearer_order_asks_for_the_new_sum_also_when_it_is_not_paid_yet() -> None:
    world = with_offers(an_order_with(None))
    world.the_customer_changes(BY_COURIER)
    world.the_customer_gives(VISA)
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL - 495 + 790)


def test_the_sum_does_not_change_under_a_call_to_the_bank() -> None:
    world = with_offers(an_order_with())
    with pytest.raises(NotAllowedNow):
        world.the_customer_changes(ONE_BOOK)
    world.the_customer_changes(ELSEWHERE)


@pytest.mark.parametrize(
    ("requested", "field", "code"),
    [
        (ChangeOrder(quantities=(3,)), "quantities.0", "more_than_ordered"),
        (ChangeOrder(quantities=(0,)), "quantities", "nothing_left"),
        (ChangeOrder(quantities=(1, 1)), "quantities", "other_lines"),
        (ChangeOrder(delivery=DeliveryChoice("drone")), "delivery.id", "unknown_delivery"),
        (ChangeOrder(delivery=DeliveryChoice("courier")), "delivery.slot", "unknown_slot"),
        (ChangeOrder(delivery=DeliveryChoice("courier", "never")), "delivery.slot", "unknown_slot"),
    ],
)
def test_what_cannot_be_had_names_its_field(requested: ChangeOrder, field: str, code: str) -> None:
    world = with_offers(an_authorized_order())
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(requested)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_a_time_that_has_begun_is_not_on_offer_any_more() -> None:
    world = with_offers(an_authorized_order())
    world.now = SLOT.starts
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(BY_COURIER)
    assert refused.value.code == "unknown_slot"


# --- when the shop has it


def test_after_placement_a_change_counts_when_the_shop_reads_it_back() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    world.the_customer_changes(BY_BIKE)
    assert world.order.customer.address.line1 == "1 Quay"
    assert world.order.delivery.id == "standard"
    assert world.headline is Headline.PLACING
    world.time_passes()
    assert the_shop_has(world) == ("2 Quay", "bike", 2, TOTAL)
    assert (world.order.customer.address.line1, world.order.delivery.id) == ("2 Quay", "bike")
    assert (world.order.amendment, world.order.customer.wanted_address) == (None, None)
    assert world.told[-3:] == ["change_asked", "change_asked", "amended"]
    assert world.is_settled()


def test_the_sum_that_is_agreed_in_the_end_is_captured() -> None:
    world = a_verified_order()
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    assert the_shop_has(world)[2:] == (1, TOTAL - 1299)
    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL - 1299)
    assert world.told.index("amended") < world.told.index("captured")


def test_what_was_paid_too_much_goes_back_once_the_shop_has_the_change() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    assert world.order.grants == ()
    world.time_passes()
    assert the_shop_has(world)[2:] == (1, TOTAL - 1299)
    assert (world.headline, world.captured, world.order.payment.amount) == (Headline.SETTLED, *[TOTAL - 1299] * 2)
    assert world.told[-3:] == ["amended", "difference_granted", "refunded"]
    assert world.gateway.calls["refund"] == 1


def test_nothing_goes_back_for_a_change_that_the_shop_did_not_write_down() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    assert (world.captured, world.order.grants) == (TOTAL, ())


def test_each_change_gives_its_own_difference_back() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    world.the_customer_changes(FOR_NOTHING)
    world.time_passes()
    assert [(grant.id, grant.amount) for grant in world.order.grants] == [(1, 1299), (2, 495)]
    assert world.captured == world.order.payment.amount == TOTAL - 1299 - 495
    assert world.gateway.calls["refund"] == 2


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_difference_whose_answer_was_lost_goes_back_once(after_effect: bool) -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", OutcomeUnknown("lost"), after_effect)
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    assert (world.captured, world.headline) == (TOTAL - 1299, Headline.SETTLED)


def test_a_change_that_is_asked_for_while_the_money_is_taken_gives_the_difference_back() -> None:
    world = with_offers(an_authorized_order())
    world.meanwhile("gateway", "capture", lambda: world.the_customer_changes(ONE_BOOK), before=True)
    world.time_passes()
    assert (world.captured, world.headline) == (TOTAL - 1299, Headline.SETTLED)
    assert world.told.index("captured") < world.told.index("amended")


def test_what_was_given_back_before_is_not_there_to_give_back_again() -> None:
    world = a_settled_order()
    world.an_agent_gives_back(TOTAL - 1000)
    world.time_passes()
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(ONE_BOOK)
    assert (refused.value.field, refused.value.code) == ("quantities", "given_back")


def test_a_difference_that_an_agent_gave_back_meanwhile_is_not_given_twice() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    world.an_agent_gives_back(1000)
    world.time_passes()
    assert (world.captured, world.headline) == (world.order.payment.amount, Headline.SETTLED)


def test_nothing_dearer_is_offered_once_the_shop_has_it() -> None:
    world = a_verified_order()
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(BY_COURIER)
    assert (refused.value.field, refused.value.code) == ("delivery.id", "costs_more")


def test_while_the_shop_is_away_the_change_stands_as_asked_for() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", TryAgain("away"), times=3)
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert "amended" not in world.told
    assert world.order.customer.address.line1 == "1 Quay"
    world.time_passes()
    assert the_shop_has(world)[0] == "2 Quay"


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_change_whose_answer_was_lost_is_sent_again_when_it_has_had_its_time(after_effect: bool) -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", OutcomeUnknown("lost"), after_effect)
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert world.primary.calls["amend"] == 1
    world.time_passes(timedelta(minutes=1))
    assert world.primary.calls["amend"] == 2
    assert the_shop_has(world)[0] == "2 Quay"
    assert world.is_settled()


def test_what_the_customer_wants_meanwhile_is_what_the_shop_has_in_the_end() -> None:
    world = a_settled_order()
    world.the_customer_changes(BY_BIKE)
    world.meanwhile("primary", "amend", lambda: world.the_customer_changes(ELSEWHERE))
    world.time_passes()
    assert the_shop_has(world) == ("2 Quay", "bike", 2, TOTAL)
    assert world.told[-3:] == ["change_asked", "change_asked", "amended"]


@pytest.mark.parametrize(
    ("code", "hold"),
    [
        ("already_shipped", HoldCode.ALREADY_SHIPPED),
        ("out_of_stock", HoldCode.OUT_OF_STOCK),
        ("slot_gone", HoldCode.PRIMARY_REFUSED),
    ],
)
def test_what_the_shop_will_not_change_has_an_owner_and_stays_visible(code: str, hold: HoldCode) -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused(code))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work(Queue.PLACEMENT)
    assert world.holds == [hold]
    assert world.order.holds[0].owner
    assert world.order.amendment
    assert world.order.amendment.address
    assert world.told[-2:] == ["change_asked", "on_hold"]


def test_a_shop_that_writes_down_something_else_is_caught() -> None:
    world = a_settled_order()
    amend = world.primary.amend

    def half_of_it(order: object, *names: object) -> object:
        amend(order)
        there = world.primary.orders[world.ref]
        return world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, line1="1 Quay")))

    world.primary.amend = half_of_it
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert world.holds == [HoldCode.MISMATCH]
    assert world.order.holds[0].detail == "address: not as agreed (line1)"
    assert "amended" not in world.told


def test_a_shop_that_takes_no_changes_is_not_asked() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert (world.primary.calls["amend"], world.holds) == (0, [HoldCode.BY_HAND])


def test_a_change_that_a_person_made_in_the_shop_is_done_when_it_reads_back() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.time_passes(timedelta(minutes=1))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes(timedelta(minutes=1))
    assert world.holds == [HoldCode.BY_HAND]
    there = world.primary.orders[world.ref]
    world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, line1="2 Quay")))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes()
    assert of_changes(world) == [NoticeKind.CHANGED]
    assert world.is_settled()
    assert world.primary.calls["amend"] == 0


def test_a_change_that_no_shop_heard_of_can_be_taken_back() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.time_passes(timedelta(minutes=1))
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert world.is_settled()
    assert world.holds == []


def test_who_waits_for_a_change_by_hand_may_still_cancel() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.time_passes(timedelta(minutes=1))
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()


# --- how the customer is reached


def the_shop_writes_to(world: World) -> tuple[str | None, str | None]:
    there = world.primary.orders[world.ref]
    return there.email, there.phone


def test_their_new_address_counts_at_once_and_reaches_the_shop() -> None:
    world = a_settled_order()
    world.the_customer_changes(NEW_MAIL)
    assert world.order.customer.email == "murdoch@example.org"
    assert the_shop_writes_to(world)[0] == "iris@example.org"
    world.time_passes()
    assert the_shop_writes_to(world) == ("murdoch@example.org", "+44 1482 000 111")
    assert world.told[-2:] == ["changed", "contact_there"]
    assert world.is_settled()
    assert of_changes(world) == []


def test_a_shop_that_can_just_this_hears_of_it() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"amend", "contact"})
    world.the_customer_changes(NEW_MAIL)
    world.time_passes()
    assert the_shop_writes_to(world)[0] == "murdoch@example.org"


@pytest.mark.parametrize("can", [{"amend", "cancel"}, {"cancel", "contact"}])
def test_a_shop_that_cannot_hear_of_it_keeps_what_it_had_and_nothing_stops(can: set[str]) -> None:
    world = a_settled_order()
    world.primary.can = frozenset(can)
    world.the_customer_changes(NEW_MAIL)
    world.time_passes()
    assert the_shop_writes_to(world)[0] == "iris@example.org"
    assert world.order.customer.email == "murdoch@example.org"
    assert (world.told[-1], world.primary.calls["amend"], world.holds) == ("contact_kept_here", 0, [])
    assert world.is_settled()


def test_goods_that_have_left_do_not_keep_our_mails_from_them() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(NEW_MAIL)
    world.time_passes()
    assert (world.told[-1], world.holds) == ("contact_kept_here", [])
    assert world.order.customer.email == "murdoch@example.org"


def test_a_shop_that_has_another_address_after_all_is_caught() -> None:
    world = a_settled_order()
    world.primary.amend = lambda *_: None
    world.the_customer_changes(NEW_MAIL)
    world.time_passes(timedelta(minutes=5))
    assert world.holds == [HoldCode.MISMATCH]
    assert world.order.holds[0].detail == "contact: not as agreed (email)"


def test_it_may_change_while_the_order_is_on_its_way_to_the_shop() -> None:
    world = with_offers(an_authorized_order())
    world.meanwhile("primary", "place", lambda: world.the_customer_changes(NEW_MAIL))
    world.time_passes()
    assert the_shop_writes_to(world)[0] == "murdoch@example.org"
    assert world.is_settled()


def test_it_may_change_when_the_purchase_is_undone() -> None:
    world = a_settled_order()
    world.the_customer_cancels()
    world.time_passes()
    world.the_customer_changes(NEW_MAIL)
    assert world.order.customer.email == "murdoch@example.org"
    assert (world.order.amendment, world.headline) == (None, Headline.REFUNDED)


def test_with_another_change_it_goes_to_the_shop_together() -> None:
    world = a_settled_order()
    world.the_customer_changes(replace(NEW_MAIL, shipping_address=ELSEWHERE.shipping_address))
    world.time_passes()
    assert the_shop_has(world)[0] == "2 Quay"
    assert the_shop_writes_to(world)[0] == "murdoch@example.org"
    assert (world.primary.calls["amend"], of_changes(world)) == (1, [NoticeKind.CHANGED])


def test_a_change_that_is_taken_back_leaves_their_new_address() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("out_of_stock"))
    world.the_customer_changes(replace(NEW_MAIL, shipping_address=ELSEWHERE.shipping_address))
    world.shifts_work()
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert (the_shop_has(world)[0], the_shop_writes_to(world)[0]) == ("1 Quay", "murdoch@example.org")
    assert of_changes(world) == [NoticeKind.NOT_CHANGED]
    assert world.is_settled()


# --- the customer is told


def of_changes(world: World) -> list[NoticeKind]:
    return [kind for kind in world.mails if kind in (NoticeKind.CHANGED, NoticeKind.NOT_CHANGED)]


def test_the_customer_is_told_once_when_the_shop_has_their_change_and_not_before() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", TryAgain("away"))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert of_changes(world) == []
    world.time_passes()
    assert of_changes(world) == [NoticeKind.CHANGED]


def test_what_the_shop_wrote_down_otherwise_is_not_told_as_done() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert of_changes(world) == []


def test_who_gave_up_the_purchase_is_not_told_of_its_change() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work(Queue.PLACEMENT)
    world.the_customer_cancels()
    world.time_passes()
    assert of_changes(world) == []


def test_who_takes_their_own_change_back_needs_no_mail() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert (of_changes(world), world.headline) == ([], Headline.SETTLED)


# --- taken back


def test_a_change_that_cannot_be_had_is_taken_back_and_the_order_is_as_it_was() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert (world.order.amendment, world.holds) == (None, [])
    assert world.order.customer.wanted_address is None
    assert world.told[-2:] == ["change_taken_back", "verified"]
    assert of_changes(world) == [NoticeKind.NOT_CHANGED]
    assert world.is_settled()


def test_a_change_that_is_taken_back_too_late_is_a_mismatch_for_a_person() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", OutcomeUnknown("lost"), after_effect=True)
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.time_passes(timedelta(minutes=5))
    assert world.holds == [HoldCode.MISMATCH]


def test_what_a_person_lets_stand_of_a_change_is_done_and_holds_no_more() -> None:
    world = a_settled_order()
    amend = world.primary.amend

    def half_of_it(order: object, *names: object) -> object:
        amend(order)
        there = world.primary.orders[world.ref]
        return world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, city="HULL")))

    world.primary.amend = half_of_it
    elsewhere = ShippingAddress("2 Quay", "Hull upon Humber", "HU1 1AA", country="GB")
    world.the_customer_changes(ChangeOrder(shipping_address=elsewhere))
    world.shifts_work()
    assert world.order.holds[0].detail == "address: not as agreed (city)"
    release_hold(world.container, world.ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.is_settled(), "amended" in world.told) == ([], True, True)

    world.the_customer_changes(ChangeOrder(shipping_address=replace(elsewhere, city="Leeds")))
    world.shifts_work()
    assert world.holds == [HoldCode.MISMATCH]


# --- who else acts


def test_the_customer_cancels_instead() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    assert world.order.amendment is None
    with pytest.raises(NotAllowedNow):
        world.the_customer_changes(BY_BIKE)


def test_who_changes_what_another_has_changed_is_told() -> None:
    world = a_settled_order()
    seen = len(world.ledger.timeline(world.ref))
    world.the_customer_changes(ELSEWHERE)
    with pytest.raises(Late) as late:
        change_order(world.container, world.ref, BY_BIKE, "Ann", seen)
    assert [(event.who, event.what) for event in late.value.events] == [("customer", "change_asked")]


def test_the_same_again_writes_nothing() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    asked = world.order
    assert world.the_customer_changes(ELSEWHERE) == asked == world.order


def test_what_a_person_says_of_a_change_is_in_the_mail_about_it_and_else_nothing() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE, sentence="As you asked on the phone.")
    world.time_passes()
    world.the_customer_changes(ChangeOrder(shipping_address=ShippingAddress("3 Quay", "Hull", "HU1 1AA", country="GB")))
    world.time_passes()
    said, nothing = (notice.said for notice in world.order.notices if notice.kind is NoticeKind.CHANGED)
    assert read(world.order, said) == "As you asked on the phone."
    assert nothing == 0
