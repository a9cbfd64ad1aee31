"""Claims: who works on a purchase now. Looking is free, acting takes the claim.

A claim keeps two agents from doing the same work. What keeps the order right is that every write is compare-and-set:
so a claim is short, it may be lost at any time, and what losing it costs is a word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs

from fallback.domain.errors import FallbackError
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.lifecycle import PATIENCE, needs_customer
from fallback.domain.order.order import Order

# Renewed every few seconds while the page is open; who closes it, or loses her line, keeps nobody waiting for long.
LEASE = timedelta(seconds=30)
ANSWERED_WITHIN = timedelta(minutes=1)
# How long somebody counts as here after her page was last heard of.
PRESENT_FOR = timedelta(seconds=15)


class ClaimRequest(Struct, frozen=True):
    """An agent would like to have the claim; the wish lapses if its holder does not answer."""

    who: str
    until: datetime


class Claim(Struct, frozen=True, omit_defaults=True):
    """`fence` only grows: with each new holder, also after the claim was forgotten."""

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
    """Who asks the holder for it."""
    return claim.asked.who if claim.asked and claim.asked.until > now else None


def take(claim: Claim | None, who: str, now: datetime) -> Claim:
    """An agent takes what is free, or her own for longer. Raises Claimed.

    The customer's claim keeps no agent off: whoever has not read yet what she did is Late, and who has may help on.
    """
    there = alive(claim, now)
    if there and there.holder == who:
        return structs.replace(there, until=now + LEASE)
    if there and there.holder != CUSTOMER:
        raise Claimed(there.holder, there.until)
    return _pass(claim, who, now)


def take_back(claim: Claim | None, order: Order, now: datetime) -> Claim | None:
    """The customer takes it from whoever has it; None inside the seconds of a payment call, which nobody can have."""
    return None if payment_runs(order, now) else _pass(claim, CUSTOMER, now)


def payment_runs(order: Order, now: datetime) -> bool:
    return order.payment.attempt is not None and order.payment.attempt.began_at + PATIENCE > now


def is_paying(order: Order, is_here: bool, now: datetime) -> bool:
    """The customer has the form for her card before her, or a payment call runs."""
    return payment_runs(order, now) or (is_here and needs_customer(order))


def take_over(claim: Claim | None, who: str, now: datetime) -> Claim:
    """A lead takes it from whoever has it."""
    return _pass(claim, who, now)


def renew(claim: Claim | None, who: str, fence: int, now: datetime) -> Claim | None:
    """For as long as the page is open on which she took it; None if it went to somebody else since."""
    mine = claim and claim.holder == who and claim.fence == fence
    return structs.replace(claim, until=now + LEASE) if claim and mine and alive(claim, now) else None


def give_back(claim: Claim | None, who: str, now: datetime) -> Claim | None:
    return structs.replace(claim, until=now, asked=None) if claim and claim.holder == who else None


def ask(claim: Claim | None, who: str, now: datetime) -> Claim:
    """Ask its holder for it; what is free is taken at once. Who asked first is answered first."""
    there = alive(claim, now)
    if there is None or there.holder in (who, CUSTOMER):
        return take(claim, who, now)
    return there if asked_by(there, now) else structs.replace(there, asked=ClaimRequest(who, now + ANSWERED_WITHIN))


def hand_over(claim: Claim | None, who: str, now: datetime) -> Claim | None:
    """Its holder gives it to the one who asked; None if she has it no longer, or nobody asks any more."""
    there = alive(claim, now)
    asker = asked_by(there, now) if there and there.holder == who else None
    return _pass(claim, asker, now) if asker else None


def _pass(claim: Claim | None, who: str, now: datetime) -> Claim:
    # Milliseconds of the clock are above every fence that was given out before the claim was forgotten.
    fence = max(claim.fence + 1 if claim else 0, int(now.timestamp() * 1000))
    return Claim(who, fence, now + LEASE)
