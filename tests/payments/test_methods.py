"""The table of ways to pay is that of Stripe's API, and the page in the docs shows it."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from stripe.params import PaymentIntentCreateParams

from fallback.payments.methods import METHODS, Method, capture_before

PAGE = Path(__file__).parents[2] / "ops/docs/reference/ways-to-pay.md"
IN_PERSON = {"card_present"}


def test_it_names_every_method_that_stripe_captures_later_and_no_other() -> None:
    params = vars(sys.modules[PaymentIntentCreateParams.__module__])
    options = params["PaymentIntentCreateParamsPaymentMethodOptions"].__annotations__
    kinds = {name: re.findall(r"\w*PaymentMethodOptions\w+", str(kind))[0] for name, kind in options.items()}
    later = {name for name, kind in kinds.items() if "capture_method" in params[kind].__annotations__}
    assert METHODS.keys() == later - IN_PERSON


def test_the_page_shows_it() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert {type: cells for type, row in rows if len(cells := row.split(" | ")) == 5} == {
        type: row(method) for type, method in METHODS.items()
    }


@pytest.mark.usefixtures("in_kolkata")
def test_what_ends_at_midnight_ends_at_midnight_utc_wherever_the_charge_was_made() -> None:
    method = next(name for name, method in METHODS.items() if method.until_midnight and method.days)
    days = timedelta(days=METHODS[method].days or 0)
    in_berlin = datetime(2026, 11, 2, 0, 30, 15, 5, tzinfo=timezone(timedelta(hours=1)))
    assert capture_before(method, in_berlin) == datetime(2026, 11, 1, tzinfo=UTC) + days


def row(method: Method) -> list[str]:
    return [method.name, window(method), refunds(method), leaves(method), "yes" if method.tried else "no"]


def window(method: Method) -> str:
    if method is METHODS["card"]:
        return "as the charge says, 7 days"
    if method.days is None:
        return "unknown"
    return f"midnight UTC of the {method.days}th day" if method.until_midnight else f"{method.days} days"


def refunds(method: Method) -> str:
    return f"{method.refund_days} days" if method.refund_days else "not looked up"


def leaves(method: Method) -> str:
    return "yes" if method.leaves_the_page else "no, or for 3-D Secure"
