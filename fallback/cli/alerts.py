"""`fallback alerts`: what is wrong now, who works on it, and that you do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import click
from msgspec import Struct

from fallback.cli.command import FOUND, NotDone, as_json, asks_who, container, plain_errors, say, utc
from fallback.cli.terminal import Table, say_table
from fallback.domain.oncall.alerts import RUNBOOKS, Acknowledged, ActiveAlert, Alert
from fallback.usecases.oncall.acknowledge_alert import acknowledge_alert
from fallback.usecases.oncall.list_alerts import list_alerts
from fallback.usecases.outage.review_mode import review_mode


class AlertReport(Struct, frozen=True):
    """`escalated`: nobody acknowledged it in time, so others were notified. `runbook`: a page of ops/runbooks."""

    alert: Alert
    urgent: bool
    escalated: bool
    began: datetime
    text: str
    runbook: str
    acknowledged: Acknowledged | None


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def alerts(context: click.Context, as_json: bool) -> None:
    """List the active alerts, and who works on each.

    Urgent ones come first.

    Exit code 0: no alert is active, or somebody works on each; 1: nobody works on at least one; 2: not known, because
    Redis does not answer or no clock process runs.
    """
    if context.invoked_subcommand:
        return
    built = container()
    with plain_errors():
        found, (_, looked) = list_alerts(built), review_mode(built)
    pages = [built.links.runbook(RUNBOOKS[each.alert]) for each in found]
    rows = [
        (each.alert, "urgent" if each.urgent else "", utc(each.told.began), _who(each), f"{each.told.text}\n{page}")
        for each, page in zip(found, pages, strict=True)
    ]
    say_table(
        list(map(_report, found)),
        as_json,
        Table(("Alert", "", "Since", "Works on it", "What, and what to do"), rows),
        _lines(found),
        "No active alerts." if looked else "",
    )
    if looked is None:
        raise NotDone("No clock process runs, so no alert can begin or end. Start it: fallback clock")
    sys.exit(FOUND if any(each.acknowledged is None for each in found) else 0)


@alerts.command()
@click.argument("alert", type=click.Choice([each.value for each in Alert]), metavar="ALERT")
@asks_who
@as_json
def acknowledge(alert: str, who: str, as_json: bool) -> None:
    """Say that you work on an alert.

    It is then not repeated, and not escalated. The on-call page has the same button.

    Exit code 0: you work on it; 1: somebody else was first, who is named; 2: this alert is not active.
    """
    with plain_errors():
        taken = acknowledge_alert(container(), Alert(alert), who)
    say(taken, as_json, f"{taken.who} has worked on {alert} since {utc(taken.at)}.")
    sys.exit(0 if taken.who == who else FOUND)


def _report(active: ActiveAlert) -> AlertReport:
    told = active.told
    return AlertReport(
        active.alert,
        active.urgent,
        told.escalated,
        told.began,
        told.text,
        RUNBOOKS[active.alert],
        active.acknowledged,
    )


def _lines(found: Sequence[ActiveAlert]) -> list[str]:
    return [f"{each.alert}  {utc(each.told.began)}  {_who(each)}  {each.told.text}" for each in found]


def _who(active: ActiveAlert) -> str:
    return active.acknowledged.who if active.acknowledged else "nobody"
