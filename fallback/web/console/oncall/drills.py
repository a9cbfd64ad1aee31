"""The last drills, on the on-call page; and the note on the page of a drill's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fallback.domain.oncall.drill import Drill, DrillOutcome, DrillStep
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.voice import N_, Voice

SHOWN = 5
OUTCOMES = {
    DrillOutcome.RUNNING: N_("running"),
    DrillOutcome.PASSED: N_("passed"),
    DrillOutcome.FAILED: N_("failed"),
    DrillOutcome.INTERRUPTED: N_("interrupted by an outage"),
}
STEPS = {
    DrillStep.ACCEPTED: N_("accepted"),
    DrillStep.AUTHORIZED: N_("authorized"),
    DrillStep.PLACED: N_("placed in the shop"),
    DrillStep.READ_BACK: N_("read back"),
    DrillStep.CAPTURED: N_("captured"),
    DrillStep.CANCELLED: N_("cancelled in the shop"),
    DrillStep.REFUNDED: N_("refunded"),
}


@dataclass(frozen=True)
class DrillRow:
    """`came_to`: the last step and its time, or empty. `left_out`: steps that were not exercised."""

    began: Markup
    outcome: str
    failed: bool
    came_to: str
    why: str
    ref: str
    who: str
    left_out: str
    left: bool


@fills("drill.html")
def _this_is_one(looking: Looking) -> str | None:
    no_customer = N_("This is a drill: it has no customer, appears in no list, and is cancelled automatically.")
    return looking.voice.say(no_customer) if looking.order.drill else None


def drill_rows(drills: Sequence[Drill], voice: Voice) -> list[DrillRow]:
    return [_row(drill, voice) for drill in drills[:SHOWN]]


def _row(drill: Drill, voice: Voice) -> DrillRow:
    return DrillRow(
        began=voice.moment(drill.began),
        outcome=voice.say(OUTCOMES[drill.outcome]),
        failed=drill.outcome is DrillOutcome.FAILED,
        came_to=_came_to(drill, voice),
        why=drill.why,
        ref=drill.ref,
        who=drill.who,
        left_out=", ".join(voice.say(STEPS[step]) for step in drill.not_exercised),
        left=drill.left,
    )


def _came_to(drill: Drill, voice: Voice) -> str:
    if not drill.steps:
        return ""
    last = drill.steps[-1]
    seconds = f"{(last.at - drill.began).total_seconds():.0f}"
    return voice.say(N_("%(step)s after %(seconds)s s"), step=voice.say(STEPS[last.step]), seconds=seconds)
