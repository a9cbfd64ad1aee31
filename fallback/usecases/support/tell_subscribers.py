"""Mails to customers who asked to be told when the shop is back: each once, and then their address is erased.

As with notices (send_notice.py), 'handing over' is recorded when the server is ready to receive the text. After a crash
before that, the mail is sent later; after a crash since then it may have been sent, and is not sent again.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Protocol

from msgspec import structs

from fallback.domain import retries
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.links import Links
from fallback.domain.outage.ports import Modes, Observations
from fallback.domain.outage.public_status import is_back
from fallback.domain.support import subscriptions
from fallback.domain.support.mailer import Mailer
from fallback.domain.support.subscriptions import Subscription, Subscriptions
from fallback.runtime.one_by_one import others_go_on
from fallback.usecases.deps import ClockDeps

AT_ONCE = 20


class DueDeps(ClockDeps, Protocol):
    @property
    def modes(self) -> Modes: ...

    @property
    def observations(self) -> Observations: ...

    @property
    def subscriptions(self) -> Subscriptions: ...


class Deps(DueDeps, Protocol):
    @property
    def links(self) -> Links: ...

    @property
    def mailer(self) -> Mailer: ...

    @property
    def random(self) -> Random: ...


def follow_subscriptions(deps: DueDeps) -> None:
    """Erases those that are over; once the shop is back, the mails to the others become due."""
    if not deps.subscriptions.count():
        return
    now = deps.clock()
    back = is_back(deps.modes.read(), deps.observations.read(), now)
    for name, each in deps.subscriptions.each():
        if subscriptions.is_over(each, now):
            deps.subscriptions.change(name, lambda _: None)
        elif back and each.confirmed and not each.due_at:
            deps.subscriptions.change(name, partial(subscriptions.told_now, now=now))


def tell_subscribers(deps: Deps) -> None:
    """Sends the mails that are due."""
    for name in deps.subscriptions.take(deps.clock(), AT_ONCE):
        with others_go_on("subscription"):
            _tell(deps, name)


def _tell(deps: Deps, name: str) -> None:
    due = deps.subscriptions.find(name)
    if due is None or due.due_at is None:
        return
    if due.handing_over:  # the worker that started it is dead
        deps.subscriptions.change(name, subscriptions.sent)
    else:
        _send(deps, name, due)


def _send(deps: Deps, name: str, due: Subscription) -> None:
    def before_handing_over() -> None:
        deps.subscriptions.change(name, lambda before: before and structs.replace(before, handing_over=True))

    def later(before: Subscription | None) -> Subscription | None:
        at = retries.backoff(due.tries, deps.clock(), deps.random)
        return before and structs.replace(before, due_at=at, tries=due.tries + 1, handing_over=False)

    try:
        deps.mailer.tell_subscriber(due, deps.links.subscription(name), before_handing_over)
    except TryAgain:
        deps.subscriptions.change(name, later)
    except Refused:
        deps.subscriptions.change(name, lambda _: None)
    except OutcomeUnknown:
        deps.subscriptions.change(name, subscriptions.sent)
    else:
        deps.subscriptions.change(name, subscriptions.sent)
