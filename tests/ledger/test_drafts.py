"""Drafts in a real Redis: found by e-mail and phone only, encrypted, bounded, and gone after a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.drafts import Draft, Look
from fallback.domain.errors import TryAgain
from fallback.ledger import drafts as ledger_drafts
from fallback.ledger import keys
from fallback.ledger.drafts import Drafts
from tests.builders import NOW
from tests.ledger.world import a_container
from tests.redis_server import RedisServer

OLD, NEW = "the-old-secret-of-the-draft-tests-0123", "the-new-secret-of-the-draft-tests-0123"


def a_draft(**changes: Any) -> Draft:
    draft = Draft(
        cart_id="basket-17",
        cart_token="header.cart.signature",
        locale="en-GB",
        since=NOW,
        seen_at=NOW,
        name="Iris Murdoch",
        email="Iris@example.org",
        phone="+44 1482 300300",
    )
    return replace(draft, **changes)


@pytest.fixture
def drafts(redis_server: RedisServer) -> Drafts:
    return a_container(redis_server.url).drafts


@pytest.mark.parametrize("typed", ["iris@EXAMPLE.org", " Iris@example.org ", "+44 (1482) 300 300"])
def test_a_draft_is_found_by_address_and_phone(drafts: Drafts, typed: str) -> None:
    drafts.save(a_draft())
    assert drafts.find(typed) == [a_draft()]


@pytest.mark.parametrize("typed", ["", "-", "other@example.org", "300300", "iris"])
def test_nothing_else_finds_it(drafts: Drafts, typed: str) -> None:
    drafts.save(a_draft())
    assert drafts.find(typed) == []


def test_a_form_without_a_phone_is_not_found_by_one(drafts: Drafts) -> None:
    drafts.save(a_draft(phone=""))
    assert drafts.find("") == []


def test_the_last_save_wins_and_the_day_counts_from_the_first(drafts: Drafts) -> None:
    later = NOW + timedelta(minutes=5)
    drafts.save(a_draft())
    drafts.save(a_draft(email="dame@example.org", since=later, seen_at=later))

    assert drafts.of_cart("basket-17") == a_draft(email="dame@example.org", since=NOW, seen_at=later)
    assert drafts.find("iris@example.org") == []
    assert len(drafts.find("dame@example.org")) == 1


def test_the_draft_last_heard_of_comes_first(drafts: Drafts) -> None:
    drafts.save(a_draft(cart_id="1"))
    drafts.save(a_draft(cart_id="2"))
    drafts.save(a_draft(cart_id="1", seen_at=NOW + timedelta(seconds=15)))
    assert [draft.cart_id for draft in drafts.find("iris@example.org")] == ["1", "2"]


def test_all_that_is_kept_of_a_person_ends_within_a_day(drafts: Drafts, redis_server: RedisServer) -> None:
    drafts.save(a_draft())
    drafts.save(a_draft(seen_at=NOW + timedelta(hours=23)))

    lives = {key.decode(): redis_server.client.ttl(key) for key in redis_server.client.scan_iter("draft*:*")}
    assert len(lives) == 3
    assert all(0 < life <= 24 * 3600 for life in lives.values())
    assert lives["draft:basket-17"] <= 3600


def test_a_page_that_stays_open_beyond_the_day_keeps_nothing(drafts: Drafts) -> None:
    drafts.save(a_draft())
    drafts.save(a_draft(seen_at=NOW + timedelta(hours=24)))
    assert drafts.of_cart("basket-17") is None


def test_nothing_of_it_can_be_read_in_redis(drafts: Drafts, redis_server: RedisServer) -> None:
    drafts.save(a_draft())
    stored = b" ".join(redis_server.client.hgetall("draft:basket-17").values())
    for secret in (b"ris", b"300300", b"signature"):
        assert secret not in stored


def test_what_is_stored_for_one_cart_opens_for_no_other(drafts: Drafts, redis_server: RedisServer) -> None:
    drafts.save(a_draft())
    redis_server.client.rename("draft:basket-17", "draft:basket-18")
    with pytest.raises(Exception, match="basket-18"):
        drafts.of_cart("basket-18")


def test_a_draft_outlives_the_change_of_the_secret(redis_server: RedisServer) -> None:
    a_container(redis_server.url, secret_key=(OLD,)).drafts.save(a_draft())
    changed = a_container(redis_server.url, secret_key=(NEW, OLD)).drafts
    assert changed.find("iris@example.org") == [a_draft()]


def test_a_person_has_so_many_drafts_and_no_more(drafts: Drafts) -> None:
    for number in range(12):
        drafts.save(a_draft(cart_id=str(number), seen_at=NOW + timedelta(seconds=number)))
    assert [draft.cart_id for draft in drafts.find("iris@example.org")] == [str(number) for number in range(11, 1, -1)]


def test_new_drafts_wait_while_there_are_too_many(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_drafts, "MOST", 1)
    drafts.save(a_draft())
    with pytest.raises(TryAgain):
        drafts.save(a_draft(cart_id="2"))
    drafts.save(a_draft(name="Dame Iris"))
    drafts.save(a_draft(cart_id="2", since=NOW + timedelta(hours=24), seen_at=NOW + timedelta(hours=24)))


def test_a_draft_that_is_dropped_is_gone(drafts: Drafts, redis_server: RedisServer) -> None:
    drafts.save(a_draft())
    drafts.drop("basket-17")
    assert drafts.find("iris@example.org") == []
    assert redis_server.client.zcard(keys.DRAFTS) == 0


def test_who_looked_is_remembered_newest_first(drafts: Drafts) -> None:
    looks = [Look(NOW, "ann", ("basket-17",)), Look(NOW + timedelta(minutes=1), "ben", ())]
    for look in looks:
        drafts.record(look)
    assert drafts.looks(10) == looks[::-1]
