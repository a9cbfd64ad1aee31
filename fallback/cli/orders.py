"""`fallback orders`: the orders that we took, and their holds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from fallback.cli.command import FOUND, UPGRADE, NotDone, as_json, asks_who, container, plain_errors
from fallback.cli.terminal import Table, in_a_terminal, say_table
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order
from fallback.domain.order.refs import parse_ref
from fallback.domain.order.unread import Unread
from fallback.domain.support.owners import owner_of
from fallback.ledger.order.views import OrderFilter
from fallback.usecases.placement.release_hold import release_hold

NO_ORDERS = "No orders."
DAMAGED, NEWER = "damaged", "newer"
LEFT_OUT = {
    DAMAGED: "{} is not listed: its record cannot be read (ops/runbooks/orders-damaged.md).",
    NEWER: f"{{}} is not listed: a newer release wrote it ({UPGRADE}).",
}


@click.group()
def orders() -> None:
    """Show the orders that we took, and release holds."""


@orders.command("list")
@click.option("--headline", "wanted", type=click.Choice([each.value for each in Headline]), help="Only these.")
@click.option("--hold", type=click.Choice([each.value for each in HoldCode]), help="Only orders with this hold.")
@click.option("--owner", default="", help="Only orders of this owner.")
@click.option("--incident", help="Only orders of this incident: see 'fallback incident list'.")
@click.option("--limit", default=50, type=click.IntRange(1, 1000))
@as_json
def list_(wanted: str | None, hold: str | None, owner: str, incident: str | None, limit: int, as_json: bool) -> None:
    """List orders, the newest first.

    With --hold or --owner, those come first whose customers are to hear from us soonest.

    Orders that cannot be read are named on stderr, and at the end of --json: 'unread' says why, damaged or newer.

    Exit code 0: all of them were read; 1: not all; 2: they were not listed.
    """
    built = container()
    with plain_errors():
        filters = OrderFilter(
            headline=Headline(wanted) if wanted else None,
            hold=HoldCode(hold) if hold else None,
            owner=owner,
            span=built.incidents.load(incident).span if incident else None,
        )
        page = built.views.page(filters, limit=limit)
    rows = [
        (order.ref, headline(order), str(order.total), f"{order.received_at:%Y-%m-%d %H:%M}", owner_of(order))
        for order in page.rows
    ]
    say_table(
        [*map(_summary, page.rows), *_unread(page.unread)] if as_json else None,
        as_json,
        Table(("Ref", "Headline", "Total", "Received (UTC)", "Owner"), rows, figures=("Total",)),
        map(_line, page.rows),
        NO_ORDERS if in_a_terminal() else "",  # a script takes each line for an order
    )
    for left_out in _unread(page.unread):
        click.echo(LEFT_OUT[left_out["unread"]].format(left_out["ref"]), err=True)
    sys.exit(FOUND if any(page.unread) else 0)


@orders.command()
@click.argument("ref")
@as_json
def show(ref: str, as_json: bool) -> None:
    """Show one order with its timeline.

    A ref that was promised for a purchase which another order stands for shows that order.
    """
    built = container()
    with plain_errors():
        wanted = parse_ref(ref) or ref
        order = built.ledger.load(built.second_refs.first_of(wanted) or wanted)
        timeline = built.ledger.timeline(order.ref)
    lines = [_line(order)]
    owner = owner_of(order)
    lines += [f"  hold {hold.code}: {owner}, next update by {hold.next_word_by:%H:%M %d %b}" for hold in order.holds]
    events = [f"  {event.at:%H:%M:%S} {event.what} by {event.who} {_figures(event.data)}" for event in timeline]
    rows = [(f"{event.at:%Y-%m-%d %H:%M:%S}", event.what, event.who, _figures(event.data)) for event in timeline]
    table = Table(("At (UTC)", "What", "Who", "Figures"), rows, above=lines)
    say_table(_summary(order) | {"timeline": timeline}, as_json, table, [*lines, *events])


@orders.command()
@click.argument("ref")
@click.argument("code", type=click.Choice([code.value for code in HoldCode]), metavar="CODE")
@asks_who
def release(ref: str, code: str, who: str) -> None:
    """Release a hold of an order, so that work on it goes on.

    CODE is the hold's, as 'fallback orders show' has it: out_of_stock, for example.
    """
    built, ref = container(), parse_ref(ref) or ref
    with plain_errors():
        if not any(hold.code == code for hold in built.ledger.load(ref).holds):
            raise NotDone(f"{ref} has no hold {code}. What it waits for: fallback orders show {ref}")
        order = release_hold(built, ref, HoldCode(code), who)
    click.echo(_line(order))


def _unread(unread: Unread) -> Iterator[dict[str, str]]:
    for why, refs in ((DAMAGED, unread.damaged), (NEWER, unread.newer)):
        yield from ({"ref": ref, "unread": why} for ref in refs)


def _summary(order: Order) -> dict[str, Any]:
    return {
        "ref": order.ref,
        "headline": headline(order),
        "cart_id": order.cart_id,
        "amount": order.total.amount,
        "currency": order.currency,
        "received_at": order.received_at,
        "payment": order.payment.state,
        "placement": order.placement.state,
        "number": order.placement.number,
        "holds": order.holds,
    }


def _line(order: Order) -> str:
    return f"{order.ref}  {headline(order):15} {order.total!s:>14}  {order.received_at:%Y-%m-%d %H:%M:%S}"


def _figures(data: dict[str, str | int]) -> str:
    return " ".join(f"{name}={value}" for name, value in data.items())
