"""Orders for a shift, and a shift at work in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any

from fallback.domain.order.order import Notice, NoticeKind, Order, Payment, PaymentState, Queue
from tests.builders import NOW
from tests.workers.conftest import World

RECEIVED = (Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW),)


def with_card(world: World) -> dict[str, Any]:
    return {
        "payment": Payment(amount=3093, state=PaymentState.PENDING, token=world.gateway.token(), cards=1),
        "notices": (),
    }


def paid_order(world: World) -> Order:
    """Authorized at Stripe, waiting for the primary."""
    [order] = world.orders(1, **with_card(world))
    world.shift(Queue.PAYMENT)
    return world.now_of(order)


class Gate:
    """A step that waits until the test lets it go, and counts how many are in it."""

    def __init__(self) -> None:
        self.inside = 0
        self.passed: list[str] = []
        self._open = Event()
        self._lock = Lock()

    def __call__(self, ref: str) -> None:
        with self._lock:
            self.inside += 1
        assert self._open.wait(10)
        with self._lock:
            self.inside -= 1
            self.passed.append(ref)

    def open(self) -> None:
        self._open.set()


@contextmanager
def a_shift_at_work(world: World, queue: Queue) -> Iterator[Thread]:
    thread = Thread(target=world.shift, args=(queue,))
    thread.start()
    yield thread
    thread.join(10)
    assert not thread.is_alive()
