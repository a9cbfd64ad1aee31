"""Shared by all commands of `fallback`: the container, plain errors, output as text or JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
import msgspec

from fallback.bootstrap.container import Container
from fallback.config import BadConfig, Config
from fallback.domain.errors import (
    Conflict,
    Damaged,
    FallbackError,
    Invalid,
    OutcomeUnknown,
    TooMuch,
    TryAgain,
    UnknownIncident,
    UnknownOrder,
    WrittenByNewer,
)
from fallback.ledger.redis.crypto import Undecryptable
from fallback.ledger.redis.owner import NotOurs

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
asks_who = click.option(
    "--who",
    default="",
    callback=lambda _context, _option, name: name.strip() or os.environ.get("USER") or "on call",
    help="Your name.",
)

# Exit codes. 1: done, and what was found needs somebody; 2: not done.
FOUND, NOT_DONE = 1, 2

RESTORE, UPGRADE = "ops/docs/how-to/back-up-and-restore.md#restore-one-order", "ops/docs/how-to/upgrade.md"


class NotDone(click.ClickException):
    exit_code = NOT_DONE


def container() -> Container:
    try:
        return Container(Config.from_env())
    except BadConfig as error:
        raise NotDone(str(error)) from None


@contextmanager
def plain_errors() -> Iterator[None]:
    try:
        yield
    except FallbackError as error:
        raise NotDone(_in_words(error)) from None
    except Undecryptable as error:
        raise NotDone(str(error)) from None
    except msgspec.MsgspecError as error:  # of an order it is Damaged
        raise NotDone(f"What is stored is damaged ({error}). Which document it is: fallback ledger verify") from None


def _in_words(error: FallbackError) -> str:
    said = str(error)
    said = f"{said[:1].upper()}{said[1:]}{'' if said.endswith('.') else '.'}"
    match error:
        case UnknownOrder():
            return f"There is no order {error}."
        case UnknownIncident():
            return f"There is no incident '{error}'. Those that there are: fallback incident list"
        case Conflict():
            return "Somebody else changed it at the same moment, so this was not done. Look at it again, then repeat."
        case Invalid():
            return f"{error.field.capitalize()}: {said}"
        case TooMuch():
            return f"Order {error} was changed so often that nobody may change it further."
        case Undecryptable():
            return str(error)
        case Damaged():
            return f"{said} It cannot be read until it is restored ({RESTORE}); what else to mend: fallback doctor"
        case WrittenByNewer():
            return f"{said} Use the command of the newer release ({UPGRADE}); what else to mend: fallback doctor"
        case TryAgain(__cause__=NotOurs() as whose):
            return str(whose)
        case TryAgain():
            return f"{said} Try again; if this stays: fallback doctor"
        case OutcomeUnknown():
            return f"{said} It may have been done nevertheless: look before you repeat it."
    return said


def utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def say(value: Any, as_json: bool, text: str) -> None:
    click.echo(msgspec.json.encode(value) if as_json else text)
