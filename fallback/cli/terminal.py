"""What a person sees in a terminal, and a program does not: tables, and how far something is."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import click

from fallback.cli.command import say

T = TypeVar("T")


@dataclass(frozen=True)
class Table:
    """`figures`: the heads of columns of numbers. `above`, `below`: lines around it."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: Collection[str] = ()
    above: Iterable[str] = ()
    below: Iterable[str] = ()


def in_a_terminal() -> bool:
    return sys.stdout.isatty()


def say_table(value: Any, as_json: bool, table: Table, lines: Iterable[str], none: str = "") -> None:
    """A table where a person reads, and `lines` where a program does: scripts rely on their form.

    `none`: what is said without rows.
    """
    if as_json or not in_a_terminal():
        text = "\n".join(lines) or none
        if as_json or text:
            say(value, as_json, text)
        return
    for line in table.above:
        click.echo(line)
    if table.rows:
        _draw(table)
    elif none:
        click.echo(none)
    for line in table.below:
        click.echo(line)


def _draw(table: Table) -> None:
    """Imported here: most commands draw no table."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Drawn

    drawn = Drawn(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(table.heads):
        # The first column has a ref or another name that people copy.
        drawn.add_column(head, justify="right" if head in table.figures else "left", no_wrap=place == 0)
    for row in table.rows:
        drawn.add_row(*map(escape, row))
    Console().print(drawn)


class Track(Protocol):
    """Passes the items on. `length`: how many there are, if that is known."""

    def __call__(self, label: str, items: Iterable[T], length: int | None = None, /) -> Iterable[T]: ...


@contextmanager
def progress() -> Iterator[Track]:
    """Bars on the standard error while a person watches there; at the end they are gone."""
    if not sys.stderr.isatty():
        yield _untracked
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    # Lines for the same terminal are shown above the bars; lines for a file or a pipe go there.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=in_a_terminal(), redirect_stderr=True
    ) as bars:

        def tracked(label: str, items: Iterable[T], length: int | None = None, /) -> Iterable[T]:
            return bars.track(items, total=length, description=label)

        yield tracked


def _untracked(_: str, items: Iterable[T], __: int | None = None, /) -> Iterable[T]:
    return items
