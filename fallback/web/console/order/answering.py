"""Shared by the small forms on an order's page: their responses, and how they read a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.order import Queue
from fallback.web.console.order import order_page
from fallback.web.http.auth import container
from fallback.web.http.form_values import Typed, typed
from fallback.web.http.voice import N_

REFUSALS = {
    "empty": N_("The field is empty, so nothing was changed. Please enter a text."),
    "too_long": N_("Too long: 2000 characters at most."),
    "card_number": N_("That looks like a card number. Please leave card numbers out; send a payment link instead."),
    "phone": N_("This is not a phone number. Please check it."),
    "moment": N_("This is not a valid time. Please enter a date and a time."),
    "past": N_("This time has passed. Please enter a later one."),
    "far": N_("This is more than a year away. Please check the year."),
    "number": N_("This is not an order number of the shop. Please check it."),
    "not_paid": N_("The shop ships it only when it is paid. Check there, or release this order."),
    "nobody": N_("Please choose another person or team that is on duty."),
}

# A later time is a mistyped year.
LONGEST = timedelta(days=366)


def answered(
    ref: str, act: Callable[[], object], *queues: Queue, form: Callable[[str, Typed], Response] = order_page.refilled
) -> AnyResponse:
    """Act, ring the bells of the queues that continue, and redirect to the order; or show why it was refused.

    `form` shows the form again, with its input and errors; most forms are on the order's page.
    """
    try:
        act()
    except NotAllowedNow:
        return order_page.refused(ref)
    except Invalid as error:
        return form(ref, typed().refused(error, REFUSALS))
    for queue in queues:
        container().bells.ring(queue)
    return order_page.done(ref)


def text(name: str) -> str:
    return request.form.get(name, "")


def moment(name: str) -> datetime | None:
    """A field of type datetime-local, in the shop's zone; None if it was left empty. Raises Invalid."""
    given = text(name).strip()
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given).replace(tzinfo=container().zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(name, "moment", "This is not a time.") from None
    if at > container().clock() + LONGEST:
        raise Invalid(name, "far", "That is more than a year away.")
    return at
