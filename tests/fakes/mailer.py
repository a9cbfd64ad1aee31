"""A mail server in memory that is honest about the two parts of a delivery, and fails where it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Literal

from fallback.domain.checkout.drafts import Draft
from fallback.domain.order.order import Customer, Notice, NoticeKind, Order
from fallback.domain.support.accounts import Account
from fallback.domain.support.subscriptions import Subscription

# Before it agrees to take the text; when it has agreed and has no text yet; when it has taken the text.
Point = Literal["asked", "agreed", "taken"]


class FakeMailer:
    """The port Mailer. `taken`: the ref and kind of each mail to a customer that the server has, in order.

    `told`: the ref and the address of each mail to who looks after an order; `summaries`: the address and the refs.

    `subscribers`: the address of each mail about the shop's return, and whether it says that the shop is back.

    `meanwhile` happens once, while the server is asked whether it takes a text.
    """

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] | None = None
        self.taken: list[tuple[str, NoticeKind]] = []
        self.told: list[tuple[str, str]] = []
        self.summaries: list[tuple[str, list[str]]] = []
        self.invited: list[tuple[str, str]] = []
        self.subscribers: list[tuple[str, bool]] = []
        self._faults: dict[Point, list[BaseException]] = {"asked": [], "agreed": [], "taken": []}
        self._lock = Lock()

    def fail_next(self, point: Point, error: BaseException) -> None:
        self._faults[point].append(error)

    def greet(self) -> str:
        self._reach("asked")
        return "mail.example"

    def deliver(
        self, order: Order, customer: Customer, notice: Notice, before_handing_over: Callable[[], None]
    ) -> None:
        self._reach("asked")
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        before_handing_over()
        self._reach("agreed")
        with self._lock:
            self.taken.append((order.ref, notice.kind))
        self._reach("taken")

    def tell(
        self,
        owner: Account,
        order: Order,
        notice: Notice,
        before_handing_over: Callable[[], None],
        all_theirs: Sequence[Order] = (),
    ) -> None:
        self._reach("asked")
        before_handing_over()
        self._reach("agreed")
        with self._lock:
            if all_theirs:
                self.summaries.append((owner.email or "", [each.ref for each in all_theirs]))
            else:
                self.told.append((order.ref, owner.email or ""))
        self._reach("taken")

    def invite(self, draft: Draft, link: str, before_handing_over: Callable[[], None]) -> None:
        self._reach("asked")
        before_handing_over()
        self._reach("agreed")
        self.invited.append((draft.email, link))
        self._reach("taken")

    def tell_subscriber(self, subscription: Subscription, link: str, before_handing_over: Callable[[], None]) -> None:
        self._reach("asked")
        before_handing_over()
        self._reach("agreed")
        self.subscribers.append((subscription.email, subscription.confirmed))
        self._reach("taken")

    def _reach(self, point: Point) -> None:
        if self._faults[point]:
            raise self._faults[point].pop(0)
