"""Who looks after an order on hold is written to: of each hold once, and whenever the order becomes theirs.

They are not written to about what they had before them when they acted (ops/decisions/owner-mail.md).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.errors import Refused
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import NoticeKind, NoticeState, Order
from fallback.domain.support.accounts import Account
from fallback.domain.support.owners import Roster
from fallback.domain.texts import N_

NO_ACCOUNT, DISABLED, NO_EMAIL = "no_account", "account_disabled", "no_email"
# Why somebody was not written to.
REASONS = {
    NO_ACCOUNT: N_("nobody has an account of this name"),
    DISABLED: N_("the account is disabled"),
    NO_EMAIL: N_("the account has no e-mail address"),
}


def tell(order: Order, roster: Roster, now: datetime, anew: bool) -> Order:
    """`anew`: the order has become theirs just now. A team and the desk have their list.

    A mail that still waits for the mail server tells all there is to tell when it goes out.
    """
    owner = order.owner
    if not owner or not (anew or any(hold.told != owner for hold in order.holds)):
        return order
    waits = any(notice.owner == owner and notice.state is NoticeState.QUEUED for notice in order.notices)
    if order.holds and owner not in roster.shared and not waits:
        order = queue_notice(order, NoticeKind.OWNER, now, owner=owner)
    return known_to(order, owner)


def known_to(order: Order, who: str) -> Order:
    """Nobody has to tell `who` of what stands there now."""
    return structs.replace(order, holds=tuple(structs.replace(hold, told=who) for hold in order.holds))


def is_unreached(order: Order, who: str) -> bool:
    """The last mail to them was refused, or had no address to go to."""
    states = [notice.state for notice in order.notices if notice.owner and notice.owner == who]
    return bool(states) and states[-1] is NoticeState.FAILED


def address_of(account: Account | None) -> Account:
    """Who can be written to. Raises Refused."""
    if account is None:
        raise Refused(NO_ACCOUNT)
    if account.disabled:
        raise Refused(DISABLED)
    if not account.email:
        raise Refused(NO_EMAIL)
    return account
