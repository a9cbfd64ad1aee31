"""The report as a table: a row for each way and currency."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.support.fairness import Group, Report, WaitSpread, Way
from fallback.domain.support.report_table import COLUMNS, as_csv
from tests.builders import NOW

GROUPS = (
    Group(
        way=Way.SELF, orders=5, open=1, settled=WaitSpread(4, 2.5, 9.0), word=WaitSpread(3, 1.0, 2.0),
        refunded={"EUR": 100}, goodwill={"EUR": 7, "JPY": 20}, finished=2, with_help=1,
    ),
    Group(way=Way.WAITED, orders=0, open=0, settled=WaitSpread(0), word=WaitSpread(0), refunded={}, goodwill={}),
)  # fmt: skip


def test_the_csv_report_has_a_row_per_path_and_currency() -> None:
    head, *rows = as_csv(Report(NOW, NOW + timedelta(days=1), GROUPS, left_out=6, unread=2)).split("\r\n")
    assert head == ",".join(COLUMNS)
    begins = "2026-11-21T10:00:00+00:00,2026-11-22T10:00:00+00:00"
    assert rows == [
        f"{begins},self,5,1,2,1,4,2.5,9.0,3,1.0,2.0,EUR,100,7,6,2",
        f"{begins},self,5,1,2,1,4,2.5,9.0,3,1.0,2.0,JPY,0,20,6,2",
        f"{begins},waited,0,0,0,0,0,,,0,,,,0,0,6,2",
        "",
    ]
