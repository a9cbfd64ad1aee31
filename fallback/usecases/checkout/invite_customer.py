"""An agent sends the customer of a saved form the link that opens it on the customer's own device."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.checkout.drafts import Draft
from fallback.domain.checkout.invitations import InvitationMails, Invited
from fallback.domain.errors import NotAllowedNow
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def invitation_mails(self) -> InvitationMails: ...


def invite_customer(deps: Deps, draft: Draft, who: str) -> None:
    """Asking again while the mail is queued sends it only once. Raises NotAllowedNow if the form has no address yet."""
    if not draft.email:
        raise NotAllowedNow("no_address", "invite")
    before = deps.invitation_mails.of_cart(draft.cart_id)
    if before is None or not before.is_open:
        deps.invitation_mails.keep(draft.cart_id, Invited(who, deps.clock(), deps.clock()))
