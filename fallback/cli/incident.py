"""`fallback incident`: what happened, whether every order that we took is accounted for, and what the shop lost."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import FOUND, as_json, asks_who, container, plain_errors, say, utc
from fallback.cli.moments import DAY
from fallback.cli.terminal import Table, progress, say_table
from fallback.domain.incident.audit import Audit
from fallback.domain.incident.balance import Balance, Fate, Missing, Side, Sum, lacking, unpaid
from fallback.domain.incident.closing import NotBalanced
from fallback.domain.incident.incident import Incident
from fallback.domain.incident.incident_report import FATES, SIDES, as_csv, as_markdown, money, titled, what_happened
from fallback.domain.incident.standby import incident_or_standby
from fallback.domain.incident.watching import T, Watch
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.unread import unread_note
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.incident.lift_halt import lift_halt
from fallback.usecases.incident.note_incident import note_incident

# What to do before an incident can be closed. `count`: how many there are.
UNPAID = (
    "Of these, waiting for payment: {count}. Their customers are reminded; orders not paid within "
    "FALLBACK_UNPAID_DAYS end automatically: fallback orders list{those} --headline payment_needed"
)
WHAT_TO_DO = {
    Missing.AN_END: "The incident is still open: it ends when the mode returns to standby.",
    Missing.A_COUNT: "Not counted yet: fallback incident balance {id}",
    Missing.A_NEW_COUNT: "The count is out of date: fallback incident balance {id}",
    Missing.UNDER_WAY: "In progress: {count}. Continue the drain, or assign them: fallback orders list{those}",
    Missing.UNNAMED: "On hold without a named owner: {count}. See fallback orders list{those} --headline on_hold",
    Missing.DIFFERENCES: "Differences, as listed above: {count}. Correct each, then count again.",
    Missing.PROVIDER: "Stripe did not answer. Count again when it does.",
    Missing.SHOP: "The shop did not answer. Count again when it does.",
}
ID = click.argument("incident_id", metavar="[ID]", default="last")


@click.group()
def incident() -> None:
    """What happened, and whether every order is accounted for.

    ID: 'last' by default. 'standby' stands for the orders of no incident in the last days: balance, show, report.
    """


@incident.command("list")
@click.option("--limit", default=20, type=click.IntRange(1, 1000))
@as_json
def list_(limit: int, as_json: bool) -> None:
    """List the newest incidents."""
    built = container()
    with plain_errors():
        follow_mode(built)
        found = built.incidents.newest(limit)
    rows = [(each.id, _state(each), _orders(each), each.reason) for each in found]
    table = Table(("Id", "State", "Orders", "Reason"), rows, figures=("Orders",))
    say_table(found, as_json, table, map(_line, found), "No incidents yet.")


@incident.command()
@ID
@as_json
def show(incident_id: str, as_json: bool) -> None:
    """Show one incident, and whether the drain is halted."""
    built = container()
    with plain_errors():
        found, halt = _find(built, incident_id), built.halts.read()
    halted = [f"The drain is halted since {halt.since:%Y-%m-%d %H:%M} UTC: {halt.reason}"] if halt else []
    rows = [(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.who, what_happened(entry), entry.text) for entry in found.timeline]
    lines = (f"  {at} {who}: {what} {text}".rstrip() for at, who, what, text in rows)
    table = Table(("At (UTC)", "Who", "What", "Words"), rows, above=[_line(found)], below=halted)
    say_table({"incident": found, "halt": halt}, as_json, table, [_line(found), *lines, *halted])


@incident.command()
@click.argument("text")
@click.option("--incident", "incident_id", default="last", help="Its ID; the last one by default.")
@asks_who
def note(text: str, incident_id: str, who: str) -> None:
    """Add a note to the timeline."""
    built = container()
    with plain_errors():
        kept = note_incident(built, _find(built, incident_id).id, text, who)
    click.echo(_line(kept))


@incident.command()
@ID
@as_json
def balance(incident_id: str, as_json: bool) -> None:
    """Count all its orders, and compare with Stripe and the shop.

    Exit code 0: it balances; 1: it does not; 2: it was not counted.
    """
    built = container()
    with plain_errors():
        found = _counted(built, _find(built, incident_id))
    missing = lacking(found)
    advice = _what_to_do(found.incident, missing, found) if missing else ["It balances."]
    say_table(found, as_json, _table(found, advice), [*_sheet(found), *advice])
    sys.exit(FOUND if missing else 0)


@incident.command()
@ID
@asks_who
def close(incident_id: str, who: str) -> None:
    """Count the incident, and close it if it balances."""
    built = container()
    with plain_errors():
        found = _find(built, incident_id)
        sheet = _counted(built, found)
        try:
            closed = close_incident(built, found.id, who)
        except NotBalanced as error:
            click.echo("\n".join(_sheet(sheet)))
            missing = _what_to_do(found.id, error.lacking, sheet)
            raise click.ClickException("\n".join(["The incident is not closed.", *missing])) from None
    click.echo(f"{_line(closed)}: closed by {who}")


@incident.command()
@ID
@click.option("--csv", is_flag=True, help="The figures in CSV, for a spreadsheet.")
@as_json
def report(incident_id: str, csv: bool, as_json: bool) -> None:
    """Report its result, cost and timeline, in Markdown.

    The figures are those of the last count.
    """
    built = container()
    with plain_errors():
        found = _find(built, incident_id)
        sheet = built.books.balance(found.id)
    if csv and sheet is None:
        raise click.UsageError(f"Not counted yet: fallback incident balance {found.id}")
    text = as_csv(sheet) if csv and sheet else as_markdown(found, sheet)
    say({"incident": found, "balance": sheet}, as_json, text.rstrip("\n"))


@incident.command()
@click.option("--since", type=DAY, help="UTC; a week ago by default.")
@as_json
def audit(since: datetime | None, as_json: bool) -> None:
    """Ask the shop whether it has the orders that it must have.

    Orders that it lost are put on hold, and the drain halts. Orders that are open there and ended here are cancelled
    there, or put on hold. The shop is asked at the pace of the drain, also while that is paused.

    Exit code 0: all is as it must be; 1: it is not, orders could not be read, or the shop did not answer; 2: there was
    no audit.
    """
    built = container()
    with plain_errors():
        from_then = since.replace(tzinfo=built.clock().tzinfo) if since else None
        with _watched() as watch:
            found = audit_primary(built, from_then, although_paused=True, watch=watch)
    say(found, as_json, "\n".join(_of_audit(found)))
    sys.exit(FOUND if found.lost or found.standing or found.money or found.why_not or found.unread else 0)


@incident.command()
@click.option("--reason", required=True, help="The reason to resume the hand-over.")
@asks_who
def lift(reason: str, who: str) -> None:
    """Lift the halt of the hand-over to the shop."""
    with plain_errors():
        lifted = lift_halt(container(), who, reason)
    click.echo("Hand-over to the shop resumed." if lifted else "The hand-over was not halted.")


def _find(built: Container, incident_id: str) -> Incident:
    follow_mode(built)
    last = built.incidents.last() if incident_id == "last" else None
    return last or incident_or_standby(incident_id, built.incidents, built.books, built.clock())


def _counted(built: Container, found: Incident) -> Balance:
    with _watched() as watch:
        return count_balance(built, found.id, watch)


@contextmanager
def _watched() -> Iterator[Watch]:
    with progress() as track:

        def watch(side: Side, items: Iterable[T], length: int | None = None, /) -> Iterable[T]:
            return track(SIDES[side], items, length)

        yield watch


def _line(found: Incident) -> str:
    orders = f"{count} orders" if (count := _orders(found)) else ""
    return f"{found.id}  {_state(found):7} {orders:>13}  {found.reason}".rstrip()


def _state(found: Incident) -> str:
    return "closed" if found.closed else "over" if found.ended else "ongoing"


def _orders(found: Incident) -> str:
    """How many it took; empty while it goes on."""
    return "" if found.upto is None else str(found.upto - found.after)


def _table(found: Balance, advice: Sequence[str]) -> Table:
    rows = [(words, str(count.orders), money(count.amounts)) for count, words in _counts(found)]
    below = [*_differences(found), *advice]
    return Table(("Outcome", "Orders", "Amount"), rows, ("Orders", "Amount"), above=_head(found), below=below)


def _sheet(found: Balance) -> Iterator[str]:
    yield from _head(found)
    for count, words in _counts(found):
        yield f"  {count.orders:>8}  {money(count.amounts):>22}  {words}"
    yield from _differences(found)


def _head(found: Balance) -> list[str]:
    return [f"{titled(found.incident)}, counted at {utc(found.counted_at)}", *unread_note(found.unread)]


def _counts(found: Balance) -> Iterator[tuple[Sum, str]]:
    yield from ((found.fates[fate], FATES[fate]) for fate in Fate)
    yield found.captured, "captured"


def _differences(found: Balance) -> Iterator[str]:
    for each in found.differences:
        yield f"  {each.ref or '-':15} {each.side} {each.code} {each.detail}".rstrip()
    for side, why in found.unasked.items():
        yield f"  {SIDES[side]} did not answer: {why}"


def _what_to_do(incident_id: str, missing: Mapping[Missing, int], sheet: Balance) -> list[str]:
    those = "" if incident_id == NO_INCIDENT else f" --incident {incident_id}"
    lines = [WHAT_TO_DO[what].format(id=incident_id, those=those, count=count) for what, count in missing.items()]
    if count := unpaid(sheet):
        lines.append(UNPAID.format(those=those, count=count))
    return lines


def _of_audit(found: Audit) -> Iterator[str]:
    yield from unread_note(found.unread)
    if found.money:
        yield f"For {len(found.money)} orders, the amount paid differs from the price: refunded, or put on hold."
        yield from found.money
    if found.why_not:
        yield f"The shop did not answer: {found.why_not}"
        return
    since = f"{found.since:%Y-%m-%d %H:%M} UTC"
    yield f"{found.checked} orders since {since} should be in the shop; {len(found.lost)} are missing."
    yield from found.lost
    if found.standing:
        yield f"{len(found.standing)} are open there but ended here: cancelled there, or put on hold."
        yield from found.standing
    if found.new:
        yield "They are on hold, and the hand-over is halted until you run: fallback incident lift --reason …"
