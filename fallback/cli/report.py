"""`fallback report`: time to completion, refunds and goodwill, by path."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import click

from fallback.cli.command import FOUND, as_json, container, plain_errors
from fallback.cli.moments import DAY
from fallback.cli.terminal import Table, progress, say_table
from fallback.domain.money import Money
from fallback.domain.order.unread import unread_note
from fallback.domain.support.fairness import Group, Report, WaitSpread
from fallback.domain.support.report_table import as_csv


@click.command()
@click.option("--since", type=DAY, metavar="DAY", help="First day, UTC, such as 2026-11-21; a week ago by default.")
@click.option("--until", type=DAY, metavar="DAY", help="Before this day, UTC; now by default.")
@click.option("--most", default=1_000_000, type=click.IntRange(min=1), help="At most this many orders, the newest.")
@click.option("--csv", "csv", is_flag=True, help="Print CSV, for a spreadsheet.")
@as_json
def report(since: datetime | None, until: datetime | None, most: int, csv: bool, as_json: bool) -> None:
    """Compare: are customers who wait served as fast as those who ask?

    Exit code 0: every order could be read; 1: not every one; 2: there is no report.
    """
    built = container()
    until = until.replace(tzinfo=UTC) if until else built.clock()
    since = since.replace(tzinfo=UTC) if since else until - timedelta(days=7)
    if since >= until:
        raise click.UsageError("--since has to be before --until.")
    with plain_errors():
        period = built.report_source.period(since, until, most)
        with progress() as track:
            walked = track("Orders", built.report_source.stories(period), period.orders)
            found = period.report(walked)
    if csv:
        click.echo(as_csv(found), nl=False)
    else:
        say_table(found, as_json, _table(found), _lines(found))
    sys.exit(FOUND if found.unread else 0)


def _table(found: Report) -> Table:
    heads = ("Path", "Orders", "Open", "Alone", "Helped", "Settled in", "First mail in", "Refunded", "of it goodwill")
    rows = [
        (
            each.way,
            *map(str, (each.orders, each.open, each.finished, each.with_help)),
            _spread(each.settled),
            _spread(each.word),
            _sums(each.refunded),
            _sums(each.goodwill),
        )
        for each in found.groups
    ]
    return Table(heads, rows, figures=heads[1:], above=_head(found), below=["Times are the median (90th percentile)."])


def _head(found: Report) -> list[str]:
    head = [f"{found.orders} orders from {found.since:%Y-%m-%d %H:%M} to {found.until:%Y-%m-%d %H:%M} UTC"]
    if found.left_out:
        head.append(f"{found.left_out} older orders of this period are not included: see --most")
    return head + unread_note(found.unread)


def _lines(found: Report) -> list[str]:
    head = _head(found)
    columns = f"{'settled in (p90)':>22} {'first mail in (p90)':>22}"
    head.append(f"{'':10} {'orders':>7} {'open':>6} {'alone':>8} {'helped':>7} {columns}  refunded, of it goodwill")
    return head + [_line(each) for each in found.groups]


def _line(each: Group) -> str:
    currencies = sorted(each.refunded.keys() | each.goodwill.keys())
    money = "; ".join(
        f"{_major(each.refunded, currency)} {currency}, {_major(each.goodwill, currency)}" for currency in currencies
    )
    times = f"{_spread(each.settled):>22} {_spread(each.word):>22}"
    counts = f"{each.orders:>7} {each.open:>6} {each.finished:>8} {each.with_help:>7}"
    return f"{each.way:10} {counts} {times}  {money or '-'}"


def _sums(amounts: dict[str, int]) -> str:
    return "\n".join(str(Money(amount, currency)) for currency, amount in sorted(amounts.items())) or "-"


def _major(amounts: dict[str, int], currency: str) -> Decimal:
    return Money(amounts.get(currency, 0), currency).decimal


def _spread(spread: WaitSpread) -> str:
    if spread.median is None or spread.p90 is None:
        return "-"
    return f"{_time(spread.median)} ({_time(spread.p90)})"


def _time(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
