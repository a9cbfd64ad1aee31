"""`fallback incident`: what happened, whether all that was captured is accounted for, and what the shop lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import as_json, container, plain_errors, say
from fallback.domain.incident.audit import Audit
from fallback.domain.incident.balance import Balance, Fate, Missing, lacking, unpaid
from fallback.domain.incident.closing import NotBalanced
from fallback.domain.incident.incident import Incident
from fallback.domain.incident.incident_report import FATES, SIDES, WORDS, as_csv, as_markdown, money, titled
from fallback.domain.incident.standby import incident_or_standby
from fallback.domain.order.grants import NO_INCIDENT
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.incident.lift_halt import lift_halt
from fallback.usecases.incident.note_incident import note_incident

# What to do about it, for who cannot close an incident yet. `count`: how many there are.
UNPAID = (
    "Of these, waiting for their customers to pay: {count}. They are reminded, and what is not paid within "
    "FALLBACK_UNPAID_DAYS ends by itself: fallback orders list{those} --headline payment_needed"
)
WHAT_TO_DO = {
    Missing.AN_END: "It still lasts: it ends when the mode is standby again.",
    Missing.A_COUNT: "It was not counted yet: fallback incident balance {id}",
    Missing.A_NEW_COUNT: "Orders have moved since it was counted: fallback incident balance {id}",
    Missing.UNDER_WAY: "Under way: {count}. Drain on, or have a person take them: fallback orders list{those}",
    Missing.UNNAMED: "On hold, and nobody by name looks after them: {count}. See fallback orders list{those} "
    "--headline on_hold",
    Missing.DIFFERENCES: "Differences, as listed above: {count}. Mend each, and count again.",
    Missing.PROVIDER: "Stripe was not asked. Count again when it answers.",
    Missing.SHOP: "The shop was not asked. Count again when it answers.",
}
ID = click.argument("incident_id", metavar="[ID]", default="last")
WHO = click.option("--who", default=lambda: os.environ.get("USER", "on call"), help="Your name.")


@click.group()
def incident() -> None:
    """Incidents: what happened, and whether every captured order is accounted for.

    ID: 'last' by default. 'standby' stands for the orders of no incident in the last days: balance, show, report.
    """


@incident.command("list")
@click.option("--limit", default=20, type=click.IntRange(1, 1000))
@as_json
def list_(limit: int, as_json: bool) -> None:
    """The newest incidents, a line each."""
    built = container()
    with plain_errors():
        follow_mode(built)
        found = built.incidents.newest(limit)
    say(found, as_json, "\n".join(map(_line, found)) or "There was no incident yet.")


@incident.command()
@ID
@as_json
def show(incident_id: str, as_json: bool) -> None:
    """One incident and what happened in it; and whether the drain is halted."""
    built = container()
    with plain_errors():
        found, halt = _find(built, incident_id), built.halts.read()
    lines = [_line(found)]
    for entry in found.timeline:
        mode = f" to {entry.mode}" if entry.mode else ""
        lines.append(f"  {entry.at:%Y-%m-%d %H:%M:%S} {entry.who}: {WORDS[entry.what]}{mode} {entry.text}".rstrip())
    if halt:
        lines.append(f"The drain is halted since {halt.since:%Y-%m-%d %H:%M} UTC: {halt.reason}")
    say({"incident": found, "halt": halt}, as_json, "\n".join(lines))


@incident.command()
@click.argument("text")
@click.option("--incident", "incident_id", default="last", help="Its ID; the last one by default.")
@WHO
def note(text: str, incident_id: str, who: str) -> None:
    """Write a line in the timeline."""
    built = container()
    with plain_errors():
        kept = note_incident(built, _find(built, incident_id).id, text, who)
    click.echo(_line(kept))


@incident.command()
@ID
@as_json
def balance(incident_id: str, as_json: bool) -> None:
    """Count all its orders anew, compare them with Stripe and with the shop. Exit code 1 if it does not balance."""
    built = container()
    with plain_errors():
        found = count_balance(built, _find(built, incident_id).id)
    missing = lacking(found)
    advice = _what_to_do(found.incident, missing, found) if missing else ["It balances."]
    say(found, as_json, "\n".join([*_sheet(found), *advice]))
    sys.exit(bool(missing))


@incident.command()
@ID
@WHO
def close(incident_id: str, who: str) -> None:
    """Close it: it is counted first, and closed only if it balances."""
    built = container()
    with plain_errors():
        found = _find(built, incident_id)
        sheet = count_balance(built, found.id)
        try:
            closed = close_incident(built, found.id, who)
        except NotBalanced as error:
            click.echo("\n".join(_sheet(sheet)))
            missing = _what_to_do(found.id, error.lacking, sheet)
            raise click.ClickException("\n".join(["It is not closed.", *missing])) from None
    click.echo(f"{_line(closed)}: closed by {who}")


@incident.command()
@ID
@click.option("--csv", is_flag=True, help="The figures in CSV, for a spreadsheet.")
@as_json
def report(incident_id: str, csv: bool, as_json: bool) -> None:
    """What it saved, what it cost and what happened, in Markdown, as of the last count."""
    built = container()
    with plain_errors():
        found = _find(built, incident_id)
        sheet = built.books.balance(found.id)
    if csv and sheet is None:
        raise click.UsageError(f"It was not counted yet: fallback incident balance {found.id}")
    text = as_csv(sheet) if csv and sheet else as_markdown(found, sheet)
    say({"incident": found, "balance": sheet}, as_json, text.rstrip("\n"))


@incident.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="UTC; a week ago by default.")
@as_json
def audit(since: datetime | None, as_json: bool) -> None:
    """Ask the shop whether it still has what it had, and whether anything stands there that is over here.

    What it lost is put on hold, and the drain halts. What is over here is cancelled there, or a person sees to it. Exit
    code 1 then. It is asked at the pace of the drain, also while that is paused.
    """
    built = container()
    with plain_errors():
        from_then = since.replace(tzinfo=built.clock().tzinfo) if since else None
        found = audit_primary(built, from_then, although_paused=True)
    say(found, as_json, "\n".join(_of_audit(found)))
    sys.exit(bool(found.lost or found.standing or found.money or found.why_not))


@incident.command()
@click.option("--reason", required=True, help="Why orders may be handed over again.")
@WHO
def lift(reason: str, who: str) -> None:
    """Lift the halt: orders are handed over again."""
    with plain_errors():
        lifted = lift_halt(container(), who, reason)
    click.echo("Orders are handed over again." if lifted else "Nothing was halted.")


def _find(built: Container, incident_id: str) -> Incident:
    follow_mode(built)
    last = built.incidents.last() if incident_id == "last" else None
    return last or incident_or_standby(incident_id, built.incidents, built.books, built.clock())


def _line(found: Incident) -> str:
    state = "closed" if found.closed else "over" if found.ended else "lasts"
    orders = "" if found.upto is None else f"{found.upto - found.after} orders"
    return f"{found.id}  {state:6} {orders:>14}  {found.reason}".rstrip()


def _sheet(found: Balance) -> Iterator[str]:
    yield f"{titled(found.incident)}, counted at {found.counted_at:%Y-%m-%d %H:%M:%S} UTC"
    for fate in Fate:
        yield f"  {found.fates[fate].orders:>8}  {money(found.fates[fate].amounts):>22}  {FATES[fate]}"
    yield f"  {found.captured.orders:>8}  {money(found.captured.amounts):>22}  captured"
    for each in found.differences:
        yield f"  {each.ref or '-':15} {each.side} {each.code} {each.detail}".rstrip()
    for side, why in found.unasked.items():
        yield f"  {SIDES[side]} was not asked: {why}"


def _what_to_do(incident_id: str, missing: Mapping[Missing, int], sheet: Balance) -> list[str]:
    those = "" if incident_id == NO_INCIDENT else f" --incident {incident_id}"
    lines = [WHAT_TO_DO[what].format(id=incident_id, those=those, count=count) for what, count in missing.items()]
    if count := unpaid(sheet):
        lines.append(UNPAID.format(those=those, count=count))
    return lines


def _of_audit(found: Audit) -> Iterator[str]:
    if found.money:
        yield f"The money of {len(found.money)} did not agree with what they cost: given back, or held for a person."
        yield from found.money
    if found.why_not:
        yield f"The shop could not be asked: {found.why_not}"
        return
    yield f"{found.checked} orders since {found.since:%Y-%m-%d %H:%M} UTC should be there; {len(found.lost)} are not."
    yield from found.lost
    if found.standing:
        yield f"{len(found.standing)} stand there although they are over here: undone there, or held for a person."
        yield from found.standing
    if found.new:
        yield "They are on hold now, and nothing is handed over until you lift that: fallback incident lift --reason …"
