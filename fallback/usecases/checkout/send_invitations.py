"""Send the mails that open forms on their customers' devices, each once.

As with notices (send_notice.py) 'handing over' is written in the moment in which the server has agreed to take the
text: a crash before it sends the mail later, a crash after it leaves it unknown, which the agent sees.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from msgspec import structs

from fallback.domain import retries
from fallback.domain.checkout.drafts import Draft
from fallback.domain.checkout.invitations import InvitationMails, Invited
from fallback.domain.clock import Clock
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.lifecycle import PATIENCE
from fallback.domain.order.order import NoticeState
from fallback.domain.support.mailer import Mailer

AT_ONCE = 10


def send_invitations(
    *,
    mails: InvitationMails,
    find: Callable[[str], Draft | None],
    mailer: Mailer,
    link: Callable[[Draft], str],
    clock: Clock,
    random: Random,
) -> None:
    """What is due. `find`: the draft of a cart, if it is still kept."""
    for cart_id in mails.take(clock(), AT_ONCE):
        invited, draft = mails.of_cart(cart_id), find(cart_id)
        if invited is None or draft is None or not draft.email:
            dropped = invited or Invited("", clock(), clock())
            mails.keep(cart_id, structs.replace(dropped, state=NoticeState.DROPPED))
        elif invited.state is NoticeState.HANDING_OVER:  # whoever began it is dead
            mails.keep(cart_id, structs.replace(invited, state=NoticeState.UNKNOWN))
        else:
            mails.keep(cart_id, _sent(draft, invited, mails, mailer, link, clock, random))


def _sent(
    draft: Draft,
    invited: Invited,
    mails: InvitationMails,
    mailer: Mailer,
    link: Callable[[Draft], str],
    clock: Clock,
    random: Random,
) -> Invited:
    """How it stands after a try."""

    def before_handing_over() -> None:
        handing = structs.replace(invited, state=NoticeState.HANDING_OVER, due_at=clock() + PATIENCE)
        mails.keep(draft.cart_id, handing)

    try:
        mailer.invite(draft, link(draft), before_handing_over)
    except TryAgain:
        later = retries.backoff(invited.tries, clock(), random)
        return structs.replace(invited, tries=invited.tries + 1, due_at=later)
    except OutcomeUnknown:
        return structs.replace(invited, state=NoticeState.UNKNOWN)
    except Refused:
        return structs.replace(invited, state=NoticeState.FAILED)
    return structs.replace(invited, state=NoticeState.SENT, at=clock())
