"""The recommended mode for each piece of evidence, at its limit and just below it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from fallback.domain.outage.failover import (
    AFTERGLOW,
    LOOKS,
    PAUSE,
    REMEMBERED,
    SENTENCES,
    Advice,
    Customers,
    Evidence,
    Probe,
    Rules,
    Why,
    add,
    advise,
)
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STANDBY, ACTIVE, DRAINING = Mode.STANDBY, Mode.ACTIVE, Mode.DRAINING
WELL = Probe(NOW, page=True, health=True)
FAILED = Probe(NOW, page=False, elsewhere=True)
UNHEALTHY = Probe(NOW, page=True, health=False)
RULES = Rules()


def advice(mode: Mode, *log: ModeState, now: Any = NOW, looks: tuple[Probe, ...] = (WELL,), **evidence: Any) -> Advice:
    return advise(mode, log, Evidence(looks=looks, **evidence), RULES, now)


def switch(mode: Mode, ago: timedelta) -> ModeState:
    return ModeState(mode, NOW - ago, "Omar", "why")


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"customers": Customers(4)}, Advice(STANDBY, Why.WELL)),
        ({"customers": Customers(5)}, Advice(ACTIVE, Why.CUSTOMERS, {"customers": 5})),
        ({"customers": Customers(1), "looks": (FAILED,) * 2}, Advice(STANDBY, Why.WELL)),
        (
            {"customers": Customers(1), "looks": (WELL, *(FAILED,) * 3)},
            Advice(ACTIVE, Why.CUSTOMERS_AND_LOOKS, {"customers": 1, "looks": 3}),
        ),
        ({"looks": (FAILED,) * 3}, Advice(STANDBY, Why.WELL)),
        ({"looks": (FAILED,) * 4}, Advice(ACTIVE, Why.LOOKS, {"looks": 4})),
        ({"looks": (*(FAILED, WELL) * 6, *(WELL,) * 8)}, Advice(STANDBY, Why.WELL)),
        (
            {"looks": (*(FAILED, WELL) * 7, *(WELL,) * 6)},
            Advice(ACTIVE, Why.BROWN_OUT, {"failed": 7, "looks": LOOKS}),
        ),
        ({"looks": (*(FAILED, WELL) * 7, *(WELL,) * 5)}, Advice(STANDBY, Why.WELL)),
        ({"looks": (UNHEALTHY,), "unhealthy_since": NOW - MINUTE + SECOND}, Advice(STANDBY, Why.WELL)),
        ({"looks": (UNHEALTHY,), "unhealthy_since": NOW - MINUTE}, Advice(ACTIVE, Why.UNHEALTHY, {"seconds": 60})),
    ],
)
def test_the_evidence_that_recommends_active_mode(evidence: dict[str, Any], said: Advice) -> None:
    assert advice(STANDBY, **evidence) == said


def test_the_way_back_asks_for_calm() -> None:
    log = (switch(ACTIVE, MINUTE),)
    almost = advice(ACTIVE, *log, good_since=NOW - 2 * MINUTE + SECOND)
    assert almost == Advice(ACTIVE, Why.NOT_CALM, {"needed": 120, "calm": 119})
    assert advice(ACTIVE, *log) == Advice(ACTIVE, Why.NOT_CALM, {"needed": 120, "calm": 0})
    calm = {"good_since": NOW - 2 * MINUTE}
    assert advice(ACTIVE, *log, **calm) == Advice(DRAINING, Why.CALM, {"needed": 120, "calm": 120})
    assert advice(ACTIVE, *log, **calm, provider=False) == Advice(ACTIVE, Why.PROVIDER_AWAY)


def test_each_outage_within_an_hour_doubles_the_calm() -> None:
    again, before = (switch(ACTIVE, timedelta()), switch(DRAINING, MINUTE)), switch(STANDBY, 2 * REMEMBERED)
    needed = advice(ACTIVE, *again, switch(ACTIVE, REMEMBERED), before).figures["needed"]
    forgotten = advice(ACTIVE, *again, switch(ACTIVE, REMEMBERED + SECOND), before).figures["needed"]
    reopened = advice(ACTIVE, switch(ACTIVE, timedelta()), switch(ACTIVE, MINUTE)).figures["needed"]
    assert (needed, forgotten, reopened) == (240, 120, 120)
    many = [switch(mode, each * MINUTE) for each in range(6) for mode in (ACTIVE, DRAINING)]
    assert advice(ACTIVE, *many).figures["needed"] == 30 * 60


def test_a_drain_ends_a_minute_after_all_is_handed_over_and_well() -> None:
    log = (switch(DRAINING, AFTERGLOW), switch(ACTIVE, 2 * AFTERGLOW))
    over, nearly = Advice(STANDBY, Why.HANDED_OVER), Advice(DRAINING, Why.NEARLY_OVER)
    long_ago = NOW - 9 * MINUTE
    assert advice(DRAINING, *log, good_since=long_ago) == over
    assert advice(DRAINING, *log, good_since=long_ago, now=NOW - SECOND) == nearly
    assert advice(DRAINING, *log, good_since=NOW - AFTERGLOW + SECOND) == nearly
    assert advice(DRAINING, *log) == nearly
    assert advice(DRAINING, good_since=long_ago) == nearly
    held = Advice(DRAINING, Why.HANDING_OVER, {"held": 3})
    assert advice(DRAINING, *log, good_since=long_ago, held=3) == held


def test_one_look_follows_upon_the_other_unless_the_clock_was_away() -> None:
    before = Evidence(looks=(WELL,), good_since=NOW - MINUTE)
    soon, late = replace(WELL, at=NOW + PAUSE), replace(WELL, at=NOW + PAUSE + SECOND)
    some = Customers(4, 6, 2)
    assert add(before, soon, some, True, 3, RULES) == Evidence((WELL, soon), some, NOW - MINUTE, True, 3)
    assert add(before, late, some, None, 0, RULES) == Evidence((late,), some, late.at)
    assert add(Evidence(), WELL, some, None, 0, RULES) == Evidence((WELL,), some, NOW)
    assert add(before, soon, Customers(5), None, 0, RULES).good_since is None
    assert add(before, replace(FAILED, at=soon.at), Customers(), None, 0, RULES).good_since is None
    unhealthy = Evidence(looks=(UNHEALTHY,), unhealthy_since=NOW - MINUTE)
    assert add(unhealthy, replace(UNHEALTHY, at=soon.at), some, None, 0, RULES).unhealthy_since == NOW - MINUTE
    assert add(unhealthy, replace(UNHEALTHY, at=late.at), some, None, 0, RULES).unhealthy_since == late.at
    many = replace(before, looks=(WELL,) * LOOKS)
    assert len(add(many, soon, some, None, 0, RULES).looks) == LOOKS


def test_stored_evidence_keeps_the_field_names_that_an_older_release_reads() -> None:
    document = b'{"stripe":false}'
    assert msgspec.json.decode(document, type=Evidence).provider is False
    assert b'"stripe":true' in msgspec.json.encode(Evidence(provider=True))


def test_no_sentence_has_a_figure_before_a_noun() -> None:
    """Advice is also told where no language has a say, as the reason of a switch: '1 customers' would stand there."""
    for why, sentence in SENTENCES.items():
        assert (why, re.findall(r"%\(\w+\)s [a-z]{2,}", sentence.replace("%(calm)s of", ""))) == (why, [])
