"""/console/oncall/drain: the status, pace and forecast of the hand-over, and the dry run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, FallbackError, Invalid
from fallback.domain.outage.drain import DrainState, DrainStatus, PaceRequest
from fallback.domain.outage.dry_run import DryRunFate, DryRunTotals, Verdict
from fallback.domain.outage.pace import PaceRule
from fallback.domain.support.accounts import Permission
from fallback.usecases.outage.drain_status import drain_status
from fallback.usecases.outage.rehearse_drain import rehearse_drain
from fallback.usecases.outage.set_pace import set_pace
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, streamed, visitor
from fallback.web.http.voice import N_, Voice

blueprint = Blueprint("drain", __name__, url_prefix="/console/oncall/drain")

# Enough for the decisions of one night.
DECISIONS = 20
PACE = N_("%(who)s: at most %(pace)s per second, %(why)s")
PAUSE = N_("%(who)s: paused, then at most %(pace)s per second, %(why)s")
REFUSALS = {
    "empty": N_("Please give a reason for the next on-call engineer."),
    "too_long": N_("Too long: 300 characters at most."),
    "card_number": N_("That looks like a card number. Please leave it out."),
    "out_of_range": N_("Please give a number from 0.01 to 10,000, such as 5 or 0.5."),
    "meanwhile": N_(
        "Someone else changed the hand-over in the meantime, so your change was not made. Please check again."
    ),
}
STATES = {
    DrainState.HELD: N_("Orders are kept: in this mode nothing is handed over to the shop."),
    DrainState.PAUSED: N_("Paused: nothing is handed over until an on-call engineer resumes."),
    DrainState.PROBING: N_("The shop does not answer. One order at a time tests whether it is back."),
    DrainState.GOING: N_("Orders are being handed over."),
    DrainState.DONE: N_("No orders are waiting for the shop."),
}
FATES = {
    DryRunFate.PLACED: N_("would be placed as agreed"),
    DryRunFate.PRICE_CHANGED: N_("price has changed"),
    DryRunFate.TAX_CHANGED: N_("tax has changed"),
    DryRunFate.OUT_OF_STOCK: N_("is out of stock"),
    DryRunFate.RIVAL: N_("possible duplicate purchase"),
    DryRunFate.OTHERWISE: N_("would differ from what was agreed"),
    DryRunFate.REFUSED: N_("would be refused"),
    DryRunFate.HELD: N_("is on hold"),
    DryRunFate.UNPAID: N_("waits for payment"),
    DryRunFate.UNKNOWN: N_("unknown"),
    DryRunFate.UNREAD: N_("cannot be read"),
}


@dataclass(frozen=True)
class DrainFigures:
    """`rows`: name and value. `seen`: identifies the decision that this page shows."""

    sentence: str
    rows: Sequence[tuple[str, str]]
    pace: str
    paused: bool
    ramp: bool
    seen: str
    decisions: Sequence[tuple[str, str]]


@blueprint.get("")
@allow(Permission.SEE)
def show() -> Response:
    return _page(NOTHING)


@blueprint.post("/pace")
@allow(Permission.SWITCH)
def change_pace() -> AnyResponse:
    form = typed()
    try:
        return _decided(PaceRequest(_why(), pace=_pace(form), ramp="ramp" in form.values), form.values.get("seen", ""))
    except Invalid as error:
        return _page(form.refused(error, REFUSALS), 409 if error.code == "meanwhile" else 400)


@blueprint.post("/pause")
@allow(Permission.SWITCH)
def pause() -> AnyResponse:
    """Whatever was decided meanwhile: it stops what may do harm."""
    return _paused(True, None)


@blueprint.post("/resumption")
@allow(Permission.SWITCH)
def resume() -> AnyResponse:
    return _paused(False, typed().values.get("pause", ""))


def _paused(paused: bool, seen: str | None) -> AnyResponse:
    form = typed()
    try:
        return _decided(PaceRequest(_why(), paused=paused), seen)
    except Invalid as error:
        return _page(form.refused(error, REFUSALS), 409 if error.code == "meanwhile" else 400)


def _decided(requested: PaceRequest, seen: str | None) -> AnyResponse:
    """Raises Invalid. `seen`: as in usecases/outage/set_pace.py."""
    try:
        set_pace(container(), requested, person().name, seen)
    except Conflict:
        raise Invalid("pace", "meanwhile", "Somebody decided meanwhile.") from None
    return redirect("/console/oncall/drain", 303)


def _why() -> str:
    return request.form.get("why", "")


def _pace(form: Typed) -> float:
    try:
        return float(form.values.get("pace", "").strip().replace(",", "."))
    except ValueError:
        raise Invalid("pace", "out_of_range", "Not a number.") from None


def _page(form: Typed, status: int = 200) -> Response:
    voice, now = visitor(), drain_status(container())
    return page(
        "console/oncall/drain.html",
        voice,
        status,
        form=form,
        as_of=voice.second(now.at),
        drain=_figures(now, voice),
    )


def _figures(now: DrainStatus, voice: Voice) -> DrainFigures:
    rule = now.rule
    waiting = voice.say(N_("%(due)s now, %(later)s later"), due=now.due, later=now.later)
    rows = [
        (voice.say(N_("Waiting for the shop")), waiting),
        (voice.say(N_("On hold")), str(now.on_hold)),
        (voice.say(N_("Waiting for payment")), str(now.unpaid)),
        (voice.say(N_("Orders per second")), pace_of(now, voice)),
        (voice.say(N_("Failed requests to the shop in the last second")), str(now.errors)),
        (voice.say(N_("All handed over")), end_of(now, voice)),
    ]
    decided = container().pace.decided()[:DECISIONS]
    decisions = [(voice.moment(each.at), _decision(each, voice)) for each in decided if each.at]
    return DrainFigures(
        voice.say(STATES[now.state]), rows, f"{rule.pace:g}", rule.paused, rule.ramp, rule.tag, decisions
    )


def _decision(rule: PaceRule, voice: Voice) -> str:
    return voice.say(PAUSE if rule.paused else PACE, who=rule.who, pace=f"{rule.pace:g}", why=rule.why)


def pace_of(now: DrainStatus, voice: Voice) -> str:
    return voice.say(N_("%(pace)s, at most %(most)s"), pace=f"{now.pace:.3g}", most=f"{now.highest:.3g}")


def end_of(now: DrainStatus, voice: Voice) -> str:
    if now.over_at is None:
        return voice.say(N_("not known yet"))
    if now.state is DrainState.DONE:
        return voice.say(N_("yes"))
    if now.state is not DrainState.GOING:
        return voice.say(N_("%(minutes)s min after it resumes"), minutes=_minutes(now))
    return voice.say(N_("%(when)s, in %(minutes)s min"), when=voice.moment(now.over_at), minutes=_minutes(now))


def _minutes(now: DrainStatus) -> int:
    return -(-int(now.seconds_left or 0) // 60)


# --- the dry run


@blueprint.get("/dry-run")
@allow(Permission.SEE)
def ask_for_dry_run() -> Response:
    return page("console/oncall/dry_run.html", visitor())


@blueprint.post("/dry-run")
@allow(Permission.SWITCH)
def dry_run() -> Response:
    """Streamed line by line: at the pace of the drain, many thousand orders take a while."""
    voice = visitor()
    rehearsal = Rehearsal(rehearse_drain(container()), voice)
    return streamed("console/oncall/rehearsal.html", voice, rehearsal=rehearsal)


class Rehearsal:
    """`totals` and `broken_off` are final once all rows were read."""

    def __init__(self, verdicts: Iterator[Verdict], voice: Voice) -> None:
        self.broken_off = False
        self._verdicts = verdicts
        self._voice = voice
        self._totals = DryRunTotals()

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Ref, outcome, detail and amount of each order that would not be placed as agreed."""
        try:
            for seen in self._verdicts:
                self._totals.add(seen)
                if seen.fate is not DryRunFate.PLACED:
                    money = self._voice.money(seen.amount, seen.currency) if seen.currency else "–"
                    yield seen.ref, self._voice.say(FATES[seen.fate]), seen.detail, money
        except FallbackError:
            self.broken_off = True

    def totals(self) -> list[tuple[str, int, str]]:
        return [
            (
                self._voice.say(FATES[row.fate]),
                row.orders,
                ", ".join(self._voice.money(amount, currency) for currency, amount in sorted(row.amounts.items())),
            )
            for row in self._totals.rows()
        ]
