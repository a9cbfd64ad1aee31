"""What may be done about an order, in one row of links: to forms on its page, and to pages of their own."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from fallback.domain.order.lifecycle import is_over, needs_customer
from fallback.domain.payment import refunds
from fallback.domain.placement.contract_withdrawal import may_withdraw
from fallback.domain.support.accounts import Permission
from fallback.web.console.order.panels import Looking
from fallback.web.http.auth import container
from fallback.web.http.voice import N_
from fallback.web.purchase import change_forms
from fallback.web.purchase.order_view import choices

NOTE, SEND_LINK, CALL = N_("Add note"), N_("Send payment link"), N_("Schedule callback")
REFUND, WITHDRAW, CANCEL = N_("Refund"), N_("Withdrawal"), N_("Cancel for the customer")
HAND_OVER = N_("Hand over")


def offered(looking: Looking) -> list[tuple[str, str]]:
    """Addresses and texts. A link to a field opens the section that it is in."""
    if not looking.person.may(Permission.HELP):
        return []
    links = [*_talking(looking), *_changing(looking), *_ending(looking)]
    return [(address, looking.voice.say(text)) for address, text in links]


def _talking(looking: Looking) -> Iterator[tuple[str, str]]:
    order = looking.order
    if order.customer is None:
        return
    yield "#note", NOTE
    if needs_customer(order):
        yield "#sentence", SEND_LINK
    if not is_over(order):
        yield "#phone", CALL
        if not order.handover:
            yield "#hand-over", HAND_OVER


def _changing(looking: Looking) -> Iterator[tuple[str, str]]:
    order = looking.order
    for matter, text in change_forms.links(order, container().clock()):
        yield url_for("changes.show", ref=order.ref, matter=matter), text


def _ending(looking: Looking) -> Iterator[tuple[str, str]]:
    order, built = looking.order, container()
    if refunds.refundable(order):
        yield url_for("money.form", ref=order.ref), REFUND
    if may_withdraw(order, built.withdrawal_days, built.clock()):
        yield url_for("withdrawals.ask", ref=order.ref), WITHDRAW
    if choices(order).cancel:
        yield url_for("holds.ask_to_cancel", ref=order.ref), CANCEL
