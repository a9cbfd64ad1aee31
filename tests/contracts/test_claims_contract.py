"""Claims, in memory and in Redis."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count

import pytest

from fallback.domain.errors import Conflict
from fallback.domain.order.refs import new_ref
from fallback.domain.support.claims import PRESENT_FOR, TYPES_FOR, Claim, Claimed, ask, give_back, take
from fallback.domain.support.ports import Claims
from fallback.ledger.redis import keys
from fallback.ledger.support.claims import RedisClaims
from tests.builders import NOW
from tests.fakes.claims import FakeClaims
from tests.redis_server import RedisServer


@pytest.fixture(params=["fake", "redis"])
def claims(request: pytest.FixtureRequest) -> Claims:
    if request.param == "fake":
        return FakeClaims()
    server: RedisServer = request.getfixturevalue("redis_server")
    return RedisClaims(server.client)


@pytest.fixture
def ref() -> str:
    return new_ref()


def takes(claims: Claims, ref: str, who: str, now: datetime = NOW) -> Claim | None:
    return claims.change(ref, lambda claim: take(claim, who, now))


def test_an_order_that_nobody_claimed_has_no_holder(claims: Claims, ref: str) -> None:
    assert claims.current(ref) is None


def test_a_claim_is_read_back_as_it_was_written(claims: Claims, ref: str) -> None:
    taken = takes(claims, ref, "mara")
    assert taken is not None
    assert claims.current(ref) == taken
    asked = claims.change(ref, lambda claim: ask(claim, "jon", NOW))
    assert claims.current(ref) == asked != taken


def test_a_claim_that_others_are_always_ahead_of_is_given_up(redis_server: RedisServer, ref: str) -> None:
    claims, fences = RedisClaims(redis_server.client), count()

    def is_overtaken(_: Claim | None) -> Claim:
        fence = next(fences)
        claims.change(ref, lambda _: Claim("mara", fence, NOW))
        return Claim("jon", fence, NOW)

    with pytest.raises(Conflict, match=ref):
        claims.change(ref, is_overtaken)


def test_a_refused_claim_leaves_the_holder_unchanged(claims: Claims, ref: str) -> None:
    taken = takes(claims, ref, "mara")
    with pytest.raises(Claimed):
        takes(claims, ref, "jon")
    assert claims.change(ref, lambda claim: give_back(claim, "jon", NOW)) is None
    assert claims.current(ref) == taken


def test_each_order_has_its_own(claims: Claims, ref: str) -> None:
    takes(claims, ref, "mara")
    assert takes(claims, new_ref(), "jon").holder == "jon"


def test_one_of_many_simultaneous_claims_succeeds(claims: Claims, ref: str) -> None:
    def tries(who: str) -> str:
        try:
            return takes(claims, ref, who).holder
        except Claimed as told:
            return told.holder

    with ThreadPoolExecutor(8) as threads:
        believed = set(threads.map(tries, "abcdefgh"))
    assert believed == {claims.current(ref).holder}


# --- presence


def test_each_viewer_of_an_order_sees_the_other_viewers(claims: Claims, ref: str) -> None:
    assert claims.look(ref, "mara", NOW).names == ["mara"]
    assert claims.look(ref, "customer", NOW).names == ["customer", "mara"]
    assert claims.look(ref, "mara", NOW).names == ["customer", "mara"]
    assert claims.look(new_ref(), "jon", NOW).names == ["jon"]


def test_a_viewer_who_is_silent_is_no_longer_shown_as_present(claims: Claims, ref: str) -> None:
    claims.look(ref, "mara", NOW)
    claims.look(ref, "customer", NOW, timedelta(seconds=70))
    assert claims.look(ref, "jon", NOW + PRESENT_FOR - timedelta(seconds=1)).names == ["customer", "jon", "mara"]
    assert claims.look(ref, "jon", NOW + PRESENT_FOR).names == ["customer", "jon"]


def test_who_types_is_told_to_all_for_some_seconds_and_takes_no_claim(claims: Claims, ref: str) -> None:
    assert claims.look(ref, "customer", NOW, types=True).typing == ["customer"]
    assert claims.look(ref, "mara", NOW + TYPES_FOR - timedelta(seconds=1)).typing == ["customer"]
    assert claims.look(ref, "mara", NOW + TYPES_FOR, types=True).typing == ["mara"]
    assert claims.look(new_ref(), "jon", NOW).typing == []
    assert claims.current(ref) is None


def test_redis_forgets_all_of_it_by_itself(redis_server: RedisServer, ref: str) -> None:
    claims = RedisClaims(redis_server.client)
    takes(claims, ref, "mara")
    claims.look(ref, "mara", NOW)
    claims.look(ref, "customer", NOW, timedelta(seconds=70))
    claims.look(ref, "mara", NOW)
    assert 0 < redis_server.client.ttl(keys.claim(ref)) <= 120
    assert 70 < redis_server.client.ttl(keys.here(ref)) <= 120


def test_a_claim_that_changed_meanwhile_is_decided_again(redis_server: RedisServer, ref: str) -> None:
    claims, others = RedisClaims(redis_server.client), RedisClaims(redis_server.client)
    seen: list[str | None] = []

    def decide(claim: Claim | None) -> Claim:
        seen.append(claim.holder if claim else None)
        if claim is None:
            takes(others, ref, "jon")
        return Claim("mara", 2, NOW + PRESENT_FOR)

    claims.change(ref, decide)
    assert seen == [None, "jon"]
    claim = claims.current(ref)
    assert claim
    assert claim.holder == "mara"
