"""`fallback drill`: send a test order through the whole pipeline and back; show the results of the last drills."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import NotDone, as_json, asks_who, container, plain_errors, say, utc
from fallback.cli.terminal import Table, say_table
from fallback.domain.errors import Conflict
from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome
from fallback.usecases.oncall.begin_drill import begin_drill
from fallback.usecases.oncall.continue_drill import continue_drill

FOLLOWED_EVERY = 0.5
FAILED, COULD_NOT_DRILL = 1, 2
CODES = {DrillOutcome.PASSED: 0, DrillOutcome.FAILED: FAILED, DrillOutcome.INTERRUPTED: COULD_NOT_DRILL}


@click.command()
@click.option("--log", "log", is_flag=True, help="Show the results of the last drills, newest first.")
@click.option("--game-day", "game_day", is_flag=True, help="Break a demo by plan and report what held; needs --state.")
@click.option("--state", type=click.Path(path_type=Path, exists=True), help="The state directory of the demo to break.")
@click.option("--act", "acts", multiple=True, help="Play only this act of a game day; may be given several times.")
@asks_who
@as_json
def drill(log: bool, game_day: bool, state: Path | None, acts: tuple[str, ...], who: str, as_json: bool) -> None:
    """Send a test order through the whole pipeline.

    It is paid in Stripe's test mode, and cancelled in the shop.

    Exit code 0: passed, 1: failed, 2: not possible, or interrupted by an outage.
    """
    if game_day:
        sys.exit(_game_day(state, acts, as_json))
    built = container()
    with plain_errors():
        if log:
            drills = built.drills.newest()
            table = Table(("Began", "Outcome", "Order", "By", "Why"), list(map(_row, drills)))
            say_table(drills, as_json, table, map(_line, drills), "No drills yet.")
            return
        sys.exit(_drill(built, who, as_json))


def _drill(built: Container, who: str, as_json: bool) -> int:
    try:
        begun = begin_drill(built, who)
    except CannotDrill as error:
        say({"outcome": None, "why": str(error)}, as_json, str(error))
        return COULD_NOT_DRILL
    told, why = 0, ""
    for now in _each_look(built, begun):
        if not as_json:
            for reached in now.steps[told:]:
                click.echo(f"{(reached.at - now.began).total_seconds():7.1f} s  {reached.step.replace('_', ' ')}")
            if now.outcome is DrillOutcome.RUNNING and now.why not in ("", why):
                click.echo(f"{'':9}  it waits: {now.why}")
            told, why = len(now.steps), now.why
    say(now, as_json, _line(now))
    return CODES[now.outcome]


def _each_look(built: Container, drill: Drill) -> Iterator[Drill]:
    """The clock process follows the drill too; either of the two may die."""
    while drill.outcome is DrillOutcome.RUNNING:
        with suppress(Conflict):
            continue_drill(built, drill)
        drill = next(each for each in built.drills.newest() if each.id == drill.id)
        yield drill
        if drill.outcome is DrillOutcome.RUNNING:
            sleep(FOLLOWED_EVERY)


def _line(drill: Drill) -> str:
    parts = [utc(drill.began), f"{drill.outcome:11}", drill.ref, f"by {drill.who}", *_remarks(drill)]
    return "  ".join(part for part in parts if part)


def _row(drill: Drill) -> tuple[str, ...]:
    return utc(drill.began), drill.outcome, drill.ref or "-", drill.who, " ".join(_remarks(drill))


def _remarks(drill: Drill) -> Iterator[str]:
    if drill.why:
        yield drill.why
    if drill.not_exercised:
        yield f"Not exercised without a Stripe test key: {', '.join(drill.not_exercised)}."
    if drill.left:
        yield "Cleanup is pending; the clock process does it."


def _game_day(state: Path | None, acts: tuple[str, ...], as_json: bool) -> int:
    if state is None:
        raise click.UsageError("Name the demo to break with --state; a game day breaks nothing else.")
    try:
        from ops.demo import game_day
    except ImportError:
        raise NotDone("There is no demo in this installation: see ops/demo/README.md.") from None
    report: dict[str, Any] = game_day.play(state, acts, tell=(lambda _: None) if as_json else click.echo)
    say(report, as_json, game_day.table(report))
    return 0 if report["held"] else FAILED
