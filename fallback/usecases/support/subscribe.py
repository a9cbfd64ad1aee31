"""Customers ask to be told when the shop is back, confirm that, and take it back."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fallback.domain.errors import Refused
from fallback.domain.support import subscriptions
from fallback.domain.support.subscriptions import MOST, MOST_FROM_ONE, Subscriptions
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def subscriptions(self) -> Subscriptions: ...


def subscribe(deps: Deps, email: str, locale: str, sender: str) -> None:
    """A mail asks the owner of the address to confirm. `sender`: their network.

    Raises Refused if there are too many, or too many from there.
    """
    if deps.subscriptions.count() >= MOST or deps.subscriptions.count_from(sender) > MOST_FROM_ONE:
        raise Refused("too_many")
    change = partial(subscriptions.asked, email=email, locale=locale, now=deps.clock())
    deps.subscriptions.change(deps.subscriptions.name(email), change)


def confirm_subscription(deps: Deps, name: str) -> bool:
    """False: it is not there any more."""
    return deps.subscriptions.change(name, subscriptions.confirmed) is not None


def unsubscribe(deps: Deps, name: str) -> None:
    deps.subscriptions.change(name, lambda _: None)
