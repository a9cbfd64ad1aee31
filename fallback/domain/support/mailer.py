"""The port of the mail server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from fallback.domain.checkout.drafts import Draft
from fallback.domain.order.order import Customer, Notice, Order
from fallback.domain.support.accounts import Account
from fallback.domain.support.subscriptions import Subscription


class Mailer(Protocol):
    """Sends a mail in two steps, so that a crash before the text was handed over can be told from a later one."""

    def greet(self) -> str:
        """Sign in and name our sender, but no recipient; returns the server's name. Raises as `deliver` does."""

    def deliver(
        self, order: Order, customer: Customer, notice: Notice, before_handing_over: Callable[[], None]
    ) -> None:
        """Calls `before_handing_over` when the server has agreed to take the text, just before sending it.

        Raises TryAgain (not taken), Refused (never will be) or OutcomeUnknown (the reply to the text was lost).
        """

    def tell(
        self,
        owner: Account,
        order: Order,
        notice: Notice,
        before_handing_over: Callable[[], None],
        all_theirs: Sequence[Order] = (),
    ) -> None:
        """The same for a mail to the owner of an order, at the address of their account.

        With `all_theirs` it is a summary of these instead, the most urgent first.
        """

    def invite(self, draft: Draft, link: str, before_handing_over: Callable[[], None]) -> None:
        """The same for a mail whose `link` opens a saved form on its customer's device."""

    def tell_subscriber(self, subscription: Subscription, link: str, before_handing_over: Callable[[], None]) -> None:
        """The same for who wants to be told when the shop is back: asks for a confirmation, or says that it is.

        `link`: where both is confirmed or taken back, also with one click in a mail program (RFC 8058).
        """
