"""Saved forms in a real Redis: encrypted, limited, and expired after a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.errors import TryAgain
from fallback.ledger.checkout import drafts as ledger_drafts
from fallback.ledger.checkout.drafts import Drafts
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.contracts.test_drafts import a_draft
from tests.ledger.world import a_container
from tests.redis_server import RedisServer

OLD, NEW = "the-old-secret-of-the-draft-tests-0123", "the-new-secret-of-the-draft-tests-0123"


@pytest.fixture
def drafts(redis_server: RedisServer) -> Drafts:
    return a_container(redis_server.url).drafts


def test_a_saved_form_expires_within_a_day(drafts: Drafts, redis_server: RedisServer) -> None:
    drafts.save(a_draft())
    drafts.save(a_draft(seen_at=NOW + timedelta(hours=23)))

    lives = {key.decode(): redis_server.client.ttl(key) for key in redis_server.client.scan_iter("draft*:*")}
    assert len(lives) == 3
    assert all(0 < life <= 24 * 3600 for life in lives.values())
    assert lives["draft:basket-17"] <= 3600


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


def test_new_drafts_wait_while_there_are_too_many(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_drafts, "MOST", 1)
    drafts.save(a_draft())
    with pytest.raises(TryAgain):
        drafts.save(a_draft(cart_id="2"))
    drafts.save(a_draft(name="Dame Iris"))
    drafts.save(a_draft(cart_id="2", since=NOW + timedelta(hours=24), seen_at=NOW + timedelta(hours=24)))


def test_one_that_is_dropped_leaves_nothing(drafts: Drafts, redis_server: RedisServer) -> None:
    drafts.save(a_draft())
    drafts.drop("basket-17")
    assert redis_server.client.zcard(keys.DRAFTS) == 0


def test_when_it_was_last_open_is_read_although_nothing_else_was_typed(
    drafts: Drafts, redis_server: RedisServer
) -> None:
    """And what was typed is not sealed anew for it."""
    drafts.save(a_draft())
    sealed = redis_server.client.hget("draft:basket-17", "doc")
    later = NOW + timedelta(minutes=5)
    drafts.save(a_draft(seen_at=later))
    draft = drafts.of_cart("basket-17")
    assert draft
    assert (draft.since, draft.seen_at) == (NOW, later)
    assert redis_server.client.hget("draft:basket-17", "doc") == sealed
