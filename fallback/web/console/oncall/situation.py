"""The first thing that on call reads: how it stands and what to do next, in a sentence, and the alerts that go on."""

from __future__ import annotations

from dataclasses import dataclass

from fallback.domain.oncall.alerts import RUNBOOKS, Alert, Snapshot, Told, clocks
from fallback.domain.oncall.situation import House, Situation, situation
from fallback.domain.outage.drain import DrainStatus
from fallback.domain.outage.failover import SENTENCES, decide
from fallback.domain.support.accounts import Permission
from fallback.usecases.outage.review_mode import review_mode
from fallback.web.console.oncall.switching import ADVISED
from fallback.web.http.auth import container, person
from fallback.web.http.voice import N_, Voice


@dataclass(frozen=True)
class SituationWords:
    """`tone`: of the style sheet. `link`: where that is done, and how it is called. `runbook`: which page, if one."""

    tone: str
    how: str
    what_next: str
    link: tuple[str, str] | None = None
    runbook: str = ""


DRAIN = ("/console/oncall/drain", N_("Handing over"))
SWITCH = ("#switching", N_("Switch"))
WORDS = {
    Situation.NOT_READY: SituationWords(
        "wrong",
        N_("No orders are accepted, because they could not be kept safely."),
        N_("Mend that first."),
        runbook=RUNBOOKS[Alert.DURABILITY_LOST],
    ),
    Situation.HALTED: SituationWords(
        "wrong",
        N_("Nothing is handed over, because the shop has lost orders that it had."),
        N_("Find out what it lost, then let it go on."),
        ("/console/incidents", N_("See to it")),
        RUNBOOKS[Alert.PRIMARY_REGRESSED],
    ),
    Situation.NOBODY_LOOKS: SituationWords(
        "wrong",
        N_("Nobody looks after the shop at the moment, so nothing switches by itself."),
        N_("Start the clock process."),
        runbook=RUNBOOKS[Alert.SWITCH_ADVISED],
    ),
    Situation.SWITCH: SituationWords("needs-you", "", "", SWITCH, RUNBOOKS[Alert.SWITCH_ADVISED]),
    Situation.LAPSING: SituationWords(
        "wrong",
        N_("Payments lapse soon that are not taken yet."),
        N_("Hand these orders over, or ask their customers to pay again."),
        ("/console?hold=payment_expiring", N_("Show these orders")),
        RUNBOOKS[Alert.CAPTURE_DEADLINE],
    ),
    Situation.STANDS_STILL: SituationWords(
        "wrong",
        N_("Work that is due is not done."),
        N_("Look whether the workers run."),
        runbook=RUNBOOKS[Alert.WORK_STANDS_STILL],
    ),
    Situation.CLOCKS: SituationWords(
        "needs-you",
        N_("The clocks of our machines disagree, so nothing is erased or ended where they do."),
        N_("Set the one that is wrong."),
        runbook=RUNBOOKS[Alert.CLOCKS_DISAGREE],
    ),
    Situation.PAUSED: SituationWords(
        "needs-you",
        N_("Handing over is paused; orders that wait: %(waiting)s."),
        N_("Let it go on as soon as the shop can bear it."),
        DRAIN,
        RUNBOOKS[Alert.ORDER_TOO_OLD],
    ),
    Situation.ABOUT_TO_SWITCH: SituationWords(
        "moving", "", N_("The machine switches by itself in a moment. Just watch.")
    ),
    Situation.PROBING: SituationWords(
        "needs-you",
        N_("The shop does not take orders; one at a time finds out whether it is back."),
        N_("Ask those who run the shop, and switch to active if it lasts."),
        SWITCH,
        RUNBOOKS[Alert.SWITCH_ADVISED],
    ),
    Situation.OLD: SituationWords(
        "needs-you",
        N_("Orders have waited for the shop for too long: %(waiting)s wait."),
        N_("Find out what holds them up."),
        DRAIN,
        RUNBOOKS[Alert.ORDER_TOO_OLD],
    ),
    Situation.PILE: SituationWords(
        "needs-you",
        N_("Many orders wait for a person: %(on_hold)s."),
        N_("Call somebody who can decide about them."),
        ("/console?headline=on_hold", N_("Show these orders")),
        RUNBOOKS[Alert.HOLDS_PILE_UP],
    ),
    Situation.OPEN: SituationWords(
        "moving",
        N_("Customers check out here, and their orders are kept for the shop: %(waiting)s."),
        N_("Nothing to do until the shop is back."),
        runbook=RUNBOOKS[Alert.MODE_CHANGED],
    ),
    Situation.HANDING_OVER: SituationWords(
        "moving",
        N_("Orders are handed over to the shop; %(waiting)s still wait."),
        N_("Nothing to do but watch."),
        DRAIN,
        RUNBOOKS[Alert.ORDER_TOO_OLD],
    ),
    Situation.ALL_OVER: SituationWords(
        "good",
        N_("All orders that can go are with the shop."),
        N_("Nothing to do: standby follows in a moment, or you switch to it."),
    ),
    Situation.DRILL_FAILED: SituationWords(
        "needs-you",
        N_("The shop serves, but the last drill failed: orders might not get through an outage."),
        N_("Find out why before the next one."),
        ("#drills", N_("Drills")),
        RUNBOOKS[Alert.DRILL_FAILED],
    ),
    Situation.ALL_WELL: SituationWords(
        "good", N_("All is well: the shop serves its own checkout."), N_("Nothing to do.")
    ),
}
ALERTS = {
    Alert.MODE_CHANGED: N_("The mode changed"),
    Alert.SWITCH_ADVISED: N_("A switch is advised"),
    Alert.DURABILITY_LOST: N_("No orders are accepted"),
    Alert.LEDGER_AWAY: N_("Redis does not answer"),
    Alert.WORK_STANDS_STILL: N_("Work stands still"),
    Alert.ORDER_TOO_OLD: N_("An order waits for too long"),
    Alert.CAPTURE_DEADLINE: N_("Payments lapse soon"),
    Alert.HOLDS_PILE_UP: N_("Orders wait for people"),
    Alert.PRIMARY_REGRESSED: N_("The shop has lost orders"),
    Alert.DRILL_FAILED: N_("A drill failed"),
    Alert.CLOCKS_DISAGREE: N_("Clocks disagree"),
    Alert.PAYMENTS_DOUBTED: N_("Payments are disputed or under review"),
}


@dataclass(frozen=True)
class AlertRow:
    name: str
    since: str
    text: str
    runbook: str


@dataclass(frozen=True)
class OncallStatus:
    """`link`: address and text, or None. `facts`: why it is so, a sentence each. `switch`: a switch is what is next."""

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
    halt, lasting = built.halts.read(), built.outbox.memory().lasting
    house = House(snapshot, drain, lasting, halt is not None, observation is not None, advice, by_itself)
    found = situation(house)
    words = WORDS[found]
    how, what_next = words.how, words.what_next
    figures: dict[str, int] = {"waiting": drain.due + drain.later, "on_hold": drain.on_hold}
    if found in (Situation.SWITCH, Situation.ABOUT_TO_SWITCH) and advice:
        how, figures = SENTENCES[advice.why], advice.figures
        what_next = what_next or ADVISED[advice.mode]
    return OncallStatus(
        tone=words.tone,
        how=voice.say(how, **figures),
        what_next=voice.say(what_next),
        link=_link(words.link, voice),
        runbook=_page_of(words.runbook) if words.runbook else "",
        facts=[*snapshot.not_ready, *clocks(snapshot), *([halt.reason] if halt else [])],
        alerts=[_alert_row(alert, told, voice) for alert, told in lasting.items()],
        switch=found is Situation.SWITCH,
    )


def _link(link: tuple[str, str] | None, voice: Voice) -> tuple[str, str] | None:
    """Who may not switch has no form to be led to."""
    if link is None or (link is SWITCH and not person().may(Permission.SWITCH)):
        return None
    return link[0], voice.say(link[1])


def _alert_row(alert: Alert, told: Told, voice: Voice) -> AlertRow:
    return AlertRow(voice.say(ALERTS[alert]), voice.moment(told.began), told.text, _page_of(RUNBOOKS[alert]))


def _page_of(runbook: str) -> str:
    return f"ops/runbooks/{runbook}.md"
