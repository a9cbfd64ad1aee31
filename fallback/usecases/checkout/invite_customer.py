"""An agent sends the customer of a form the link that opens it on her own device."""

from __future__ import annotations

from fallback.domain.checkout.drafts import Draft
from fallback.domain.checkout.invitations import InvitationMails, Invited
from fallback.domain.clock import Clock
from fallback.domain.errors import NotAllowedNow


def invite_customer(draft: Draft, who: str, *, mails: InvitationMails, clock: Clock) -> None:
    """Asking while a mail is on its way is asking once. Raises NotAllowedNow if she has typed no address."""
    if not draft.email:
        raise NotAllowedNow("no_address", "invite")
    before = mails.of_cart(draft.cart_id)
    if before is None or not before.is_open:
        mails.keep(draft.cart_id, Invited(who, clock(), clock()))
