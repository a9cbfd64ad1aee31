"""Mail to the owner of an order on hold: once for each hold, and whenever the order becomes theirs.

Owners get no mail about holds that were on their page when they acted (ops/decisions/owner-mail.md).
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
# Why an owner could not be written to.
REASONS = {
    NO_ACCOUNT: N_("there is no account with this name"),
    DISABLED: N_("the account is disabled"),
    NO_EMAIL: N_("the account has no e-mail address"),
}


def tell(order: Order, roster: Roster, now: datetime, anew: bool) -> Order:
    """`anew`: the order has just become theirs. Teams and the desk are not mailed: they have their list.

    A mail that is still queued covers everything at the time it is sent.
    """
    owner = order.owner
    if not owner or not (anew or any(hold.told != owner for hold in order.holds)):
        return order
    waits = any(notice.owner == owner and notice.state is NoticeState.QUEUED for notice in order.notices)
    if order.holds and owner not in roster.shared and not waits:
        order = queue_notice(order, NoticeKind.OWNER, now, owner=owner)
    return known_to(order, owner)


def known_to(order: Order, who: str) -> Order:
    """`who` need not be notified of the present holds."""
    return structs.replace(order, holds=tuple(structs.replace(hold, told=who) for hold in order.holds))


def is_unreached(order: Order, who: str) -> bool:
    """The last mail to them was refused, or they have no address."""
    states = [notice.state for notice in order.notices if notice.owner and notice.owner == who]
    return bool(states) and states[-1] is NoticeState.FAILED


def address_of(account: Account | None) -> Account:
    """The account to write to. Raises Refused."""
    if account is None:
        raise Refused(NO_ACCOUNT)
    if account.disabled:
        raise Refused(DISABLED)
    if not account.email:
        raise Refused(NO_EMAIL)
    return account
