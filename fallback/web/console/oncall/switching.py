"""The mode on the on-call page: the failover monitor's findings, and the form to switch the mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from msgspec import UNSET, UnsetType

from fallback.domain.errors import Invalid
from fallback.domain.order import texts_by_people
from fallback.domain.outage.failover import Observation, Probe
from fallback.domain.outage.mode import STANDS_FOR, Decider, Mode, ModeState
from fallback.usecases.outage.review_mode import review_mode
from fallback.web.console.order import rows
from fallback.web.http.auth import container
from fallback.web.http.form_values import Typed
from fallback.web.http.voice import N_, Voice

# The form's values for how long automatic switching is suspended.
SPANS: Mapping[str, timedelta | UnsetType | None] = {
    "usual": UNSET,
    "1": timedelta(hours=1),
    "4": timedelta(hours=4),
    "12": timedelta(hours=12),
    "open": None,
}
SPAN_WORDS = {
    "usual": N_("Default"),
    "1": N_("For 1 hour"),
    "4": N_("For 4 hours"),
    "12": N_("For 12 hours"),
    "open": N_("Until the next manual switch"),
}
REFUSALS = {
    "meanwhile": N_("Mode: someone else switched it in the meantime, so your switch was not made. Please check again"),
    "empty": N_("Reason: give one for the next on-call engineer"),
    "too_long": N_("Reason: write at most 300 characters"),
    "card_number": N_("Reason: this looks like a card number, please remove it"),
    "mode": N_("Mode: choose one"),
}
NOBODY_LOOKS = N_("The failover monitor is not running: check the clock process.")
STAYS = N_("stays by hand for %(time)s")
STAYS_OPEN = N_("stays by hand until the next manual switch")
ALONE_UNTIL = N_("until %(moment)s")
ALONE_OPEN = N_("until the next manual switch")
ADVISED = {
    Mode.STANDBY: N_("Recommended: return to standby."),
    Mode.ACTIVE: N_("Recommended: switch to active."),
    Mode.DRAINING: N_("Recommended: switch to draining to hand the orders over."),
}


@dataclass(frozen=True)
class ModePanel:
    """`since`: empty if it was never switched. `alone`: until when automatic switching is suspended, or empty.

    `advised`: empty to stay; `to`: that mode. `stays`: how long a switch to each mode holds. `facts`: the evidence, as
    names and values. `seen`: identifies the switch that this panel shows.
    """

    mode: Mode
    sentence: str
    since: str
    lasted: str
    who: str
    reason: str
    alone: str
    advised: str
    to: Mode | None
    why: str
    facts: list[tuple[str, str]]
    modes: list[tuple[Mode, str]]
    stays: Mapping[Mode, str]
    spans: list[tuple[str, str]]
    seen: str


def mode_panel(voice: Voice) -> ModePanel:
    state, seen = review_mode(container())
    to = seen.advice.mode if seen and seen.advice.mode is not state.mode else None
    return ModePanel(
        mode=state.mode,
        sentence=voice.say(rows.MODES[state.mode]),
        since=voice.moment(state.switched_at) if state.switched_at else "",
        lasted=voice.duration(container().clock() - state.since) if state.switched_at else "",
        who=state.who,
        reason=state.reason,
        alone=_alone(state, container().clock(), voice),
        advised=voice.say(ADVISED[to]) if to else "",
        to=to,
        why=voice.say(seen.advice.words, **seen.advice.figures) if seen else voice.say(NOBODY_LOOKS),
        facts=_facts(seen, voice) if seen else [],
        stays={mode: _stays(mode, voice) for mode in Mode},
        modes=[(mode, voice.say(rows.MODES[mode])) for mode in Mode],
        spans=[(value, voice.say(words)) for value, words in SPAN_WORDS.items()],
        seen=state.tag,
    )


def _stays(mode: Mode, voice: Voice) -> str:
    """How long a switch by a person holds, if they choose no time."""
    span = STANDS_FOR[mode]
    return voice.say(STAYS, time=voice.duration(span)) if span else voice.say(STAYS_OPEN)


def _alone(state: ModeState, now: datetime, voice: Voice) -> str:
    if state.by is Decider.MACHINE or (state.until and state.until <= now):
        return ""
    return voice.say(ALONE_UNTIL, moment=voice.moment(state.until)) if state.until else voice.say(ALONE_OPEN)


def _facts(observation: Observation, voice: Voice) -> list[tuple[str, str]]:
    evidence = observation.evidence
    stripe = {True: N_("answers"), False: N_("does not answer"), None: N_("no recent requests")}[evidence.provider]
    return [
        (voice.say("Last health check"), voice.say(_found(evidence.looks[-1]))),
        (voice.say("Customers failed in the last minute"), str(evidence.customers.heads)),
        (voice.say("Stripe"), voice.say(stripe)),
        (voice.say("Orders to hand over"), str(evidence.held)),
    ]


def _found(look: Probe) -> str:
    if look.well:
        return N_("healthy")
    if look.blind:
        return N_("no answer from any service: our own network is down")
    return (
        N_("the shop's page failed")
        if look.failed
        else N_("the shop's page loads, but its order system takes no orders")
    )


@dataclass(frozen=True)
class SwitchRequest:
    """The form's request. `until` as in usecases/outage/switch_mode.py."""

    to: Mode
    reason: str
    until: datetime | UnsetType | None


def read_switch(form: Typed) -> SwitchRequest:
    """Raises Invalid."""
    to = form.values.get("mode", "")
    if to not in list(Mode):
        raise Invalid("mode", "mode", "Choose a mode.")
    reason = texts_by_people.reason("reason", request.form.get("reason", ""))
    span = SPANS.get(form.values.get("until", ""), UNSET)
    return SwitchRequest(Mode(to), reason, container().clock() + span if isinstance(span, timedelta) else span)
