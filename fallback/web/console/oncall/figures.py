"""The key figures of the on-call page, and the last switches of the mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from flask import url_for

from fallback.domain.incident.running_totals import RunningTotals
from fallback.domain.oncall.alerts import Snapshot
from fallback.domain.order.exposure import Refusal
from fallback.domain.order.order import Queue
from fallback.domain.outage.drain import DrainStatus
from fallback.domain.outage.mode import ModeState
from fallback.ledger.oncall.metrics_store import Seen
from fallback.runtime.metrics import Service
from fallback.web.console.oncall.drain import end_of, pace_of
from fallback.web.console.oncall.drills import OUTCOMES
from fallback.web.console.oncall.incident_balance_rows import REFUSED, money
from fallback.web.console.order import rows
from fallback.web.http.auth import container
from fallback.web.http.voice import N_, Voice

# Enough for one night; the timelines of incidents keep every switch.
SWITCHES = 10


@dataclass(frozen=True)
class Figure:
    """`more`: a note below the figure. `address`: of its page. Both may be empty."""

    name: str
    value: str
    more: str = ""
    address: str = ""


@dataclass(frozen=True)
class SwitchRow:
    mode: str
    when: str
    who: str
    reason: str
    until: str


def figures(snapshot: Snapshot, drain: DrainStatus, totals: RunningTotals | None, voice: Voice) -> list[Figure]:
    seen = container().metrics_store.read()
    parts = _orders(snapshot, drain, voice), _money(seen, totals, voice), _exposure(voice), _outside(seen, voice)
    return [*chain.from_iterable(parts), *_line(snapshot, voice)]


def _orders(snapshot: Snapshot, drain: DrainStatus, voice: Voice) -> Iterator[Figure]:
    oldest = snapshot.oldest_waiting
    since = voice.say(N_("oldest since %(when)s"), when=voice.moment(oldest)) if oldest else ""
    waiting, on_hold = url_for("desk.orders", headline="waiting"), url_for("desk.orders", headline="on_hold")
    yield Figure(voice.say(N_("Waiting for the shop")), str(drain.due + drain.later), since, waiting)
    yield Figure(voice.say(N_("On hold")), str(drain.on_hold), address=on_hold)
    yield Figure(voice.say(N_("Waiting for payment")), str(drain.unpaid))
    pace = voice.say(N_("orders per second: %(pace)s"), pace=pace_of(drain, voice))
    yield Figure(voice.say(N_("All handed over")), end_of(drain, voice), pace, url_for("drain.show"))


def _exposure(voice: Voice) -> Iterator[Figure]:
    """What stands in the way of the shop: sums that nobody has authorized, and pieces that it may not have."""
    counted, terms = container().exposures.read(), container().terms
    limit = ""
    if terms.unpaid_incident:
        limit = voice.say(N_("limit: %(limit)s"), limit=money(terms.unpaid_incident, voice))
    yield Figure(voice.say(N_("Not authorized yet")), money(counted.open, voice), limit)
    yield Figure(voice.say(N_("Orders that may be late")), str(counted.late))
    for code, count in counted.refused.items():
        yield Figure(voice.say(REFUSED[Refusal(code)]), str(count))


def _money(seen: Seen, totals: RunningTotals | None, voice: Voice) -> Iterator[Figure]:
    if totals:
        counted = voice.say(N_("counted %(when)s"), when=voice.second(totals.counted_at))
        for name, amounts in (
            (N_("Value of orders waiting for the shop"), totals.waiting),
            (N_("Value of orders on hold"), totals.on_hold),
            (N_("Captured since the last outage began"), totals.captured),
        ):
            value = voice.say(N_("too many orders to count")) if amounts is None else money(amounts, voice)
            yield Figure(voice.say(name), value, counted)
    lapses = voice.moment(datetime.fromtimestamp(seen.lapses_at, UTC)) if seen.lapses_at else voice.say(N_("none"))
    yield Figure(voice.say(N_("Next authorization to expire")), lapses)


def _outside(seen: Seen, voice: Voice) -> Iterator[Figure]:
    """Whether Stripe and the shop answer our workers; the probes of the shop are shown with the mode."""
    stripe = {True: N_("answers"), False: N_("does not answer"), None: N_("no recent requests")}
    found = {Service.STRIPE: stripe[container().observations.provider()], Service.PRIMARY: N_("circuit closed")}
    for service, name in ((Service.STRIPE, N_("Stripe")), (Service.PRIMARY, N_("The shop's order system"))):
        kept_back = service in seen.kept_back
        yield Figure(voice.say(name), voice.say(N_("circuit open: too many failures") if kept_back else found[service]))


def _line(snapshot: Snapshot, voice: Voice) -> Iterator[Figure]:
    drill = snapshot.drill
    due = {queue: container().ledger.count_due(queue) for queue in Queue}
    by_queue = ", ".join(f"{voice.say(rows.QUEUES[queue])} {count}" for queue, count in due.items())
    yield Figure(voice.say(N_("Due now")), str(sum(due.values())), by_queue)
    if drill:
        outcome, began = voice.say(OUTCOMES[drill.outcome]), voice.moment(drill.began)
        yield Figure(voice.say(N_("Last drill")), outcome, began, "#drills")


def switches(voice: Voice) -> list[SwitchRow]:
    return [_switch_row(state, voice) for state in container().modes.log()[:SWITCHES]]


def _switch_row(state: ModeState, voice: Voice) -> SwitchRow:
    until = voice.say(N_("until %(moment)s"), moment=voice.moment(state.until)) if state.until else ""
    return SwitchRow(state.mode, voice.moment(state.since), rows.name_of(state.who, voice), state.reason, until)
