"""What a person sees in a terminal, and a program does not: tables."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from fallback.cli.command import say


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
