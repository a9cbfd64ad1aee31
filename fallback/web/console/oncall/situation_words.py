"""The first thing that on-call engineers read: the status, what to do next, and the active alerts."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from fallback.domain.oncall.alert_rules import clocks
from fallback.domain.oncall.alerts import RUNBOOKS, Acknowledged, ActiveAlert, Alert, Snapshot
from fallback.domain.oncall.situation import House, Situation, situation
from fallback.domain.outage.drain import DrainStatus
from fallback.domain.outage.failover import decide
from fallback.domain.support.accounts import Permission
from fallback.usecases.oncall.list_alerts import list_alerts
from fallback.usecases.outage.review_mode import review_mode
from fallback.web.console.oncall.switching import ADVISED
from fallback.web.http.auth import container, person
from fallback.web.http.voice import N_, Voice


@dataclass(frozen=True)
class SituationWords:
    """`tone`: of the style sheet. `link`: address and text of the page to act on. `runbook`: its name, if any."""

    tone: str
    how: str
    what_next: str
    link: tuple[str, str] | None = None
    runbook: str = ""


DRAIN = ("/console/oncall/drain", N_("Hand-over to the shop"))
SWITCH = ("#switching", N_("Switch"))
WORDS = {
    Situation.NOT_READY: SituationWords(
        "wrong",
        N_("No orders are accepted: they could not be stored durably."),
        N_("Fix this first."),
        runbook=RUNBOOKS[Alert.DURABILITY_LOST],
    ),
    Situation.HALTED: SituationWords(
        "wrong",
        N_("Hand-over is halted: the shop has lost orders that it had."),
        N_("Find out which orders it lost, then resume the hand-over."),
        ("/console/incidents", N_("Review")),
        RUNBOOKS[Alert.PRIMARY_REGRESSED],
    ),
    Situation.NOBODY_LOOKS: SituationWords(
        "wrong",
        N_("The failover monitor is not running, so the mode does not switch automatically."),
        N_("Start the clock process."),
        runbook=RUNBOOKS[Alert.SWITCH_ADVISED],
    ),
    Situation.SWITCH: SituationWords("needs-you", "", "", SWITCH, RUNBOOKS[Alert.SWITCH_ADVISED]),
    Situation.LAPSING: SituationWords(
        "wrong",
        N_("Authorizations expire soon and are not captured yet."),
        N_("Hand these orders over, or ask the customers to pay again."),
        ("/console?hold=payment_expiring", N_("Show these orders")),
        RUNBOOKS[Alert.CAPTURE_DEADLINE],
    ),
    Situation.STANDS_STILL: SituationWords(
        "wrong",
        N_("Due work is not being processed."),
        N_("Check that the workers are running."),
        runbook=RUNBOOKS[Alert.WORK_STANDS_STILL],
    ),
    Situation.CLOCKS: SituationWords(
        "needs-you",
        N_("The clocks of our hosts disagree. The affected hosts erase and end nothing."),
        N_("Correct the wrong clock."),
        runbook=RUNBOOKS[Alert.CLOCKS_DISAGREE],
    ),
    Situation.PAUSED: SituationWords(
        "needs-you",
        N_("Hand-over is paused; orders waiting: %(waiting)s."),
        N_("Resume it as soon as the shop can take the load."),
        DRAIN,
        RUNBOOKS[Alert.ORDER_TOO_OLD],
    ),
    Situation.ABOUT_TO_SWITCH: SituationWords(
        "moving", "", N_("The mode switches automatically in a moment. No action needed.")
    ),
    Situation.PROBING: SituationWords(
        "needs-you",
        N_("The shop takes no orders; one order at a time tests whether it is back."),
        N_("Contact the shop's operators, and switch to active if this continues."),
        SWITCH,
        RUNBOOKS[Alert.SWITCH_ADVISED],
    ),
    Situation.OLD: SituationWords(
        "needs-you",
        N_("Orders have waited too long for the shop: %(waiting)s."),
        N_("Find out what blocks them."),
        DRAIN,
        RUNBOOKS[Alert.ORDER_TOO_OLD],
    ),
    Situation.PILE: SituationWords(
        "needs-you",
        N_("Many orders are on hold: %(on_hold)s."),
        N_("Call in agents to decide them."),
        ("/console?headline=on_hold", N_("Show these orders")),
        RUNBOOKS[Alert.HOLDS_PILE_UP],
    ),
    Situation.OPEN: SituationWords(
        "moving",
        N_("Customers check out here. Orders kept for the shop: %(waiting)s."),
        N_("No action needed until the shop is back."),
        runbook=RUNBOOKS[Alert.MODE_CHANGED],
    ),
    Situation.HANDING_OVER: SituationWords(
        "moving",
        N_("Orders are being handed over to the shop; still waiting: %(waiting)s."),
        N_("No action needed."),
        DRAIN,
        RUNBOOKS[Alert.ORDER_TOO_OLD],
    ),
    Situation.ALL_OVER: SituationWords(
        "good",
        N_("All orders that can be handed over are with the shop."),
        N_("No action needed: the mode returns to standby in a moment, or switch it yourself."),
    ),
    Situation.DRILL_FAILED: SituationWords(
        "needs-you",
        N_("The shop serves its own checkout, but the last drill failed: orders might not get through an outage."),
        N_("Find the cause before the next outage."),
        ("#drills", N_("Drills")),
        RUNBOOKS[Alert.DRILL_FAILED],
    ),
    Situation.ALL_WELL: SituationWords(
        "good", N_("All systems operational: the shop serves its own checkout."), N_("No action needed.")
    ),
}
TAKEN = N_("%(who)s has worked on it since %(when)s.")
ALERTS = {
    Alert.MODE_CHANGED: N_("The mode changed"),
    Alert.SWITCH_ADVISED: N_("Switch recommended"),
    Alert.DURABILITY_LOST: N_("No orders are accepted"),
    Alert.LEDGER_AWAY: N_("Redis does not answer"),
    Alert.WORK_STANDS_STILL: N_("Due work is not processed"),
    Alert.ORDER_TOO_OLD: N_("An order has waited too long"),
    Alert.CAPTURE_DEADLINE: N_("Authorizations expire soon"),
    Alert.HOLDS_PILE_UP: N_("Too many orders on hold"),
    Alert.PRIMARY_REGRESSED: N_("The shop has lost orders"),
    Alert.DRILL_FAILED: N_("A drill failed"),
    Alert.CLOCKS_DISAGREE: N_("Clocks disagree"),
    Alert.EVENTS_NOT_DELIVERED: N_("Order events are not delivered"),
    Alert.JOURNAL_WAITS: N_("Orders wait in a journal"),
    Alert.ORDERS_DAMAGED: N_("Orders cannot be read"),
    Alert.PAYMENTS_DOUBTED: N_("Payments are disputed or under review"),
    Alert.STANDBY_DOES_NOT_BALANCE: N_("Orders in standby do not balance"),
}


@dataclass(frozen=True)
class AlertRow:
    """`taken`: who works on it, since when; empty if nobody has said so. `seen`: identifies this one of its kind."""

    alert: Alert
    seen: str
    name: str
    since: str
    text: str
    runbook: str
    taken: str


@dataclass(frozen=True)
class OncallStatus:
    """`link`: address and text, or None. `facts`: the causes, one sentence each. `switch`: a switch comes next."""

    tone: str
    how: str
    what_next: str
    link: tuple[str, str] | None
    runbook: str
    facts: list[str]
    alerts: list[AlertRow]
    switch: bool


def how_it_stands(snapshot: Snapshot, drain: DrainStatus, voice: Voice) -> OncallStatus:
    built, now = container(), container().clock()
    mode, observation = review_mode(built)
    advice = observation.advice if observation and observation.advice.mode is not mode.mode else None
    by_itself = advice is not None and decide(mode, advice, built.config.fallback_failover, now) is not None
    halt, alerts = built.halts.read(), list_alerts(built)
    burning = {each.alert for each in alerts}
    house = House(snapshot, drain, burning, halt is not None, observation is not None, advice, by_itself)
    found = situation(house)
    words = WORDS[found]
    how, what_next = words.how, words.what_next
    figures: dict[str, int] = {"waiting": drain.due + drain.later, "on_hold": drain.on_hold}
    if found in (Situation.SWITCH, Situation.ABOUT_TO_SWITCH) and advice:
        how, figures = advice.words, advice.figures
        what_next = what_next or ADVISED[advice.mode]
    return OncallStatus(
        tone=words.tone,
        how=voice.say(how, **figures),
        what_next=voice.say(what_next),
        link=_link(words.link, voice),
        runbook=words.runbook,
        facts=[*snapshot.not_ready, *clocks(snapshot), *([halt.reason] if halt else [])],
        alerts=[_alert_row(each, voice) for each in alerts],
        switch=found is Situation.SWITCH,
    )


def _link(link: tuple[str, str] | None, voice: Voice) -> tuple[str, str] | None:
    """None for a viewer without permission to switch, who has no form."""
    if link is None or (link is SWITCH and not person().may(Permission.SWITCH)):
        return None
    return link[0], voice.say(link[1])


def somebody_was_first(alert: Alert, taken: Acknowledged, voice: Voice) -> Markup:
    """For a second person who acknowledges an alert."""
    return Markup("{}: {}").format(voice.say(ALERTS[alert]), _taken(taken, voice))


def _alert_row(active: ActiveAlert, voice: Voice) -> AlertRow:
    return AlertRow(
        alert=active.alert,
        seen=active.told.tag,
        name=voice.say(ALERTS[active.alert]),
        since=voice.moment(active.told.began),
        text=active.told.text,
        runbook=RUNBOOKS[active.alert],
        taken=_taken(active.acknowledged, voice) if active.acknowledged else "",
    )


def _taken(taken: Acknowledged, voice: Voice) -> Markup:
    return voice.say(TAKEN, who=taken.who, when=voice.moment(taken.at))
