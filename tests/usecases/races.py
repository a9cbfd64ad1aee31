"""Two who act on one order at the same moment: who does what, from where, and in which of many orders it happens.

A new use case joins as one line of ACTS; a new place to start from as one line of STARTS.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random
from threading import Semaphore, local
from typing import Any, NamedTuple

from fallback.domain.acting import Late
from fallback.domain.errors import Conflict, FallbackError, NotAllowedNow
from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import PATIENCE
from fallback.domain.order import Order, Queue
from fallback.domain.ports import IntentState
from fallback.domain.wishes import ChangeOrder, ShippingAddress
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.fakes.primary import NotForSale
from tests.usecases.points import WATCHED
from tests.usecases.world import World

TOLD = (Late, NotAllowedNow, Conflict)
CALLS = WATCHED | {"ledger": ("load", "timeline", *WATCHED["ledger"])}
# Of so many turns one finds its process asleep for longer than others wait for it.
ONE_SLEEP_IN = 40
MARA = "mara"
ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", "GB"))


class Page(NamedTuple):
    """What the page showed on which somebody decided: the order, and how many lines of its timeline."""

    order: Order
    seen: int


class Act(NamedTuple):
    """`stays`: what must be true in the end if nobody told her that it was not done."""

    does: Callable[[World, Page], object]
    stays: Callable[[World], bool] = lambda _: True


# --- who does what


def cancels(who: str) -> Act:
    return Act(lambda world, _: world.container.cancel_order(world.ref, who), lambda world: world.is_undone())


def changes_the_address(world: World, page: Page) -> None:
    world.container.change_order(world.ref, page.order.version, ELSEWHERE, "customer")


def releases_the_hold(world: World, _: Page) -> None:
    for hold in world.order.holds:
        world.container.release_hold(world.ref, hold.code, MARA)


def stripe_tells(world: World, page: Page) -> None:
    if page.order.payment.intent:
        world.stripe_says("payment_intent.amount_capturable_updated", intent_id=page.order.payment.intent)


def makes_the_step(queue: Queue) -> Act:
    def step(world: World, _: Page) -> None:
        with suppress(Conflict):
            world.make_step(queue, world.ref)

    return Act(step)


ACTS = {
    "customer cancels": cancels("customer"),
    "customer gives a card": Act(lambda world, _: world.she_gives(), lambda world: "card_given" in world.told),
    "customer changes the address": Act(
        changes_the_address, lambda world: world.order.customer.address.line1 == "2 Quay"
    ),
    "customer comes back from her bank": Act(lambda world, _: world.she_comes_back()),
    "agent cancels": cancels(MARA),
    "agent releases the hold": Act(releases_the_hold, lambda world: HoldCode.OUT_OF_STOCK not in world.holds),
    "worker works on the payment": makes_the_step(Queue.PAYMENT),
    "worker works on the placement": makes_the_step(Queue.PLACEMENT),
    "worker sends a mail": makes_the_step(Queue.NOTICE),
    "webhook comes": Act(stripe_tells),
}


# --- where they start from


def ordered(card: str | None, *queues: Queue) -> Callable[[], World]:
    """After a customer has ordered and these queues have done their work."""

    def start() -> World:
        world = World()
        world.a_customer_orders(card)
        if queues:
            world.time_passes(timedelta(minutes=1), *queues)
        return world

    return start


def her_bank_has_agreed() -> World:
    world = ordered(THREE_D_SECURE, Queue.PAYMENT)()
    assert world.gateway.intents[world.intent_id].state is IntentState.NEEDS_CUSTOMER
    world.her_bank_asks_and_she(passes=True)
    return world


def out_of_stock() -> World:
    world = ordered(VISA, Queue.PAYMENT)()
    world.primary.fail_next("place", NotForSale("out_of_stock", [{"sku": "BK-1", "available": 0}]))
    world.time_passes(timedelta(minutes=1))
    assert world.holds == [HoldCode.OUT_OF_STOCK]
    return world


STARTS = {
    "just ordered": ordered(VISA),
    "to be paid later": ordered(None),
    "her bank has agreed": her_bank_has_agreed,
    "set aside": ordered(VISA, Queue.PAYMENT),
    "on hold": out_of_stock,
    "settled": ordered(VISA, *Queue),
}


# --- in which order it happens


class Race:
    """Runs acts side by side, one at a time: before and after each call to the outside chance says who goes on."""

    def __init__(self, world: World, seed: int) -> None:
        self.trace: list[str] = []
        self._world = world
        self._chance = Random(seed)
        self._turns: dict[int, Semaphore] = {}
        self._me = local()
        for port, calls in CALLS.items():
            for call in calls:
                self._watch(port, call)

    def run(self, *names: str) -> list[FallbackError | None]:
        """What each was told; None for what was done. All saw the same page before."""
        page = Page(self._world.order, len(self._world.ledger.timeline(self._world.ref)))
        self._turns = {number: Semaphore(0) for number in range(len(names))}
        with ThreadPoolExecutor(len(names)) as threads:
            acting = [threads.submit(self._act, number, name, page) for number, name in enumerate(names)]
            self._go_on()
        return [act.result() for act in acting]

    def _act(self, number: int, name: str, page: Page) -> FallbackError | None:
        self._me.number = number
        self._turns[number].acquire()
        try:
            ACTS[name].does(self._world, page)
        except TOLD as told:
            return told
        finally:
            del self._turns[number]
            self._go_on()
        return None

    def _go_on(self) -> None:
        if self._turns:
            self._turns[self._chance.choice(list(self._turns))].release()

    def _watch(self, port: str, call: str) -> None:
        make: Callable[..., Any] = getattr(getattr(self._world, port), call)

        def watched(*arguments: Any, **named: Any) -> Any:
            self._turn(f"{port}.{call}")
            try:
                return make(*arguments, **named)
            finally:
                self._turn(f"{port}.{call} came back")

        setattr(getattr(self._world, port), call, watched)

    def _turn(self, where: str) -> None:
        """Only what happens in the race waits for its turn, not what comes before and after."""
        if not self._turns:
            return
        self.trace.append(f"{self._me.number}: {where}")
        if self._chance.randrange(ONE_SLEEP_IN) == 0:
            self._world.now += 2 * PATIENCE
        turn = self._turns[self._me.number]
        self._go_on()
        turn.acquire()
