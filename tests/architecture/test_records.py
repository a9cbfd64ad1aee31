"""The records that the law and card schemes ask for say what is so: how long data is kept, and which scripts run."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from fallback.domain.checkout import drafts
from fallback.domain.checkout.pushed_carts import LONGEST_LIFE
from fallback.domain.payment import inbox
from fallback.domain.support import subscriptions
from fallback.ledger.checkout.drafts import MOST_LOOKS
from fallback.ledger.order.accepting import KEY_LIFE_MS
from fallback.ledger.order.ledger import EVENT_LIFE_MS
from fallback.ledger.redis import keys
from fallback.ledger.support.people import SESSION_LIFE
from fallback.ledger.support.remarks import MOST as MOST_REMARKS
from fallback.web.http.limits import WINDOW_SECONDS
from fallback.web.http.static_files import FILES
from tests.web.conftest import a_container

ROOT = Path(__file__).parents[2]
PERSONAL = (ROOT / "ops/docs/reference/personal-data.md").read_text()
CARDS = (ROOT / "ops/docs/explanation/card-data.md").read_text()
# Templates of the pages on which a card can be given, and the shells around them.
PAYMENT_PAGES = ("customer/checkout/checkout.html", "customer/order/order.html", "http/layout.html")


def kept(name: str) -> str:
    """How long the row with this key says that it is kept."""
    [row] = [line for line in PERSONAL.splitlines() if line.startswith("|") and f"`{name}" in line]
    return row.split("|")[4].strip()


def test_every_key_with_encrypted_data_is_in_the_record() -> None:
    assert keys.__doc__
    encrypted = re.findall(r"^(\w+)[:<\w> ]*? +\w+ +.*\(encrypted\)", keys.__doc__, re.MULTILINE)
    assert {"order", "inbox", "people", "draft", "renewals", "remarks", "replies", "incident", "subscriptions"} == set(
        encrypted
    )
    assert all(f"`{name}" in PERSONAL for name in encrypted)


def test_the_record_says_how_long_the_code_keeps_it() -> None:
    days = a_container().keep_personal_for.days
    assert f"`FALLBACK_KEEP_PERSONAL_DAYS` ({days})" in PERSONAL
    assert (drafts.LIFE, kept("draft:")) == (timedelta(days=1), "1 day")
    assert (LONGEST_LIFE, "7 days at most" in kept("pushed:")) == (timedelta(days=7), True)
    assert (subscriptions.CONFIRMED_WITHIN, "1 day without" in kept("subscriptions")) == (timedelta(days=1), True)
    assert (subscriptions.KEPT, "7 days with" in kept("subscriptions")) == (timedelta(days=7), True)
    assert (inbox.KEPT, kept("inbox")) == (timedelta(days=30), "30 days")
    assert (KEY_LIFE_MS, EVENT_LIFE_MS) == (48 * 3_600_000, 7 * 24 * 3_600_000)
    assert "| 48 hours; 7 days |" in PERSONAL
    assert (SESSION_LIFE, "sessions 12 hours" in kept("people")) == (timedelta(hours=12), True)
    assert kept("looks") == f"the last {MOST_LOOKS:,}"
    assert f"the last {MOST_REMARKS:,}" in kept("remarks")
    assert (WINDOW_SECONDS, "| in memory only | a minute |" in PERSONAL) == (60, True)


def test_the_inventory_of_scripts_is_what_the_payment_pages_load() -> None:
    listed = set(re.findall(r"^\| `(\w+\.js)` \| us", CARDS, re.MULTILINE))
    texts = [(ROOT / "templates" / page).read_text() for page in PAYMENT_PAGES]
    named = {name for text in texts for name in re.findall(r'asset\("(\w+\.js)"\)', text)}
    assert listed == loaded(named)


def loaded(names: set[str]) -> set[str]:
    imported = {each for name in names for each in re.findall(r'"\./(\w+\.js)"', FILES[name].decode())}
    return names if imported <= names else loaded(names | imported)


def test_no_payment_page_has_a_script_in_itself() -> None:
    for page in PAYMENT_PAGES:
        text = (ROOT / "templates" / page).read_text()
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == [], page
