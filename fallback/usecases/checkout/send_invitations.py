"""Send the mails that open saved forms on their customers' devices, each once.

As with notices (send_notice.py), 'handing over' is recorded when the server is ready to receive the text. After a crash
before that, the mail is sent later. After a crash since then its state is unknown, and the agent sees that.
"""

from __future__ import annotations

from random import Random
from typing import Protocol

from msgspec import structs

from fallback.domain import retries
from fallback.domain.checkout.drafts import Draft, Invitations, SavedDrafts
from fallback.domain.checkout.invitations import InvitationMails, Invited
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import NoticeState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.support.mailer import Mailer
from fallback.runtime.one_by_one import others_go_on
from fallback.usecases.deps import ClockDeps

AT_ONCE = 10


class Deps(ClockDeps, Protocol):
    @property
    def drafts(self) -> SavedDrafts: ...

    @property
    def invitation_mails(self) -> InvitationMails: ...

    @property
    def invitations(self) -> Invitations: ...

    @property
    def mailer(self) -> Mailer: ...

    @property
    def random(self) -> Random: ...


def send_invitations(deps: Deps) -> None:
    """Every due mail whose form is still stored."""
    for cart_id in deps.invitation_mails.take(deps.clock(), AT_ONCE):
        with others_go_on("invitation"):
            deps.invitation_mails.keep(cart_id, _handled(deps, cart_id))


def _handled(deps: Deps, cart_id: str) -> Invited:
    invited, draft = deps.invitation_mails.of_cart(cart_id), deps.drafts.of_cart(cart_id)
    if invited is None or draft is None or not draft.email:
        dropped = invited or Invited("", deps.clock(), deps.clock())
        return structs.replace(dropped, state=NoticeState.DROPPED)
    if invited.state is NoticeState.HANDING_OVER:  # the worker that started it is dead
        return structs.replace(invited, state=NoticeState.UNKNOWN)
    return _sent(deps, draft, invited)


def _sent(deps: Deps, draft: Draft, invited: Invited) -> Invited:
    """The invitation after an attempt to send it."""

    def before_handing_over() -> None:
        handing = structs.replace(invited, state=NoticeState.HANDING_OVER, due_at=deps.clock() + PATIENCE)
        deps.invitation_mails.keep(draft.cart_id, handing)

    try:
        deps.mailer.invite(draft, deps.invitations.link(draft), before_handing_over)
    except TryAgain:
        later = retries.backoff(invited.tries, deps.clock(), deps.random)
        return structs.replace(invited, tries=invited.tries + 1, due_at=later)
    except OutcomeUnknown:
        return structs.replace(invited, state=NoticeState.UNKNOWN)
    except Refused:
        return structs.replace(invited, state=NoticeState.FAILED)
    return structs.replace(invited, state=NoticeState.SENT, at=deps.clock())
