"""`fallback secrets`: re-encrypt everything, so that an older SECRET_KEY can be removed."""

from __future__ import annotations

import click

from fallback.cli.command import as_json, container, plain_errors, say
from fallback.cli.terminal import progress


@click.group()
def secrets() -> None:
    """Replace a key of SECRET_KEY."""


@secrets.command()
@as_json
def rewrap(as_json: bool) -> None:
    """Encrypt all personal data with the newest key.

    That is the first of SECRET_KEY. It takes no downtime, and may be run again.
    """
    built = container()
    with plain_errors(), progress() as track:
        others = built.rewrapping.the_rest()
        orders = track("Orders", built.rewrapping.each_order(), built.rewrapping.count())
        done = {"orders": sum(orders), "others": others}
    again = "Run it again: data written just now may still need an older key."
    needless = "Nothing needs an older key than the newest: remove the others."
    say(
        done,
        as_json,
        f"Encrypted again: {done['orders']} orders, {done['others']} others.\n"
        f"{again if any(done.values()) else needless}",
    )
