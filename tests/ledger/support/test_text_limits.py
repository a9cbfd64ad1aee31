"""Text messages of one day: to one number, in all, and only to the countries of the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.domain.errors import Refused
from fallback.domain.order.contact_ways import ContactWays
from fallback.domain.order.order import Notice, NoticeKind, Order, TextMessage
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.text_limits import ALL, LimitedTexts
from tests.builders import CUSTOMER, NOW, an_order
from tests.redis_server import RedisServer

TEXT = Notice(id="1", kind=NoticeKind.CANCELLED, due_at=NOW, sms=TextMessage.CANCELLED)
BRITISH, GERMAN = "+447400123456", "+4915123456789"


class Gateway:
    """Takes everything."""

    def __init__(self) -> None:
        self.took: list[str] = []

    def deliver(self, order: Order, notice: Notice, before_handing_over: Callable[[], None]) -> None:
        assert order.customer
        self.took.append(order.customer.phone)

    def reach(self) -> str:
        return "sms.example"


class House:
    def __init__(self, server: RedisServer, **limits: object) -> None:
        self.gateway = Gateway()
        ways = ContactWays(**limits)
        self.texts = LimitedTexts(self.gateway, ways, server.client, Crypto(["a-secret-of-the-tests-of-texts-0123"]))

    def text(self, phone: str, notice: Notice = TEXT) -> None:
        order = an_order(customer=replace(CUSTOMER, phone=phone, sms=True))
        self.texts.deliver(order, notice, lambda: None)


def test_one_number_gets_no_more_than_its_limit_and_others_go_on(redis_server: RedisServer) -> None:
    house = House(redis_server, sms_per_number=2)
    for _ in range(2):
        house.text(BRITISH)
    with capture_logs() as logs, pytest.raises(Refused, match=r"^daily_limit$"):
        house.text("07400 123456")  # the same, however it is written
    assert [(line["event"], line["limit"]) for line in logs] == [("sms_limit_reached", "number")]
    house.text(GERMAN)
    assert house.gateway.took == [BRITISH, BRITISH, GERMAN]


def test_all_together_have_a_limit_and_what_is_tried_again_counts_once(redis_server: RedisServer) -> None:
    house = House(redis_server, sms_per_day=1)
    for tries in range(3):
        house.text(BRITISH, replace(TEXT, tries=tries))
    with capture_logs() as logs, pytest.raises(Refused, match=r"^daily_limit$"):
        house.text(GERMAN)
    assert [(line["event"], line["limit"]) for line in logs] == [("sms_limit_reached", "all")]


def test_the_limit_ends_a_day_after_the_first_and_no_number_is_stored(redis_server: RedisServer) -> None:
    House(redis_server).text(BRITISH)
    found = [key.decode() for key in redis_server.client.scan_iter()]
    assert keys.daily(ALL) in found
    assert not any(BRITISH[-6:] in key for key in found)
    lives = [redis_server.client.ttl(key) for key in found]
    assert all(timedelta(hours=23).total_seconds() < life <= timedelta(days=1).total_seconds() for life in lives)


def test_other_countries_get_none(redis_server: RedisServer) -> None:
    house = House(redis_server, sms_countries=("DE", "AT"))
    house.text(GERMAN)
    with pytest.raises(Refused, match=r"^country$"):
        house.text(BRITISH)


def test_a_country_that_is_misspelt_is_named_at_start() -> None:
    [problem] = ContactWays(sms_countries=("DE", "UK")).problems()
    assert problem == "FALLBACK_SMS_COUNTRIES: there is no country 'UK' with phone numbers; 'DE,AT' are."
