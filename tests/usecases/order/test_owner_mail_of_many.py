"""Many orders of one owner: a few mails, and one summary of the rest."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.errors import TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Queue
from fallback.domain.support.handovers import Packet
from fallback.domain.support.mail_limit import MOST, WITHIN
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.support.hand_over import hand_over
from tests.usecases.order.test_owner_mail import SOON, on_duty, on_hold
from tests.usecases.payment.refunding import MARA, OTTO
from tests.usecases.world import World, an_authorized_order


def many_on_hold(world: World, count: int) -> list[str]:
    """Orders that the shop loses at once. Returns their refs, the first that waits for a summary last."""
    refs = []
    for number in range(count):
        world.a_customer_orders(cart_id=f"basket-{number}", key=f"key-{number}")
        on_hold(world)
        refs.append(world.ref)
    world.time_passes(SOON, Queue.NOTICE)
    return refs


def written_to(world: World) -> tuple[int, list[int]]:
    """How many mails about one order there were, and of how many orders each summary was."""
    return len(world.mailer.told), [len(refs) for _, refs in world.mailer.summaries]


def test_of_many_orders_at_once_the_owner_reads_a_few_mails_and_one_list() -> None:
    world = on_duty(World(), OTTO)
    refs = many_on_hold(world, 40)
    assert written_to(world) == (MOST, [])
    world.time_passes(WITHIN, Queue.NOTICE)
    assert written_to(world) == (MOST, [40])
    [(address, listed)] = world.mailer.summaries
    assert (address, sorted(listed)) == ("otto@shop.example", sorted(refs))
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert written_to(world) == (MOST, [40])


def test_each_owner_has_their_own_mails() -> None:
    world = on_duty(World(), OTTO, MARA)
    many_on_hold(world, 2 * MOST)
    assert written_to(world) == (2 * MOST, [])


def test_the_list_has_what_is_on_hold_when_it_is_sent() -> None:
    world = on_duty(World(), OTTO)
    refs = many_on_hold(world, MOST + 2)
    for ref in refs[-2:]:
        release_hold(world.container, ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(WITHIN, Queue.NOTICE)
    assert written_to(world) == (MOST, [MOST])


def test_a_list_of_one_is_a_mail_about_that_order() -> None:
    world = on_duty(World(), OTTO)
    *others, last, kept = many_on_hold(world, MOST + 2)
    for ref in (*others, last):
        release_hold(world.container, ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(WITHIN, Queue.NOTICE)
    assert written_to(world) == (MOST + 1, [])
    assert world.mailer.told[-1] == (kept, "otto@shop.example")


def test_no_list_is_sent_of_nothing() -> None:
    world = on_duty(World(), OTTO)
    for ref in many_on_hold(world, MOST + 1):
        release_hold(world.container, ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(WITHIN, Queue.NOTICE)
    assert written_to(world) == (MOST, [])


def test_a_list_that_the_mail_server_did_not_take_is_sent_later_once() -> None:
    world = on_duty(World(), OTTO)
    many_on_hold(world, MOST + 3)
    world.mailer.fail_next("asked", TryAgain("busy"))
    world.time_passes(2 * WITHIN, Queue.NOTICE)
    assert written_to(world) == (MOST, [MOST + 3])


def test_tries_at_a_server_that_is_away_are_not_counted_as_mails() -> None:
    world = on_hold(on_duty(an_authorized_order(), OTTO))
    for _ in range(MOST + 1):
        world.mailer.fail_next("asked", TryAgain("busy"))
    world.time_passes(timedelta(hours=2), Queue.NOTICE)
    assert written_to(world) == (1, [])


def test_a_hand_over_is_never_kept_for_a_list() -> None:
    world = on_duty(World(), OTTO)
    many_on_hold(world, MOST + 1)
    world.a_customer_orders(cart_id="another", key="another")
    hand_over(world.container, world.ref, Packet(to="otto", asked="?"), "mara", len(world.ledger.timeline(world.ref)))
    world.time_passes(SOON, Queue.NOTICE)
    assert written_to(world) == (MOST + 1, [])
