"""`fallback customers`: what we know of a customer, and erasing it when she asks for that."""

from __future__ import annotations

import os

import click

from fallback.cli.command import as_json, container, plain_errors, say
from fallback.domain.order.erasing import kept_since
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Order
from fallback.usecases.order.erase_customer import MOST, erase_customer

# Asked for where it is not given, so that no address stands in the history of a shell.
EMAIL = click.option("--email", prompt="Her e-mail address", help="Asked for if it is not given.")
MANAGED = "The log of Redis on disk could not be rewritten: {}. Until it is, what was erased stands there, encrypted."


@click.group()
def customers() -> None:
    """What is known of a customer."""


@customers.command()
@EMAIL
@as_json
def show(email: str, as_json: bool) -> None:
    """Her orders that still say who she is, newest first."""
    built = container()
    with plain_errors():
        found = built.ledger.load_many(built.ledger.refs_of_person(email=email, limit=MOST))
    rows = [{"ref": each.ref, "headline": headline(each), "open": kept_since(each) is None} for each in found]
    say(rows, as_json, "\n".join(map(_line, found)) or "Nothing is known of her.")


@customers.command()
@EMAIL
@click.option("--who", default=lambda: os.environ.get("USER", "on call"), help="Your name.")
def erase(email: str, who: str) -> None:
    """Erase what is personal in her orders, and forms, remarks and webhooks that name her.

    The orders stay for the books, without her. Nothing is erased while one of them is open.
    """
    built = container()
    with plain_errors():
        erased = erase_customer(built, email, who)
        left = built.personal.forget_on_disk()
    for ref in erased.orders:
        click.echo(f"{ref}  says nothing of her any more")
    click.echo(f"Erased: {len(erased.orders)} orders, {erased.texts} texts.")
    if left:
        click.echo(MANAGED.format(left), err=True)


def _line(order: Order) -> str:
    state = "open" if kept_since(order) is None else "over"
    return f"{order.ref}  {state}  {headline(order)}"
