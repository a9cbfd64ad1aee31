"""Shifts: claim due orders from the ledger, a limited number at a time, until none are due or the minute is over.

Two shifts may serve one queue at the same time: leases and compare-and-set keep them apart, and they share the pace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from functools import cache, partial
from threading import BoundedSemaphore
from typing import NamedTuple

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.errors import Conflict, OutcomeUnknown, RateLimited, Refused, TryAgain, WrittenByNewer
from fallback.domain.order.next_step import Step, due_times, next_step
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.patience import LEASE
from fallback.domain.outage.mode import hands_over
from fallback.domain.outage.pace import Heard
from fallback.domain.payment.search import is_slow
from fallback.domain.placement.primary import Health
from fallback.runtime import traces
from fallback.runtime.logs import get_logger
from fallback.usecases.checkout.send_invitations import send_invitations
from fallback.usecases.order.send_notice import send_notice
from fallback.usecases.payment.authorize_payment import authorize_payment
from fallback.usecases.payment.follow_payment import follow_payment
from fallback.usecases.payment.refund_payment import refund_payment
from fallback.usecases.payment.void_payment import void_payment
from fallback.usecases.placement.amend_order import amend_order
from fallback.usecases.placement.reconcile_order import reconcile_order
from fallback.usecases.placement.report_to_primary import report_to_primary
from fallback.usecases.placement.undo_late import undo_late
from fallback.usecases.placement.withdraw_order import withdraw_order
from fallback.usecases.support.keep_promise import keep_promise
from fallback.usecases.support.tell_subscribers import tell_subscribers
from workers.pace import Share
from workers.stopping import Stop, stop

# Long enough to handle thousands of orders in one job, and short enough to wait for during a deployment.
MINUTE = 60.0
# A customer and a webhook may write during a step. After this many conflicts, the order waits for its lease to expire.
TRIES_AFTER_CONFLICT = 5
# One in this many threads may handle slow orders.
SHARE_OF_SLOW = 4
# The longest wait for a free thread; new orders and a stop are noticed by then.
LOOK_UP = 0.1
# Orders that end close together are followed by one question to the ledger, not one each: asking takes the interpreter
# from the threads that work. Meanwhile these threads go on with the few orders that were claimed ahead, one for so
# many threads (ops/decisions/drain.md).
TOGETHER = 0.01
THREADS_PER_ORDER_AHEAD = 8

# Due is what Redis' clock says. A process estimates that clock: a slow answer makes it some milliseconds wrong.
CLOCKS_DIFFER = timedelta(seconds=1)

log = get_logger()


def shift(queue: str) -> None:
    """The RQ job."""
    work(container(), Queue(queue), stop)


@cache
def container() -> Container:
    """One container for all shifts of a process, so that connections, breakers and metrics are reused."""
    built = Container(Config.from_env(), traces.start("worker"), serves=True)
    built.metrics_store.keep_writing()
    return built


def work(container: Container, queue: Queue, stop: Stop) -> None:
    """One shift. Work that cannot start now, because the ledger or the primary is down, is left to the next shift."""
    try:
        if due := WORK[queue](container):
            Shift(container, queue, due, stop).run()
            due.ended()
        if queue is Queue.NOTICE:
            send_invitations(container)
            tell_subscribers(container)
    except TryAgain as error:
        log.warning("shift_ended_early", queue=queue, exc_info=error)


class Work(NamedTuple):
    """A queue's work: its steps, whether the other side accepts another order now, the pace, what ends a shift."""

    steps: Mapping[Step, Callable[[Order], None]]
    goes_on: Callable[[], bool]
    pace: Share | None = None
    ended: Callable[[], None] = lambda: None


def _payment(container: Container) -> Work:
    steps = {
        Step.AUTHORIZE: partial(authorize_payment, container),
        Step.FOLLOW: partial(follow_payment, container),
        Step.VOID: partial(void_payment, container),
        Step.REFUND: partial(refund_payment, container),
    }
    return Work(
        steps,
        goes_on=lambda: container.gateway.available,
        ended=lambda: container.observations.note_provider(container.gateway.available),
    )


def _placement(container: Container) -> Work | None:
    def handing_over() -> bool:
        return hands_over(container.modes.read().mode) and container.halts.read() is None

    if not handing_over():
        return None
    share = Share(container.pace, container.shop_health, lambda: container.primary.available)
    health = _health(container)
    steps = {
        Step.RECONCILE: partial(partial(reconcile_order, container), health=health),
        Step.AMEND: partial(partial(amend_order, container), health=health),
        Step.WITHDRAW: partial(partial(withdraw_order, container), health=health),
        Step.UNDO_LATE: partial(partial(undo_late, container), health=health),
        Step.REPORT: partial(partial(report_to_primary, container), health=health),
    }
    return Work(steps, lambda: container.primary.available and handing_over() and not share.paused, share)


def _health(container: Container) -> Health:
    """Probes the primary with one call before any order depends on it."""
    try:
        return container.primary.health()
    except (TryAgain, OutcomeUnknown, Refused) as error:
        container.pace.take(0, Heard(rest=error.after) if isinstance(error, RateLimited) else Heard(down=True))
        raise TryAgain("the primary does not report its health") from error


def _notice(container: Container) -> Work:
    steps = {Step.NOTIFY: partial(send_notice, container), Step.KEEP_PROMISE: partial(keep_promise, container)}
    return Work(steps, lambda: True)


WORK: dict[Queue, Callable[[Container], Work | None]] = {
    Queue.PAYMENT: _payment,
    Queue.PLACEMENT: _placement,
    Queue.NOTICE: _notice,
}


class Shift:
    def __init__(self, container: Container, queue: Queue, work: Work, stop: Stop) -> None:
        self._ledger = container.ledger
        self._clock = container.clock
        self._traces = container.traces
        self._threads = container.config.fallback_shift_threads
        self._ahead = self._threads // THREADS_PER_ORDER_AHEAD
        self._slow = BoundedSemaphore(max(1, self._threads // SHARE_OF_SLOW))
        self._queue = queue
        self._work = work
        self._stop = stop
        self._ends_at = time.monotonic() + MINUTE

    def run(self) -> None:
        """Returns when all claimed orders are finished, whatever ended the shift."""
        in_flight: set[Future[None]] = set()
        with ThreadPoolExecutor(self._threads, thread_name_prefix=self._queue) as pool:
            while self._goes_on():
                room = self._room(len(in_flight))
                refs = self._claim(room) if room else []
                in_flight |= {self._begin(pool, ref) for ref in refs}
                if room and not in_flight:
                    break
                in_flight = self._look_up(in_flight)
        if self._work.pace:
            self._work.pace.leave()

    def _goes_on(self) -> bool:
        return not self._stop.asked and time.monotonic() < self._ends_at and self._work.goes_on()

    def _room(self, in_flight: int) -> int:
        """How many orders to claim: few ahead, as those that wait in a process wait for their lease if it dies."""
        free = self._threads + self._ahead - in_flight
        return self._work.pace.take(free) if self._work.pace and free else free

    def _claim(self, room: int) -> list[str]:
        refs = self._ledger.claim_due(self._queue, LEASE, room)
        if self._work.pace:
            self._work.pace.unused(room - len(refs))
        return refs

    def _begin(self, pool: ThreadPoolExecutor, ref: str) -> Future[None]:
        future = pool.submit(self._take_further, ref)
        future.add_done_callback(partial(self._tell_of_failure, ref))
        if self._work.pace:
            future.add_done_callback(self._work.pace.finished)
        return future

    def _take_further(self, ref: str) -> None:
        """Runs one step. If the order is due again afterwards, the step's commit has added it to the due set."""
        for _ in range(TRIES_AFTER_CONFLICT):
            order = self._ledger.load(ref)
            step = next_step(order, self._queue)
            if step is None:
                return
            self._wait_until_due(order, step)
            with self._room_for(step, order) as room:
                if not room:
                    break
                # Another worker may have written first, and the same step may still be due.
                with suppress(Conflict), self._seen(step, order):
                    self._work.steps[step](order)
                    return
        log.info("left_to_its_lease", ref=ref, queue=self._queue)

    def _wait_until_due(self, order: Order, step: Step) -> None:
        """A step that is not due by our clock would do nothing, and the order would wait for its lease to expire.

        Much later it is due if somebody else has put it off since it was claimed, or if our clock is far behind.
        """
        due_at = due_times(order)[self._queue]
        ahead = due_at - self._clock()
        if ahead > CLOCKS_DIFFER:
            late = {"due_at": due_at.isoformat(), "seconds": round(ahead.total_seconds())}
            log.warning("due_later_by_our_clock", ref=order.ref, queue=self._queue, step=step, **late)
        elif ahead > timedelta():
            time.sleep(ahead.total_seconds())

    @contextmanager
    def _room_for(self, step: Step, order: Order) -> Iterator[bool]:
        """Slow orders get only a share of the threads, so that the others do not wait for them."""
        slow = step is Step.FOLLOW and is_slow(order, self._clock())
        room = not slow or self._slow.acquire(blocking=False)
        try:
            yield room
        finally:
            if slow and room:
                self._slow.release()

    def _seen(self, step: Step, order: Order) -> AbstractContextManager[object]:
        return self._traces.step(step, self._queue, order) if self._traces else nullcontext()

    def _tell_of_failure(self, ref: str, future: Future[None]) -> None:
        """Logs the exception of one order, by a bug or an unexpected response, so that the other orders continue.

        The order comes due again when its lease expires, and its tries are counted where calls begin.
        """
        error = future.exception()
        if isinstance(error, WrittenByNewer):
            log.warning("left_to_newer_release", ref=ref, queue=self._queue)
        elif error:
            log.error("step_failed", ref=ref, queue=self._queue, exc_info=error)

    def _look_up(self, in_flight: set[Future[None]]) -> set[Future[None]]:
        pause = min(LOOK_UP, self._work.pace.wait) if self._work.pace else LOOK_UP
        if not in_flight:
            time.sleep(pause)  # the pace allows no more yet
        in_flight = wait(in_flight, pause, FIRST_COMPLETED).not_done
        if self._ahead:
            time.sleep(TOGETHER)
        return {future for future in in_flight if not future.done()}
