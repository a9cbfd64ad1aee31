"""The situation in one word: the most urgent condition decides what a person does next."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum

from msgspec import Struct

from fallback.domain.oncall.alerts import Alert, Snapshot
from fallback.domain.outage.drain import DrainState, DrainStatus
from fallback.domain.outage.failover import Advice
from fallback.domain.outage.mode import Mode


class Situation(StrEnum):
    """Most urgent first."""

    NOT_READY = "not_ready"
    HALTED = "halted"
    NOBODY_LOOKS = "nobody_looks"
    SWITCH = "switch"
    LAPSING = "lapsing"
    STANDS_STILL = "stands_still"
    CLOCKS = "clocks"
    PAUSED = "paused"
    ABOUT_TO_SWITCH = "about_to_switch"
    PROBING = "probing"
    OLD = "old"
    PILE = "pile"
    OPEN = "open"
    HANDING_OVER = "handing_over"
    ALL_OVER = "all_over"
    DRILL_FAILED = "drill_failed"
    ALL_WELL = "all_well"


class House(Struct, frozen=True):
    """`advice`: to switch, None to stay; `by_itself`: automation is about to follow it.

    `looks`: the shop is being probed. `burning`: active alerts.
    """

    snapshot: Snapshot
    drain: DrainStatus
    burning: Collection[Alert]
    halted: bool = False
    looks: bool = True
    advice: Advice | None = None
    by_itself: bool = False


def situation(house: House) -> Situation:
    return next(_holding(house))


def _holding(house: House) -> Iterator[Situation]:
    """All conditions that hold, most urgent first."""
    if house.snapshot.not_ready:
        yield Situation.NOT_READY
    if house.halted:
        yield Situation.HALTED
    if not house.looks:
        yield Situation.NOBODY_LOOKS
    if house.advice and not house.by_itself:
        yield Situation.SWITCH
    if Alert.CAPTURE_DEADLINE in house.burning:
        yield Situation.LAPSING
    if Alert.WORK_STANDS_STILL in house.burning:
        yield Situation.STANDS_STILL
    if Alert.CLOCKS_DISAGREE in house.burning:
        yield Situation.CLOCKS
    if house.drain.state is DrainState.PAUSED:
        yield Situation.PAUSED
    if house.advice:
        yield Situation.ABOUT_TO_SWITCH
    if house.drain.state is DrainState.PROBING:
        yield Situation.PROBING
    if Alert.ORDER_TOO_OLD in house.burning:
        yield Situation.OLD
    if Alert.HOLDS_PILE_UP in house.burning:
        yield Situation.PILE
    yield from _in_its_mode(house)


def _in_its_mode(house: House) -> Iterator[Situation]:
    mode = house.snapshot.mode.mode
    if mode is Mode.ACTIVE:
        yield Situation.OPEN
    if house.drain.state is DrainState.GOING:
        yield Situation.HANDING_OVER
    if mode is Mode.DRAINING:
        yield Situation.ALL_OVER
    if Alert.DRILL_FAILED in house.burning:
        yield Situation.DRILL_FAILED
    yield Situation.ALL_WELL
