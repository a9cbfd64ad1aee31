"""What the use cases need of a mail server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fallback.domain.checkout.drafts import Draft
from fallback.domain.order.order import Customer, Notice, Order
from fallback.domain.support.accounts import Account


class Mailer(Protocol):
    """Hands a notice to the mail server in two parts, so that a crash between them is told from one before them."""

    def greet(self) -> str:
        """Sign in and name our sender, but nobody to send to; answers the server's name. Raises as `deliver`."""

    def deliver(
        self, order: Order, customer: Customer, notice: Notice, before_handing_over: Callable[[], None]
    ) -> None:
        """Calls `before_handing_over` when the server has agreed to take the text, right before it gets it.

        Raises TryAgain (not taken), Refused (never will be) or OutcomeUnknown (its answer to the text was lost).
        """

    def tell(self, owner: Account, order: Order, notice: Notice, before_handing_over: Callable[[], None]) -> None:
        """The same for the mail to who looks after an order, at the address of their account."""

    def invite(self, draft: Draft, link: str, before_handing_over: Callable[[], None]) -> None:
        """The same for the mail whose `link` opens a draft on its customer's device."""
