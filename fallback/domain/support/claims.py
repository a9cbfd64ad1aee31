"""Claims: who works on an order now. Reading needs no claim, acting takes it.

A claim is an advisory lease that keeps two agents from doing the same work. Correctness does not depend on it: every
write is compare-and-set. So a claim is short and may be lost at any time; losing it costs no more than a word between
agents.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs

from fallback.domain.errors import FallbackError
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.order import Order
from fallback.domain.order.patience import PATIENCE

# Renewed every few seconds while the page is open; an agent who closes it or loses the connection blocks nobody for
# long.
LEASE = timedelta(seconds=30)
ANSWERED_WITHIN = timedelta(minutes=1)
# How long a person counts as present after their page last reported.
PRESENT_FOR = timedelta(seconds=15)
# How long a person counts as typing after the last report: two of a page's reports.
TYPES_FOR = timedelta(seconds=10)


class Here(Struct, frozen=True):
    """Who has an order open, and who of them is typing a message at the moment."""

    names: list[str]
    typing: list[str]


class ClaimRequest(Struct, frozen=True):
    """An agent would like to have the claim; the request lapses if its holder does not react."""

    who: str
    until: datetime


class Claim(Struct, frozen=True, omit_defaults=True):
    """`fence` only grows: with each new holder, and even after the claim was deleted."""

    holder: str
    fence: int
    until: datetime
    asked: ClaimRequest | None = None


class Claimed(FallbackError):
    """Another agent works on it, at least until then."""

    def __init__(self, holder: str, until: datetime) -> None:
        super().__init__(f"{holder} works on it")
        self.holder = holder
        self.until = until


def alive(claim: Claim | None, now: datetime) -> Claim | None:
    return claim if claim and claim.until > now else None


def asked_by(claim: Claim, now: datetime) -> str | None:
    """The agent who asks the holder for it."""
    return claim.asked.who if claim.asked and claim.asked.until > now else None


def take(claim: Claim | None, who: str, now: datetime) -> Claim:
    """An agent takes a free claim, or extends their own. Raises Claimed.

    The customer's claim keeps no agent out: an agent who has not read what the customer did gets Late, others may help.
    """
    there = alive(claim, now)
    if there and there.holder == who:
        return structs.replace(there, until=now + LEASE)
    if there and there.holder != CUSTOMER:
        raise Claimed(there.holder, there.until)
    return _pass(claim, who, now)


def take_back(claim: Claim | None, order: Order, now: datetime) -> Claim | None:
    """The customer takes it from any agent; None during the seconds of a payment call, when nobody can take it."""
    return None if payment_runs(order, now) else _pass(claim, CUSTOMER, now)


def payment_runs(order: Order, now: datetime) -> bool:
    return order.payment.attempt is not None and order.payment.attempt.began_at + PATIENCE > now


def take_over(claim: Claim | None, who: str, now: datetime) -> Claim:
    """A lead takes it from any holder."""
    return _pass(claim, who, now)


def renew(claim: Claim | None, who: str, fence: int, now: datetime) -> Claim | None:
    """Extend it while the agent's page is open; None if another agent took it since."""
    mine = claim and claim.holder == who and claim.fence == fence
    return structs.replace(claim, until=now + LEASE) if claim and mine and alive(claim, now) else None


def give_back(claim: Claim | None, who: str, now: datetime) -> Claim | None:
    return structs.replace(claim, until=now, asked=None) if claim and claim.holder == who else None


def ask(claim: Claim | None, who: str, now: datetime) -> Claim:
    """Ask its holder for it; a free claim is taken at once. The first to ask comes first."""
    there = alive(claim, now)
    if there is None or there.holder in (who, CUSTOMER):
        return take(claim, who, now)
    return there if asked_by(there, now) else structs.replace(there, asked=ClaimRequest(who, now + ANSWERED_WITHIN))


def hand_over(claim: Claim | None, who: str, now: datetime) -> Claim | None:
    """Its holder gives it to the agent who asked; None if the holder has lost it, or nobody asks any more."""
    there = alive(claim, now)
    asker = asked_by(there, now) if there and there.holder == who else None
    return _pass(claim, asker, now) if asker else None


def _pass(claim: Claim | None, who: str, now: datetime) -> Claim:
    # Milliseconds of the clock are above every fence issued before the claim was deleted.
    fence = max(claim.fence + 1 if claim else 0, int(now.timestamp() * 1000))
    return Claim(who, fence, now + LEASE)
