"""The owner of an order on hold gets one mail for each hold, at once, and so does the next owner."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import next_word_by
from fallback.domain.order.order import NoticeKind, NoticeState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.support.accounts import Account, Person
from fallback.domain.support.handovers import Packet
from fallback.usecases.order.send_notice import send_notice
from fallback.usecases.support.accept_handover import accept_handover
from fallback.usecases.support.assign_owner import assign_owner
from fallback.usecases.support.hand_over import hand_over
from fallback.usecases.support.keep_promise import keep_promise
from tests.usecases.payment.refunding import ABOVE, ADA, LEA, MARA, OTTO, a_settled_order, decides, gives
from tests.usecases.world import Crash, World, an_authorized_order

SOON = timedelta(minutes=1)


def on_duty(world: World, *people: Person, email: bool = True) -> World:
    for person in people:
        world.people.add(Account(person.name, person.role, email=f"{person.name}@shop.example" if email else None))
        world.duty.begin(person, world.clock())
    return world


def a_refund_asked(*there: Person) -> World:
    """An agent asks for more than agents may give; nobody has looked at it yet."""
    world = on_duty(a_settled_order(), *there)
    gives(world, MARA, amount=ABOVE)
    return world


def on_hold(world: World, code: HoldCode = HoldCode.MISMATCH) -> World:
    held = put_on_hold(world.order, code, world.clock(), "checkout desk")
    world.ledger.commit(world.order, held.order, held.events)
    return world


def told(world: World) -> list[str]:
    """Who was written to, by name."""
    return [address.partition("@")[0] for ref, address in world.mailer.told if ref == world.ref]


def state(world: World) -> NoticeState:
    return [notice for notice in world.order.notices if notice.kind is NoticeKind.OWNER][-1].state


# --- who is written to, of what


def test_a_refund_above_an_agents_limit_is_in_a_leads_mail_within_seconds() -> None:
    world = a_refund_asked(OTTO, LEA)
    world.time_passes(SOON, Queue.NOTICE)
    assert (world.order.owner, world.mailer.told) == ("lea", [(world.ref, "lea@shop.example")])
    assert world.ledger.timeline(world.ref)[-1].data == {"kind": "owner", "owner": "lea"}


@pytest.mark.parametrize("code", sorted(set(HoldCode) - {HoldCode.REFUND_ASKED}))
def test_every_hold_writes_to_its_owner(code: HoldCode) -> None:
    world = on_hold(on_duty(an_authorized_order(), OTTO), code)
    world.time_passes(SOON, Queue.NOTICE)
    assert told(world) == ["otto"]


def test_an_escalation_writes_to_the_new_owner() -> None:
    world = a_refund_asked(LEA, ADA)
    world.time_passes(SOON, Queue.NOTICE)
    first = world.order.owner
    world.time_passes(next_word_by(world.order) - world.now, Queue.NOTICE)
    assert "escalated" in world.told
    assert told(world) == [first, world.order.owner]
    assert first != world.order.owner


def test_who_has_it_is_told_of_the_next_hold_too_and_of_each_once() -> None:
    world = on_hold(on_duty(an_authorized_order(), OTTO))
    world.time_passes(SOON, Queue.NOTICE)
    on_hold(world, HoldCode.PAYMENT_DOUBTED)
    world.time_passes(SOON, Queue.NOTICE)
    assert (world.order.owner, told(world)) == ("otto", ["otto", "otto"])
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert len(told(world)) == 2


def test_a_second_request_is_written_of_though_the_same_lead_has_the_first() -> None:
    world = on_duty(a_settled_order(), LEA)
    gives(world, MARA, amount=1_501)
    world.time_passes(SOON, Queue.NOTICE)
    gives(world, OTTO, amount=1_501)
    world.time_passes(SOON, Queue.NOTICE)
    assert told(world) == ["lea", "lea"]


def test_an_agent_who_takes_an_order_gets_no_mail_about_it() -> None:
    world = on_hold(on_duty(an_authorized_order(), OTTO))
    assign_owner(world.container, world.ref, "lea", len(world.ledger.timeline(world.ref)))
    world.time_passes(SOON, Queue.NOTICE)
    assert (world.order.owner, told(world)) == ("lea", [])


def test_a_team_and_the_desk_have_their_list() -> None:
    world = on_hold(an_authorized_order())
    world.time_passes(timedelta(hours=9), Queue.NOTICE)
    assert (world.order.owner, told(world)) == ("checkout desk", [])
    assert NoticeKind.OWNER not in [notice.kind for notice in world.order.notices]


def test_who_is_asked_for_the_customer_is_told_when_the_customer_does_not_answer() -> None:
    world = on_duty(an_authorized_order(), OTTO)
    rival = put_on_hold(world.order, HoldCode.POSSIBLE_RIVAL, world.clock(), "customer")
    world.ledger.commit(world.order, rival.order, rival.events)
    world.time_passes(SOON, Queue.NOTICE)
    assert told(world) == []
    world.time_passes(timedelta(hours=5), Queue.NOTICE)
    assert told(world) == ["otto"]


def test_an_order_that_only_waits_for_the_shop_fills_nobodys_mailbox() -> None:
    world = on_duty(an_authorized_order(), OTTO)
    world.time_passes(timedelta(hours=9), Queue.PAYMENT, Queue.NOTICE)
    assert (world.order.owner, told(world)) == ("otto", [])


# --- a hand-over


def a_handover(to: str) -> World:
    world = on_duty(an_authorized_order(), OTTO, LEA)
    packet = Packet(to=to, asked="Where is my parcel?")
    hand_over(world.container, world.ref, packet, "mara", len(world.ledger.timeline(world.ref)))
    return world


def test_an_order_that_is_handed_to_a_person_is_in_their_mail() -> None:
    world = a_handover("otto")
    world.time_passes(SOON, Queue.NOTICE)
    assert (world.order.owner, told(world)) == ("mara", ["otto"])
    accept_handover(world.container, world.ref, "otto", len(world.ledger.timeline(world.ref)))
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert (world.order.owner, told(world)) == ("otto", ["otto"])


def test_one_that_nobody_accepts_in_time_is_not_written_of_later() -> None:
    world = a_handover("otto")
    for _ in range(30):
        world.mailer.fail_next("asked", TryAgain("away"))
    world.time_passes(timedelta(hours=2), Queue.NOTICE)
    assert "handover_returned" in world.told
    assert "otto" not in told(world)


def test_one_that_goes_to_the_desk_is_in_nobodys_mail() -> None:
    world = a_handover("checkout desk")
    world.time_passes(SOON, Queue.NOTICE)
    assert told(world) == []


# --- the mail server


def test_a_mail_server_that_is_away_delays_the_mail_and_nothing_else() -> None:
    world = a_refund_asked(LEA)
    for _ in range(3):
        world.mailer.fail_next("asked", TryAgain("away"))
    world.shifts_work(Queue.NOTICE)
    assert (world.order.owner, told(world), state(world)) == ("lea", [], NoticeState.QUEUED)
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert (told(world), state(world)) == (["lea"], NoticeState.SENT)


def test_no_mail_asks_for_a_decision_that_was_made_meanwhile() -> None:
    world = a_refund_asked(LEA)
    world.mailer.fail_next("asked", TryAgain("away"))
    world.shifts_work(Queue.NOTICE)
    decides(world, LEA, agreed=False)
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert (told(world), state(world)) == ([], NoticeState.DROPPED)


def test_a_delayed_mail_to_the_owner_covers_later_holds() -> None:
    world = on_hold(on_duty(an_authorized_order(), OTTO))
    world.mailer.fail_next("asked", TryAgain("away"))
    world.shifts_work(Queue.NOTICE)
    on_hold(world, HoldCode.PAYMENT_DOUBTED)
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert told(world) == ["otto"]


def test_a_mail_that_is_refused_puts_nobody_on_hold_and_it_goes_up_in_time() -> None:
    world = a_refund_asked(LEA, ADA)
    world.mailer.fail_next("asked", Refused("550"))
    world.time_passes(SOON, Queue.NOTICE)
    first = world.order.owner
    assert (world.holds, state(world)) == ([HoldCode.REFUND_ASKED], NoticeState.FAILED)
    assert world.ledger.timeline(world.ref)[-1].data == {"kind": "owner", "owner": first, "why": "550"}
    world.time_passes(timedelta(hours=9), Queue.NOTICE)
    assert told(world) == [world.order.owner]


# --- whom no mail reaches


def test_without_an_address_nobody_is_written_to_and_the_timeline_says_so() -> None:
    world = on_duty(a_settled_order(), LEA, email=False)
    gives(world, MARA, amount=ABOVE)
    world.time_passes(SOON, Queue.NOTICE)
    assert (world.order.owner, told(world), state(world)) == ("lea", [], NoticeState.FAILED)
    assert world.ledger.timeline(world.ref)[-1].data["why"] == "no_email"


def test_an_account_that_was_disabled_gets_nothing() -> None:
    world = a_refund_asked(LEA)
    world.people.change("lea", lambda account: replace(account, disabled=True))
    world.time_passes(SOON, Queue.NOTICE)
    assert (told(world), world.ledger.timeline(world.ref)[-1].data["why"]) == ([], "account_disabled")


# --- crashes


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_an_owner_is_assigned_sends_one_mail(after: bool) -> None:
    world = a_refund_asked(LEA)
    world.ledger.fail_next("commit", Crash(), after_effect=after)
    with pytest.raises(Crash):
        keep_promise(world.container, world.order)
    world.restart()
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert told(world) == ["lea"]


@pytest.mark.parametrize(
    ("point", "sent", "state_then"),
    [("asked", 1, NoticeState.SENT), ("agreed", 0, NoticeState.UNKNOWN), ("taken", 1, NoticeState.UNKNOWN)],
)
def test_whoever_dies_while_it_goes_out_never_writes_twice(point: str, sent: int, state_then: NoticeState) -> None:
    world = a_refund_asked(LEA)
    keep_promise(world.container, world.order)
    world.mailer.fail_next(point, Crash())
    with pytest.raises(Crash):
        send_notice(world.container, world.order)
    world.restart()
    world.time_passes(PATIENCE + timedelta(minutes=1), Queue.NOTICE)
    assert (told(world), state(world)) == (["lea"] * sent, state_then)


def test_an_answer_that_was_lost_is_not_asked_for_twice() -> None:
    world = a_refund_asked(LEA)
    world.mailer.fail_next("taken", OutcomeUnknown("gone"))
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert (told(world), state(world)) == (["lea"], NoticeState.UNKNOWN)
