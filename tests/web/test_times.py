"""Times are shown in the shop's time zone, with its name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from fallback import i18n
from fallback.bootstrap.container import Container
from fallback.domain.order.cart import Slot
from fallback.domain.order.order import Order, PaymentState
from tests.builders import NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import press
from tests.web.html import Page


@pytest.fixture(autouse=True)
def in_berlin(container: Container) -> None:
    container.zone = ZoneInfo("Europe/Berlin")


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    return ledger.keep(an_order())


def test_the_console_shows_the_shops_time_with_its_zone(agent: FlaskClient, order: Order) -> None:
    page = Page(agent.get("/console"))
    assert page.one("time", datetime=NOW.isoformat())["title"] == "21 Nov 2026, 11:00 CET"


def test_customers_read_it_too(browser: FlaskClient, container: Container, ledger: FakeLedger) -> None:
    order = ledger.keep(an_order(payment=a_payment(PaymentState.AUTHORIZED, capture_before=NOW)))
    page = Page(browser.get(f"/orders/{order.ref}?key={container.links.key(order.ref)}"))
    assert "The amount is reserved until 21 Nov 2026, 11:00 CET." in page.text


def test_a_time_that_an_agent_gives_is_the_shops_time(agent: FlaskClient, order: Order, ledger: FakeLedger) -> None:
    page = Page(agent.get(f"/console/orders/{order.ref}"))
    page = press(agent, page, "/callback", phone="+44 1482 300300", at="2026-11-21T16:30")
    call = ledger.load(order.ref).callback
    assert call is not None
    assert call.at == datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    assert "21 Nov 2026, 16:30 CET" in page.text


def test_two_zones_in_one_process_are_not_mixed_up() -> None:
    said = [i18n.moment(NOW, "en", ZoneInfo(name)) for name in ("UTC", "Europe/Berlin", "UTC")]
    assert said == ["21 Nov 2026, 10:00 UTC", "21 Nov 2026, 11:00 CET", "21 Nov 2026, 10:00 UTC"]


AFTERNOON = datetime(2026, 12, 3, 22, tzinfo=UTC), datetime(2026, 12, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("signed_in", "shop", "words"),
    [
        (UTC, "Europe/Berlin", "Thursday, December 3, 11:00 PM – 2:00 AM CET"),
        (UTC, "Asia/Tokyo", "Friday, December 4, 7:00 AM – 10:00 AM JST"),
        (timezone(timedelta(hours=1)), "Europe/Berlin", "Thursday, December 3, 11:00 PM – 2:00 AM CET"),
        (timezone(timedelta(hours=-5)), "Europe/Berlin", "Thursday, December 3, 5:00 PM – 8:00 PM UTC-05:00"),
        (UTC, "UTC", "Thursday, December 3, 10:00 PM – 1:00 AM UTC"),
    ],
)
def test_a_delivery_time_is_that_at_the_door_and_names_its_zone(signed_in: timezone, shop: str, words: str) -> None:
    slot = Slot("pm", *(at.astimezone(signed_in) for at in AFTERNOON))
    assert i18n.slot(slot, "en", ZoneInfo(shop)).replace("\N{NARROW NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize("locale", ["pt-BR", "sv-SE", "fa"])
def test_where_we_have_no_texts_in_a_language_times_have_no_words_of_it(locale: str) -> None:
    slot = Slot("pm", *AFTERNOON)
    assert i18n.moment(NOW, locale) == i18n.moment(NOW, "en")
    assert i18n.slot(slot, locale) == i18n.slot(slot, "en")
    assert i18n.listed(["Ann", "Ben"], locale) == "Ann and Ben"


def test_a_delivery_time_over_the_change_of_the_clock_names_both_zones() -> None:
    night = Slot("night", datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 5, tzinfo=UTC))
    assert i18n.slot(night, "de", ZoneInfo("Europe/Berlin")) == "Sonntag, 25. Oktober, 00:00 – 06:00 CEST – CET"


@pytest.mark.parametrize(
    ("starts", "ends", "words"),
    [
        (0, 24, "Montag, 23. November, 00:00 – Dienstag, 24. November, 00:00 CET"),
        (10, 62, "Montag, 23. November, 10:00 – Mittwoch, 25. November, 14:00 CET"),
        (10, 33, "Montag, 23. November, 10:00 – 09:00 CET"),  # the next morning
    ],
)
def test_a_delivery_time_of_a_day_or_more_names_the_day_on_which_it_ends(starts: int, ends: int, words: str) -> None:
    monday = datetime(2026, 11, 22, 23, tzinfo=UTC)  # it begins in Berlin
    slot = Slot("days", monday + timedelta(hours=starts), monday + timedelta(hours=ends))
    assert i18n.slot(slot, "de", ZoneInfo("Europe/Berlin")) == words


def test_their_page_shows_it_in_the_shops_zone(browser: FlaskClient, container: Container, order: Order) -> None:
    page = Page(browser.get(f"/orders/{order.ref}?key={container.links.key(order.ref)}"))
    assert "Monday, November 23, 9:00 AM – 1:00 PM CET" in page.text.replace("\N{NARROW NO-BREAK SPACE}", " ")
