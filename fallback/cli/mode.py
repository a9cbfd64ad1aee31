"""`fallback mode`: show who serves the checkout and what the failover monitor recommends; switch the mode."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from msgspec import UNSET, Struct

from fallback.bootstrap.container import Container
from fallback.cli.command import as_json, asks_who, container, plain_errors, say
from fallback.cli.moments import read_moment
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.usecases.outage.review_mode import review_mode
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.outage.warn_before_switch import warn_before_switch


class ModeReport(Struct, frozen=True):
    """`since`: None before the first switch. `advice`: the recommended mode; None while nobody monitors the shop."""

    mode: Mode
    since: datetime | None
    who: str
    reason: str
    by: Decider
    until: datetime | None
    advice: Mode | None
    why: str


@click.command()
@click.argument("to", type=click.Choice([mode.value for mode in Mode]), required=False)
@click.option("--reason", help="The reason, for the log of switches.")
@asks_who
@click.option("--until", help="Suspend automatic switching for or until: 45m, 2h, 18:30, 2026-11-22T18:30, or 'open'.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@as_json
def mode(to: str | None, reason: str | None, who: str, until: str | None, yes: bool, as_json: bool) -> None:
    """Show the mode, or switch it: standby, active or draining.

    standby: the shop serves its own checkout. active: customers check out here, and orders are kept. draining: the shop
    serves again, and receives the orders that were kept.

    Without --until, automatic switching is suspended for an hour in standby, for 15 minutes in draining, and in active
    until the next manual switch.
    """
    built = container()
    with plain_errors():
        if to:
            _switch(built, Mode(to), reason, who, until, yes)
        report = _report(built)
    say(report, as_json, _in_words(report))


def _switch(built: Container, to: Mode, reason: str | None, who: str, until: str | None, yes: bool) -> None:
    if not reason:
        raise click.UsageError("Give a reason with --reason, for the next on-call engineer.")
    stands_until = read_moment(until, built, "--until") if until else UNSET
    seen = None if yes else _ask_once_more(built, to)
    switch_mode(built, to, who, reason, stands_until, instead_of=seen)


def _ask_once_more(built: Container, to: Mode) -> ModeState | None:
    """The state about which a person was asked. A script cannot confirm: its switch is made, and the doubts go to
    standard error.
    """
    seen = built.modes.read()
    found = warn_before_switch(built, to)
    for doubt in found:
        click.echo(doubt.sentence, err=True)
    if found and at_a_terminal():
        click.confirm(f"Switch to {to} anyway?", abort=True, err=True)
        return seen
    return None


def at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _report(built: Container) -> ModeReport:
    state, seen = review_mode(built)
    return ModeReport(
        mode=state.mode,
        since=state.switched_at,
        who=state.who,
        reason=state.reason,
        by=state.by,
        until=state.until,
        advice=seen.advice.mode if seen else None,
        why=seen.advice.sentence if seen else "The failover monitor is not running: check the clock process.",
    )


def _in_words(report: ModeReport) -> str:
    lines = [f"{report.mode} (never switched)"]
    if report.since:
        lines = [f"{report.mode} since {report.since:%Y-%m-%d %H:%M:%S} UTC, by {report.who}: {report.reason}"]
    if report.until:
        lines.append(f"Automatic switching is suspended until {report.until:%Y-%m-%d %H:%M:%S} UTC.")
    elif report.by is Decider.PERSON:
        lines.append("Automatic switching is suspended until the next manual switch.")
    advised = f"Recommended: {report.advice}. " if report.advice not in (None, report.mode) else ""
    return "\n".join([*lines, advised + report.why])
