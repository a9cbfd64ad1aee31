"""Give the ledger the orders that the journal kept while it was away. Repeating it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from msgspec import structs

from fallback.domain.checkout.journal import CancelAsked, Entry, Journal, SecondRefs, Taken
from fallback.domain.errors import AlreadyDone, NotAllowedNow, RefTaken, TooMuch, UnknownOrder
from fallback.domain.order.concern import lost
from fallback.domain.order.exposure import NO_LIMITS
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order, PlacementState, Queue
from fallback.domain.order.record import record
from fallback.domain.order.refs import new_ref
from fallback.domain.payment.refunds import is_given_back
from fallback.domain.placement import placement
from fallback.runtime.logs import get_logger
from fallback.usecases.deps import OrderDeps

log = get_logger()


class Deps(OrderDeps, Protocol):
    """`ring`: wakes the workers of a queue."""

    @property
    def journal(self) -> Journal | None: ...

    @property
    def second_refs(self) -> SecondRefs: ...

    @property
    def ring(self) -> Callable[[Queue], None]: ...


def replay_journal(deps: Deps) -> int:
    """In the order in which customers were promised them. Returns how many entries the ledger took.

    Raises TryAgain: the ledger is away.
    """
    return deps.journal.replay(lambda entry: _take(deps, entry)) if deps.journal else 0


def _take(deps: Deps, entry: Entry) -> bool:
    if isinstance(entry, CancelAsked):
        return _cancel(deps, entry)
    return _accept(deps, entry)


def _accept(deps: Deps, taken: Taken) -> bool:
    """The customer has our promise: no limit refuses it any more.

    False: it takes the place of an order that is still being undone.
    """
    if deps.second_refs.first_of(taken.ref):  # whatever has become of that order since
        return True
    order, key = structs.replace(taken.order, replayed_at=deps.clock()), taken.key
    while True:
        try:
            outcome = deps.ledger.accept(order, key, taken.fingerprint, NO_LIMITS)
        except RefTaken:
            if _is_there(deps, order):
                return True
            order = structs.replace(order, ref=new_ref())  # the mail names the new one
            continue
        match outcome:
            case KeyReused():  # another request had the same key; the cart decides
                key = f"{key} {taken.ref}"
            case Accepted(ref) if ref == order.ref:
                for queue in outcome.ring:
                    deps.ring(queue)
                return True
            case Accepted(ref) | CartTaken(ref):
                if _is_there(deps, order):
                    return True
                equal = isinstance(outcome, Accepted)
                if not equal and _is_undone(deps.ledger.load(ref)):
                    return False
                _lead(deps, taken, ref, equal)
                return True
            case _:
                raise AssertionError("nothing is refused without limits")


def _is_there(deps: Deps, order: Order) -> bool:
    """Whether the ledger has had it for so long that its key is forgotten; its cart may be free, or another order's."""
    try:
        there = deps.ledger.load(order.ref)
    except UnknownOrder:
        return False
    return (there.cart_id, there.received_at) == (order.cart_id, order.received_at)


def _is_undone(first: Order) -> bool:
    """Whether it lets go of its cart as soon as its money has gone back, or the shop has cancelled it."""
    if first.placement.state is PlacementState.MERGED:
        return False
    goes_back = is_given_back(first) and not lost(first.concerns)
    return goes_back or first.cancel_asked or first.placement.state is PlacementState.CANCELLED


def _lead(deps: Deps, taken: Taken, first: str, equal: bool) -> None:
    """Another order stands for the purchase. `equal`: it is the same request; only the answer was lost."""
    now = deps.clock()

    def tell(order: Order) -> Change:
        event = Event(now, "ordered_twice", "customer", {"ref": taken.ref})
        told = order if equal or order.customer is None else queue_notice(order, NoticeKind.ORDERED_TWICE, now)
        return Change(told, (event,))

    with suppress(AlreadyDone, TooMuch):
        record(deps.ledger, deps.ledger.load(first), tell, once=f"journal {taken.ref}")
    deps.second_refs.lead(taken.ref, first)  # at last: from then on the entry is not looked at again
    deps.ring(Queue.NOTICE)


def _cancel(deps: Deps, asked: CancelAsked) -> bool:
    """Who cancelled an order of the journal does not want the purchase, whichever order stands for it; unless they
    ordered it again since.

    False: its own order is still in the journal, or may be in a part of it that cannot be read now.
    """
    ref = deps.second_refs.first_of(asked.ref) or asked.ref
    try:
        order = deps.ledger.load(ref)
    except UnknownOrder:
        if deps.journal and (deps.journal.of_ref(asked.ref) or deps.journal.state().unreadable):
            return False
        log.error("cancelled_order_missing", ref=asked.ref)
        return True
    if ref != asked.ref and order.received_at > asked.at:
        return True
    with suppress(AlreadyDone, NotAllowedNow):  # the shop was faster: the page shows what can be done now
        record(
            deps.ledger,
            order,
            lambda order: placement.ask_to_cancel(order, deps.clock(), "customer"),
            once=f"journal cancel {asked.ref}",  # a person may have agreed since that the purchase stands
        )
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        deps.ring(queue)
    return True
