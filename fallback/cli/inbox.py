"""`fallback inbox`: payment events for orders that we do not have."""

from __future__ import annotations

import click

from fallback.cli.command import NotDone, as_json, container, plain_errors
from fallback.cli.terminal import Table, say_table
from fallback.usecases.payment.read_inbox import read_inbox


@click.group()
def inbox() -> None:
    """Payment events for orders that we do not have.

    Money may have been captured.
    """


@inbox.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the events with their age, oldest first.

    Each is deleted after 30 days.
    """
    built = container()
    with plain_errors():
        events = read_inbox(built)
    now = built.clock()
    rows = [(event.id, event.ref, event.news, event.intent or "-", f"{(now - event.at).days} d") for event in events]
    table = Table(("Event", "Ref", "News", "Payment", "Age"), rows, figures=("Age",))
    say_table(events, as_json, table, map("  ".join, rows), "The inbox is empty.")


@inbox.command()
@click.argument("event_id")
def drop(event_id: str) -> None:
    """Mark an event as resolved."""
    built = container()
    with plain_errors():
        if event_id not in built.ledger.unclaimed():
            raise NotDone(f"{event_id} is not in the inbox.")
        built.ledger.drop_unclaimed([event_id])
    click.echo(f"{event_id} removed from the inbox.")
