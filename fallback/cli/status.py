"""`fallback status`: what customers read on the status page, written by on call."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import as_json, asks_who, container, plain_errors, say, utc
from fallback.cli.moments import read_moment, read_span
from fallback.domain.errors import NotAllowedNow
from fallback.domain.outage.public_status import Maintenance, PublicNote, PublicStatus
from fallback.usecases.outage.write_to_customers import announce_maintenance, end_maintenance, publish_note

# Customers look again sooner.
LONGEST_SPAN = timedelta(days=1)


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show, write and plan what the status page says."""
    if context.invoked_subcommand:
        return
    with plain_errors():
        written = container().public_statuses.read()
    lines = [*map(_note, written.notes), *map(_maintenance, written.maintenance)]
    say(written, as_json, "\n".join(lines) or "Nothing was written yet.")


@status.command()
@click.argument("text")
@click.option("--next", "next_in", help="When customers read the next update: 30m, 2h; at most 24h.")
@asks_who
@as_json
def note(text: str, next_in: str | None, who: str, as_json: bool) -> None:
    """Publish an update for customers."""
    span = _span(next_in) if next_in is not None else None
    with plain_errors():
        written = publish_note(container(), text, span, who)
    say(written.notes[0], as_json, _note(written.notes[0]))


@status.command()
@click.option("--from", "begins", required=True, help="Its begin: 45m, 2h, 18:30, 2026-11-22T18:30.")
@click.option("--to", "ends", required=True, help="Its end.")
@click.argument("text")
@asks_who
@as_json
def maintenance(begins: str, ends: str, text: str, who: str, as_json: bool) -> None:
    """Announce planned maintenance. Times without a zone are in the shop's time zone."""
    built = container()
    times = _moment(begins, built, "--from"), _moment(ends, built, "--to")
    with plain_errors():
        written = announce_maintenance(built, times, text, who)
    say(written.maintenance[0], as_json, _maintenance(written.maintenance[0]))


@status.command()
@click.argument("maintenance_id", metavar="ID")
@asks_who
@as_json
def end(maintenance_id: str, who: str, as_json: bool) -> None:
    """End a maintenance now, or withdraw it before it begins."""
    with plain_errors():
        try:
            written = end_maintenance(container(), maintenance_id, who)
        except NotAllowedNow:
            raise click.UsageError("This maintenance is over, or there is none with this ID: fallback status") from None
    ended = _found(written, maintenance_id)
    say(ended, as_json, _maintenance(ended))


def _found(written: PublicStatus, maintenance_id: str) -> Maintenance:
    return next(each for each in written.maintenance if each.id == maintenance_id)


def _span(text: str) -> timedelta:
    span = read_span(text)
    if span is None or not timedelta() < span <= LONGEST_SPAN:
        raise click.BadParameter("Use 30m or 2h: from 1m to 24h.", param_hint="--next")
    return span


def _moment(text: str, built: Container, option: str) -> datetime:
    moment = read_moment(text, built, option)
    if moment is None:
        raise click.BadParameter("Give a time.", param_hint=option)
    return moment


def _note(each: PublicNote) -> str:
    by = f" Next update by {utc(each.next_by)}." if each.next_by else ""
    return f"{utc(each.at)}  {each.who}: {each.text}{by}"


def _maintenance(each: Maintenance) -> str:
    ended = f", ended by {each.ended_by} at {utc(each.ended)}" if each.ended else ""
    return f"maintenance {each.id}  {utc(each.begins)} to {utc(each.ends)}{ended}  {each.who}: {each.text}"
