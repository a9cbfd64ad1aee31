"""Our own side: each check is content with a house in order, and says what is out of order and what to do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from fallback.bootstrap import Container
from fallback.doctor import house
from fallback.domain.order import Queue
from fallback.ledger.readiness import Headroom
from tests.doctor.conftest import fails, found, settings
from tests.web.world import ONCALL_TOKEN

GIGABYTE = 2**30


@pytest.mark.parametrize(
    "name", ["settings", "secrets", "redis durability", "redis headroom", "redis clock", "workers", "clock process"]
)
def test_a_house_in_order_is_said_to_be(container: Container, name: str) -> None:
    assert found(container, name).ok is True


def test_customers_without_tls_are_named(container: Container) -> None:
    settings(container, public_url="http://shop.example")
    assert fails(container, "settings", "not https")


def test_a_sender_that_no_mail_server_takes_is_named(container: Container) -> None:
    settings(container, fallback_mail_from="orders@localhost")
    assert fails(container, "settings", "FALLBACK_MAIL_FROM")


def test_a_secret_that_serves_two_ends_is_named_and_not_shown(container: Container) -> None:
    settings(container, console_token=ONCALL_TOKEN)
    assert fails(container, "secrets", "ONCALL_TOKEN and CONSOLE_TOKEN are the same")
    assert ONCALL_TOKEN not in str(found(container, "secrets"))


def test_a_rotation_that_was_never_finished_is_named(container: Container) -> None:
    settings(container, secret_key=tuple(f"key-{number}-0123456789-abcdefghijklmnop" for number in range(3)))
    assert fails(container, "secrets", "3 keys")


def test_a_redis_that_can_lose_orders_is_named(container: Container) -> None:
    container.readiness.found = ("Redis has appendfsync no: set it to always.",)
    assert fails(container, "redis durability", "appendfsync no")


@pytest.mark.parametrize(
    ("room", "saying"),
    [
        (None, "does not answer"),
        (Headroom(75, 100, None), "75% of"),
        (Headroom(10, 100, GIGABYTE), "1024 MB of disk free"),
    ],
)
def test_a_redis_that_fills_up_is_named_ahead_of_time(
    container: Container, monkeypatch: pytest.MonkeyPatch, room: Headroom | None, saying: str
) -> None:
    monkeypatch.setattr(container.readiness, "headroom", lambda: room)
    assert fails(container, "redis headroom", saying)


@pytest.mark.parametrize(("seconds", "saying"), [(5, "5 s ahead of ours"), (-5, "5 s behind ours")])
def test_a_clock_that_is_off_is_named(container: Container, seconds: int, saying: str) -> None:
    container.signs.redis_now += timedelta(seconds=seconds)
    assert fails(container, "redis clock", saying)


def test_a_queue_that_nobody_works_on_is_named(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "workers_by_queue", lambda _: Counter([Queue.PAYMENT]))
    assert fails(container, "workers", "nobody works on placement, notice")


def test_a_clock_process_that_is_gone_is_named(container: Container) -> None:
    container.signs.leads = False
    assert fails(container, "clock process", "no clock process")
