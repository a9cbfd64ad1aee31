"""Shared by all commands of `fallback`: the container, plain errors, output as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator
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


def say(value: Any, as_json: bool, text: str) -> None:
    click.echo(msgspec.json.encode(value) if as_json else text)
