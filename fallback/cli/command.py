"""Shared by all commands of `fallback`: the container, plain errors, output as text or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from fallback.bootstrap.container import Container
from fallback.config import BadConfig, Config
from fallback.domain.errors import FallbackError

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def container() -> Container:
    try:
        return Container(Config.from_env())
    except BadConfig as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def plain_errors() -> Iterator[None]:
    try:
        yield
    except FallbackError as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from None


def in_a_terminal() -> bool:
    return sys.stdout.isatty()


def say_rows(
    value: Any, as_json: bool, heads: Sequence[str], rows: Sequence[Sequence[str]], lines: Iterable[str], none: str = ""
) -> None:
    """A table where a person reads, and `lines` where a program does: scripts rely on their form.

    `none`: what is said without rows.
    """
    if as_json or not in_a_terminal():
        text = "\n".join(lines) or none
        if as_json or text:
            say(value, as_json, text)
    elif rows:
        _draw(heads, rows)
    else:
        click.echo(none)


def _draw(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Imported here: most commands draw no table."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*heads, box=box.SIMPLE_HEAD, pad_edge=False)
    table.columns[0].no_wrap = True  # a ref, which people copy
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)


def say(value: Any, as_json: bool, text: str) -> None:
    click.echo(msgspec.json.encode(value) if as_json else text)
