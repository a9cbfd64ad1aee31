"""`fallback customers`: show what we store about a customer, and erase it on request."""

from __future__ import annotations

import sys

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import FOUND, as_json, asks_who, container, plain_errors
from fallback.cli.terminal import Table, say_table
from fallback.domain.order.erasing import kept_since
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Order
from fallback.usecases.order.erase_customer import MOST, erase_customer

# Prompted for if missing, so that no address enters the shell's history.
EMAIL = click.option("--email", prompt="Customer's e-mail address", help="Prompted for if missing.")
NOT_KNOWN = (
    "{} cannot be read, {} for one: whether it is this customer's is not known. Look at SECRET_KEY, then restore them "
    "(ops/runbooks/orders-damaged.md) and repeat this."
)
MANAGED = (
    "The log of Redis on disk could not be rewritten: {}. Until then it still contains the erased data, encrypted."
)


@click.group()
def customers() -> None:
    """Show or erase what is stored about a customer."""


@customers.command()
@EMAIL
@as_json
def show(email: str, as_json: bool) -> None:
    """List the orders that contain a customer's data.

    The newest come first.

    Exit code 0: all that is known; 1: orders that cannot be read may be theirs too; 2: they were not looked for.
    """
    built = container()
    with plain_errors():
        found = built.ledger.load_many(built.ledger.refs_of_person(email=email, limit=MOST))
    rows = [{"ref": each.ref, "headline": headline(each), "open": kept_since(each) is None} for each in found]
    table = Table(("Ref", "State", "Headline", "Received (UTC)"), list(map(_row, found)))
    say_table(rows, as_json, table, map(_line, found), "No personal data found.")
    _say_what_cannot_be_read(built)


@customers.command()
@EMAIL
@asks_who
def erase(email: str, who: str) -> None:
    """Erase a customer's personal data.

    It is erased in orders, forms, remarks and webhooks.

    The orders stay for accounting, without personal data. Nothing is erased while one of them is open.

    Exit code 0: all that is known is erased; 1: orders that cannot be read may be theirs too; 2: nothing was erased.
    """
    built = container()
    with plain_errors():
        erased = erase_customer(built, email, who)
        left = built.personal.forget_on_disk()
    for ref in erased.orders:
        click.echo(f"{ref}  has no personal data any more")
    click.echo(f"Erased: {len(erased.orders)} orders, {erased.texts} texts.")
    if left:
        click.echo(MANAGED.format(left), err=True)
    _say_what_cannot_be_read(built)


def _say_what_cannot_be_read(built: Container) -> None:
    """An order that cannot be read is found by nobody's address. Older ones are known once somebody met them."""
    with plain_errors():
        damaged = built.damaged.of_customers(built.looking_again.unread().damaged)
    if damaged:
        orders = "1 order" if len(damaged) == 1 else f"{len(damaged)} orders"
        click.echo(NOT_KNOWN.format(orders, damaged[0]), err=True)
        sys.exit(FOUND)


def _line(order: Order) -> str:
    return f"{order.ref}  {_state(order)}  {headline(order)}"


def _row(order: Order) -> tuple[str, ...]:
    return order.ref, _state(order), headline(order), f"{order.received_at:%Y-%m-%d %H:%M}"


def _state(order: Order) -> str:
    return "open" if kept_since(order) is None else "over"
