"""`fallback secrets`: making an older SECRET_KEY needless, so that it can go."""

from __future__ import annotations

import click

from fallback.cli.command import as_json, container, plain_errors, say
from fallback.ledger.redis.crypto import Undecryptable


@click.group()
def secrets() -> None:
    """The keys of SECRET_KEY."""


@secrets.command()
@as_json
def rewrap(as_json: bool) -> None:
    """Seal all that is encrypted with the newest key of SECRET_KEY, while everything goes on. May be run again."""
    built = container()
    with plain_errors():
        try:
            done = {"orders": built.rewrapping.orders(), "others": built.rewrapping.the_rest()}
        except Undecryptable as error:
            raise click.ClickException(str(error)) from None
    again = "Run it once more: what was written in this moment may still need an older key."
    needless = "Nothing needs an older key than the newest: the others can go."
    say(
        done,
        as_json,
        f"Sealed anew: {done['orders']} orders, {done['others']} others.\n{again if any(done.values()) else needless}",
    )
