"""The report as CSV (RFC 4180): a row for each way and currency, with only figures and our own codes."""

from __future__ import annotations

import csv
from io import StringIO

from fallback.domain.support.fairness import Group, Report

COLUMNS = (
    "since",
    "until",
    "way",
    "orders",
    "open",
    "finished_herself",
    "finished_with_help",
    "settled",
    "settled_median_seconds",
    "settled_p90_seconds",
    "first_word",
    "first_word_median_seconds",
    "first_word_p90_seconds",
    "currency",
    "refunded_minor_units",
    "goodwill_minor_units",
    "orders_left_out",
    "orders_unread",
)


def as_csv(report: Report) -> str:
    text = StringIO(newline="")
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for each in report.groups:
        for currency in sorted(each.refunded.keys() | each.goodwill.keys()) or [""]:
            table.writerow(_row(report, each, currency))
    return text.getvalue()


def _row(report: Report, each: Group, currency: str) -> list[object]:
    return [
        report.since.isoformat(),
        report.until.isoformat(),
        each.way.value,
        each.orders,
        each.open,
        each.finished,
        each.with_help,
        each.settled.count,
        each.settled.median,
        each.settled.p90,
        each.word.count,
        each.word.median,
        each.word.p90,
        currency,
        each.refunded.get(currency, 0),
        each.goodwill.get(currency, 0),
        report.left_out,
        report.unread,
    ]
