"""Actions besides buying: each adds a line to the timeline with its author and its text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.order import Event, NoticeKind, Order
from fallback.domain.order.ratings import Part
from fallback.domain.order.texts_by_people import read
from fallback.domain.support.accounts import Person, Role
from fallback.domain.support.claims import Claim
from fallback.domain.support.handovers import Packet
from fallback.domain.support.questions import CallBack
from fallback.usecases.order.reject_order import reject_order
from fallback.usecases.payment.send_payment_link import send_payment_link
from fallback.usecases.support.accept_handover import accept_handover
from fallback.usecases.support.add_note import add_note
from fallback.usecases.support.answer_question import answer_question
from fallback.usecases.support.arrange_callback import arrange_callback
from fallback.usecases.support.ask_question import ask_question
from fallback.usecases.support.assign_owner import assign_owner
from fallback.usecases.support.close_callback import close_callback
from fallback.usecases.support.hand_over import hand_over
from fallback.usecases.support.rate_help import rate_help
from fallback.usecases.support.take_over import take_over
from tests.builders import NOW
from tests.fakes.claims import FakeClaims
from tests.fakes.gateway import VISA
from tests.usecases.world import World, an_authorized_order, an_order_with, only_the_payment

Act = Callable[[World], Order]
LATER = NOW + timedelta(hours=2)
AHEAD = 10**13  # of any clock: a fence only grows


def seen(world: World) -> int:
    return len(world.ledger.timeline(world.ref))


def last(world: World, who: str) -> Event:
    """The last line that this person wrote."""
    return next(event for event in reversed(world.ledger.timeline(world.ref)) if event.who == who)


def asks(world: World, call_back: CallBack | None = None) -> Order:
    return ask_question(world.container, world.ref, "Where are my books?", call_back)


def arranges(world: World) -> Order:
    return arrange_callback(world.container, world.ref, "+44 1482 300300", LATER, "Mara", seen(world))


def hands_over(world: World) -> Order:
    world.duty.begin(Person("Otto", Role.AGENT), NOW)
    return hand_over(world.container, world.ref, Packet("Otto", "Where are my books?"), "Mara", seen(world))


SAYS: dict[str, tuple[str, Act]] = {
    "noted": ("The customer rang.", lambda world: add_note(world.container, world.ref, "The customer rang.", "Mara")),
    "answered": (
        "On their way.",
        lambda world: asks(world) and answer_question(world.container, world.ref, "On their way.", "Mara", seen(world)),
    ),
    "called": (
        "All is well.",
        lambda world: (
            arranges(world) and close_callback(world.container, world.ref, "All is well.", "Mara", seen(world))
        ),
    ),
    "handed_over": ("Where are my books?", hands_over),
    "taken_over": (
        "Otto is ill.",
        lambda world: take_over(world.container, world.ref, "Otto is ill.", "Mara", seen(world)),
    ),
    "cancel_asked": (
        "Sold out.",
        lambda world: reject_order(world.container, world.ref, "Sold out.", "", "Mara", seen(world)),
    ),
    "payment_link_sent": (
        "Please try again.",
        lambda world: send_payment_link(world.container, world.ref, "Please try again.", "Mara", seen(world)),
    ),
}


@pytest.fixture
def world() -> World:
    """An order that waits for its card."""
    world = an_order_with(None)
    only_the_payment(world)
    world.container.claims = FakeClaims()
    return world


@pytest.mark.parametrize("what", SAYS)
def test_what_a_person_says_is_named_by_the_line_and_kept_apart_from_it(world: World, what: str) -> None:
    words, act = SAYS[what]
    act(world)
    line = last(world, "Mara")
    assert line.what == what
    assert read(world.order, int(line.data["said"])) == words


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("note", lambda world: add_note(world.container, world.ref, " ", "Mara")),
        ("reason", lambda world: take_over(world.container, world.ref, " ", "Mara", seen(world))),
        ("reason", lambda world: reject_order(world.container, world.ref, " ", "", "Mara", seen(world))),
        ("sentence", lambda world: reject_order(world.container, world.ref, "x", "x" * 2001, "Mara", seen(world))),
        ("sentence", lambda world: send_payment_link(world.container, world.ref, "x" * 2001, "Mara", seen(world))),
    ],
)
def test_what_cannot_be_kept_is_refused_by_the_name_of_its_field(world: World, field: str, act: Act) -> None:
    with pytest.raises(Invalid) as refused:
        act(world)
    assert refused.value.field == field


# --- who looks after it


def test_who_takes_an_order_is_its_owner_and_a_hand_over_goes_no_further(world: World) -> None:
    hands_over(world)
    order = assign_owner(world.container, world.ref, "Mara", seen(world))
    assert (order.owner, order.handover) == ("Mara", None)
    assert (last(world, "Mara").what, last(world, "Mara").data) == ("owner_given", {"owner": "Mara"})


def test_assigning_an_order_to_its_owner_again_writes_nothing(world: World) -> None:
    assign_owner(world.container, world.ref, "Mara", seen(world))
    before = seen(world)
    assign_owner(world.container, world.ref, "Mara", before)
    assert seen(world) == before


def test_an_agent_may_take_an_order_over_from_its_owner(world: World) -> None:
    assign_owner(world.container, world.ref, "Mara", seen(world))
    assert assign_owner(world.container, world.ref, "Otto", seen(world)).owner == "Otto"


def test_an_order_that_is_over_cannot_be_assigned(world: World) -> None:
    world.the_customer_cancels()
    world.time_passes()
    with pytest.raises(NotAllowedNow) as refused:
        assign_owner(world.container, world.ref, "Mara", seen(world))
    assert (refused.value.state, refused.value.event) == ("over", "own")


def test_a_hand_over_is_accepted_by_whom_it_goes_to(world: World) -> None:
    hands_over(world)
    order = accept_handover(world.container, world.ref, "Otto", seen(world))
    assert (order.owner, order.handover) == ("Otto", None)
    assert last(world, "Otto").what == "handover_accepted"


def test_taking_over_an_order_also_takes_the_claim(world: World) -> None:
    world.container.claims.change(world.ref, lambda _: Claim("Otto", AHEAD, world.now + timedelta(minutes=1)))
    take_over(world.container, world.ref, "Otto is ill.", "Mara", seen(world))
    claim = world.container.claims.current(world.ref)
    assert claim
    assert (claim.holder, claim.fence) == ("Mara", AHEAD + 1)


# --- calls


def test_a_call_is_arranged_with_its_number_and_its_time(world: World) -> None:
    callback = arranges(world).callback
    assert callback
    assert (read(world.order, callback.said), callback.at) == ("+44 1482 300300", LATER)
    close_callback(world.container, world.ref, "All is well.", "Mara", seen(world))
    assert world.order.callback is None


def test_who_asks_may_ask_to_be_called(world: World) -> None:
    callback = asks(world, CallBack("+44 1482 300300")).callback
    assert callback
    assert read(world.order, callback.said) == "+44 1482 300300"
    assert asks(an_authorized_order()).callback is None


# --- the customer's word on it


def test_a_rating_stands_with_the_order_and_the_same_once_more_changes_nothing(world: World) -> None:
    for _ in range(2):
        order = rate_help(world.container, world.ref, Part.POLICY, False)
    assert (order.rated.policy, order.rated.help) == (0, None)
    rated = [event for event in world.ledger.timeline(world.ref) if event.what == "rated"]
    assert [(event.who, event.data) for event in rated] == [("customer", {"part": "policy", "good": 0})]
    assert rate_help(world.container, world.ref, Part.POLICY, True).rated.policy == 1


# --- rejecting, and asking for a card


def test_what_is_rejected_is_undone_and_the_customer_reads_the_sentence() -> None:
    world = an_authorized_order()
    order = reject_order(world.container, world.ref, "Sold out.", "We are sorry.", "Mara", seen(world))
    assert read(order, order.last_word) == "We are sorry."
    world.time_passes()
    assert world.is_undone()
    assert NoticeKind.CANCELLED in world.mails


def test_a_cancelled_order_cannot_be_rejected(world: World) -> None:
    world.the_customer_cancels()
    with pytest.raises(NotAllowedNow) as refused:
        reject_order(world.container, world.ref, "Sold out.", "", "Mara", seen(world))
    assert (refused.value.state, refused.value.event) == ("undone", "reject")


def test_a_payment_link_is_sent_once_more_with_or_without_a_sentence(world: World) -> None:
    send_payment_link(world.container, world.ref, "", "Mara", seen(world))
    assert last(world, "Mara").data == {}
    send_payment_link(world.container, world.ref, "Please try again.", "Mara", seen(world))
    assert [notice.said for notice in world.order.notices if notice.kind is NoticeKind.PAYMENT_NEEDED][-1] == 1


def test_who_owes_nothing_is_sent_no_payment_link() -> None:
    world = an_order_with(VISA)
    only_the_payment(world)
    with pytest.raises(NotAllowedNow) as refused:
        send_payment_link(world.container, world.ref, "", "Mara", seen(world))
    assert (refused.value.state, refused.value.event) == ("authorized", "send_payment_link")


def test_nobody_may_say_anything_once_the_customer_is_forgotten(world: World) -> None:
    world.ledger.commit(world.order, replace(world.order, customer=None), [])
    with pytest.raises(NotAllowedNow):
        add_note(world.container, world.ref, "The customer rang.", "Mara")
