"""The store of the last drills, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict
from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome, Drills, DrillStep, Reached, begin, ended
from fallback.ledger.oncall.drills import RedisDrills
from tests.builders import NOW
from tests.fakes.drills import FakeDrills
from tests.redis_server import RedisServer


@pytest.fixture(params=["in memory", "on redis"])
def drills(request: pytest.FixtureRequest) -> Drills:
    if request.param == "in memory":
        return FakeDrills()
    return RedisDrills(request.getfixturevalue("redis_server").client)


def test_without_drills_the_list_is_empty(drills: Drills) -> None:
    assert drills.newest() == []


def test_a_drill_is_kept_with_all_that_is_known_of_it(drills: Drills) -> None:
    begun = begin("Omar", paid=True, now=NOW)
    drills.begin(begun)
    known = replace(begun, card="ctoken_1", ref="FB-7K3M-92QX-5", steps=(Reached(DrillStep.ACCEPTED, NOW),))
    drills.keep(known, instead_of=begun)
    failed = ended(known, DrillOutcome.FAILED, NOW + timedelta(minutes=1), "Not authorized.", left=True)
    drills.keep(failed, instead_of=known)
    assert drills.newest() == [failed]


def test_only_one_runs_at_a_time(drills: Drills) -> None:
    drills.begin(begin("Omar", paid=True, now=NOW))
    with pytest.raises(CannotDrill, match=r"^Another drill is running\.$"):
        drills.begin(begin("clock", paid=True, now=NOW))
    assert [drill.who for drill in drills.newest()] == ["Omar"]


def test_a_drill_with_pending_cleanup_does_not_block_the_next_drill(drills: Drills) -> None:
    first = begin("Omar", paid=True, now=NOW)
    drills.begin(first)
    drills.keep(ended(first, DrillOutcome.FAILED, NOW, left=True), instead_of=first)
    drills.begin(begin("clock", paid=True, now=NOW))
    assert [drill.who for drill in drills.newest()] == ["clock", "Omar"]


def test_the_second_writer_of_a_drill_gets_a_conflict(drills: Drills) -> None:
    seen = begin("Omar", paid=True, now=NOW)
    drills.begin(seen)
    first = replace(seen, card="ctoken_1")
    drills.keep(first, instead_of=seen)
    with pytest.raises(Conflict, match=seen.id):
        drills.keep(replace(seen, card="ctoken_2"), instead_of=seen)
    assert drills.newest() == [first]


def test_the_oldest_are_forgotten(redis_server: RedisServer) -> None:
    drills = RedisDrills(redis_server.client)
    made: list[Drill] = []
    for number in range(32):
        drill = begin("clock", paid=True, now=NOW + timedelta(days=number))
        drills.begin(drill)
        made.append(ended(drill, DrillOutcome.PASSED, drill.began))
        drills.keep(made[-1], instead_of=drill)
    assert drills.newest() == made[:1:-1]
