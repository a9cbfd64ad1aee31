"""`fallback drain`: whether orders are handed over to the shop, how fast, and when all will be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import as_json, asks_who, container, plain_errors, say, utc
from fallback.cli.terminal import Table, in_a_terminal, progress, say_table
from fallback.domain.money import Money
from fallback.domain.outage.drain import DrainState, DrainStatus, PaceRequest
from fallback.domain.outage.dry_run import NOT_PLACED, DryRunFate, DryRunTotal, DryRunTotals
from fallback.domain.outage.pace import PaceRule
from fallback.usecases.outage.drain_status import drain_status
from fallback.usecases.outage.rehearse_drain import rehearse_drain
from fallback.usecases.outage.set_pace import set_pace

WATCHED_EVERY = 2.0
WORDS = {
    DrainState.HELD: "held: in this mode nothing is handed over",
    DrainState.PAUSED: "paused",
    DrainState.PROBING: "the shop does not answer: one order at a time tests whether it is back",
    DrainState.GOING: "running",
    DrainState.DONE: "no orders are waiting",
}


@click.command()
@click.option("--pace", type=float, help="Maximum orders per second.")
@click.option("--pause", "paused", flag_value=True, default=None, type=bool, help="Hand over nothing until --resume.")
@click.option("--resume", "paused", flag_value=False, type=bool, help="Resume after --pause.")
@click.option("--ramp/--fixed", "ramp", default=None, help="Start slowly and adapt to the shop, or keep the pace.")
@click.option("--why", help="The reason, for the log of decisions.")
@asks_who
@click.option("--log", "log", is_flag=True, help="Show the decisions, newest first.")
@click.option(
    "--dry-run", "dry_run", is_flag=True, help="Show what would happen to every waiting order; write nothing."
)
@click.option("--watch", is_flag=True, help="Repeat every two seconds until no orders are waiting.")
@as_json
def drain(
    pace: float | None,
    paused: bool | None,
    ramp: bool | None,
    why: str | None,
    who: str,
    log: bool,
    dry_run: bool,
    watch: bool,
    as_json: bool,
) -> None:
    """Show the hand-over of orders to the shop, or set its pace.

    What is set needs a reason: --why.
    """
    built = container()
    with plain_errors():
        if (pace, paused, ramp) != (None, None, None):
            if not why:
                raise click.UsageError("Give a reason with --why, for the next on-call engineer.")
            set_pace(built, PaceRequest(why, pace, paused, ramp), who)
        if log:
            _say_decisions(built, as_json)
            return
        if dry_run:
            _rehearse(built, as_json)
            return
        for now in _each(built) if watch else [drain_status(built)]:
            say(now, as_json, _line(now) if watch else "\n".join(_lines(now)))


def _each(built: Container) -> Iterator[DrainStatus]:
    while True:
        now = drain_status(built)
        yield now
        if now.state is DrainState.DONE:
            return
        time.sleep(WATCHED_EVERY)


def _say_decisions(built: Container, as_json: bool) -> None:
    decisions = built.pace.decided()
    rows = [(utc(rule.at), rule.who, _pace(rule), rule.why) for rule in decisions if rule.at]
    lines = (f"{at}  {who}: {pace}, {why}" for at, who, pace, why in rows)
    table = Table(("At", "Who", "Pace", "Why"), rows)
    say_table(decisions, as_json, table, lines, "No decisions yet: the settings apply.")


def _rehearse(built: Container, as_json: bool) -> None:
    """Each order that would not be placed as agreed, as it is found; in JSON every order. The totals are last.

    In a terminal they are a table at the end, below a bar that shows how far it is.
    """
    counts, totals, rows = built.views.counts().headlines, DryRunTotals(), list[tuple[str, ...]]()
    with progress() as track:
        for seen in track("Orders", rehearse_drain(built), sum(counts[headline] for headline in NOT_PLACED)):
            totals.add(seen)
            if as_json:
                say(seen, True, "")
            elif seen.fate is not DryRunFate.PLACED:
                money = str(Money(seen.amount, seen.currency)) if seen.currency else "-"
                rows.append((seen.ref, seen.fate, money, seen.detail))
                if not in_a_terminal():
                    click.echo(f"{seen.ref}  {seen.fate:13} {money:>14}  {seen.detail}")
    lines = list(map(_total, totals.rows())) or ["No orders are waiting."]
    table = Table(("Ref", "What would happen", "Total", "Why"), rows, figures=("Total",), below=lines)
    say_table({"totals": totals.rows()}, as_json, table, lines)


def _total(row: DryRunTotal) -> str:
    sums = [str(Money(amount, currency)) for currency, amount in sorted(row.amounts.items())]
    return f"{row.orders:>7} {row.fate:13} {', '.join(sums)}".rstrip()


def _pace(rule: PaceRule) -> str:
    return f"{rule.pace:g}/s{'' if rule.ramp else ' fixed'}{' paused' if rule.paused else ''}"


def _lines(now: DrainStatus) -> Iterator[str]:
    rule = now.rule
    yield f"{WORDS[now.state]} (mode {now.mode})"
    yield f"waiting   {now.due} due, {now.later} later; besides {now.on_hold} on hold, {now.unpaid} not paid"
    yield f"pace      {now.pace:.3g} orders per second, at most {now.highest:.3g}{'' if rule.ramp else ', fixed'}"
    if rule.paused and now.state is not DrainState.PAUSED:  # nothing is due, and later nothing will be handed over
        yield "paused    until --resume"
    by = f"{rule.who}, {utc(rule.at)}" if rule.at else "the settings"
    yield f"set by    {by}: {rule.pace:g} orders per second ({rule.why})"
    latency = "-" if now.latency is None else f"{now.latency * 1000:.0f} ms per call"
    yield f"the shop  {latency}, {now.errors} calls failed in the last second"
    yield f"over      {_end(now)}"


def _line(now: DrainStatus) -> str:
    return (
        f"{now.at:%H:%M:%S}  {now.state:8} {now.due + now.later:>7} wait  {now.pace:>6.3g}/s  "
        f"{now.errors:>3} failed  over {_end(now)}"
    )


def _end(now: DrainStatus) -> str:
    if now.over_at is None or now.seconds_left is None:
        return "unknown"
    if now.state is DrainState.DONE:
        return "now"
    left = f"in {timedelta(seconds=round(now.seconds_left))}"
    if now.state is not DrainState.GOING:
        return f"{left} once it resumes"
    return f"{left}, at {now.over_at:%H:%M:%S} UTC"
