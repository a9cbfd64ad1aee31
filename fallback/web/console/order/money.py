"""Payment and refunds of an order: captured and refunded amounts, the agent's limits, and pending approvals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.concern import in_dispute
from fallback.domain.order.grants import BY_PEOPLE, Grant, GrantKind, GrantState
from fallback.domain.order.order import Order, Queue
from fallback.domain.payment import refunds
from fallback.domain.support.accounts import Permission, Person, Role
from fallback.usecases.payment.approve_refund import approve_refund
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.web.console.order import order_page
from fallback.web.console.order.money_form import ERRORS, MoneyForm, new_form, read_form
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import policy_words
from fallback.web.purchase.who_was_first import as_it_stands

blueprint = Blueprint("money", __name__, url_prefix="/console/orders")

NOTHING_TAKEN = N_("Nothing was captured yet, so there is nothing to refund.")
GOES_BACK = N_("The order is being cancelled: everything captured is refunded anyway.")
IN_DISPUTE = N_(
    "The customer's bank is deciding about a dispute. A refund now could pay it back twice: wait for the decision."
)
TAKEN_BACK = N_("The customer's bank took the payment back after a dispute, so there is nothing to refund.")
ALL_BACK = N_("Everything captured has been refunded, or is about to be.")
STATES = {
    GrantState.ASKED: N_("Waiting for approval"),
    GrantState.GRANTED: N_("Refund in progress"),
    GrantState.MADE: N_("Refunded"),
    GrantState.FAILED: N_("Refund failed: decision needed"),
    GrantState.DECLINED: N_("Declined"),
}
CAN_APPROVE = N_("Can approve: %(who)s, but not %(asker)s.")
NOBODY_MAY = ERRORS["above_every_limit"]
DECISIONS = {"agree": True, "decline": False}
REFUSALS = {
    "own_request": N_("You requested this refund: someone else has to approve it."),
    "above_own_limit": N_("This is above your limit: someone with a higher limit has to decide."),
    "too_much": N_("The refundable amount is now smaller. Decline this request; a smaller amount can be requested."),
}


@dataclass(frozen=True)
class GrantRow:
    """`decide`: whether the viewer can decline it; `agree`: and approve it. `wait`: who can approve it, or that nobody
    can; empty once it is decided."""

    id: int
    amount: str
    why: str
    who: str
    moment: str
    state: str
    decided_by: str
    decide: bool
    agree: bool
    wait: str


@dataclass(frozen=True)
class MoneyPanel:
    """`may`: the agent's limits, by kind. `why_not`: why no refund is possible now. `grants`: decided ones."""

    captured: str
    refunded: str
    left: str
    may: list[tuple[str, str]]
    why_not: str
    grants: list[GrantRow]


@dataclass(frozen=True)
class FormRow:
    """`refundable` in minor units, `left` the same in words. `reasons` by the name of their kind."""

    currency: str
    refundable: int
    left: str
    may: list[tuple[str, str]]
    reasons: list[tuple[str, list[tuple[str, str]]]]


@fills("money.html")
def panel(looking: Looking) -> MoneyPanel:
    order, voice = looking.order, looking.voice
    helps = looking.person.may(Permission.HELP)
    left = refunds.refundable(order)
    return MoneyPanel(
        captured=voice.money(order.payment.captured, order.currency),
        refunded=voice.money(order.payment.refunded, order.currency),
        left=voice.money(left, order.currency),
        may=_may(looking.person, order, voice) if helps and left else [],
        why_not="" if left else voice.say(_why_not(order)),
        grants=[grant for grant in _grants(looking) if not grant.wait],
    )


@fills("approvals.html")
def approvals(looking: Looking) -> list[GrantRow] | None:
    """Refunds that wait for a second person."""
    return [grant for grant in _grants(looking) if grant.wait] or None


def _grants(looking: Looking) -> list[GrantRow]:
    return [_grant_row(grant, looking.order, looking.person, looking.voice) for grant in looking.order.grants]


def _may(who: Person, order: Order, voice: Voice) -> list[tuple[str, str]]:
    policy = container().policy
    return [
        (
            voice.say(policy_words.KINDS[kind]),
            policy_words.limit_words(policy.limit(who.role, kind), voice, order.currency),
        )
        for kind in BY_PEOPLE
    ]


def _why_not(order: Order) -> str:
    if not order.payment.captured:
        return NOTHING_TAKEN
    if in_dispute(order.concerns):
        return IN_DISPUTE
    if refunds.taken_back(order):
        return TAKEN_BACK
    return ALL_BACK if refunds.possible(order) or order.payment.refunded >= order.payment.captured else GOES_BACK


def _grant_row(grant: Grant, order: Order, who: Person, voice: Voice) -> GrantRow:
    waits = grant.state is GrantState.ASKED
    agrees, others = _agrees(grant, order, who) if waits else (False, ())
    return GrantRow(
        id=grant.id,
        amount=voice.money(grant.amount, order.currency),
        why=_why(grant, voice),
        who=grant.who,
        moment=voice.moment(grant.at),
        state=voice.say(STATES[grant.state]),
        decided_by=grant.decided_by or "",
        decide=agrees or (waits and not others and who.may(Permission.HELP)),
        agree=agrees,
        wait=_who_can(grant, others, voice) if waits else "",
    )


def _who_can(grant: Grant, roles: Sequence[Role], voice: Voice) -> str:
    if not roles:
        return voice.say(NOBODY_MAY)
    return voice.say(CAN_APPROVE, who=policy_words.role_names(roles, voice), asker=grant.who)


def _why(grant: Grant, voice: Voice) -> str:
    kind = voice.say(policy_words.KINDS[grant.kind])
    if grant.kind is GrantKind.DIFFERENCE or not grant.reason:
        return kind
    reason = container().policy.reasons_for(grant.kind).get(grant.reason)
    return f"{kind}: {policy_words.sentence(reason, voice) if reason else grant.reason}"


def _agrees(grant: Grant, order: Order, who: Person) -> tuple[bool, tuple[Role, ...]]:
    """Whether the viewer can approve it, and which roles can."""
    booked = container().ledger.booked(grant.kind, grant.incident, order.currency)
    verdict = refunds.verdict(order, grant.amount, booked, who.role, container().policy)
    return verdict.granted and who.name != grant.who, verdict.by


@blueprint.get("/<ref>/refunds")
@allow(Permission.HELP)
def form(ref: str) -> Response:
    order = container().ledger.load(ref)
    if not refunds.refundable(order):
        return _refused(ref)
    return _form(ref, new_form())


@blueprint.post("/<ref>/refunds")
@allow(Permission.HELP)
def grant(ref: str) -> AnyResponse:
    seen, voice = order_page.seen(), visitor()
    form = read_form(request.form, container().ledger.load(ref), container().policy, voice)
    if form.requested is None:
        return _form(ref, form, 400)
    try:
        grant_refund(container(), ref, person(), form.requested, seen)
    except NotAllowedNow:
        return _refused(ref)
    except Invalid as error:
        return _form(ref, form.refused(error, container().ledger.load(ref), voice), 409)
    container().bells.ring(Queue.PAYMENT)
    return order_page.done(ref)


@blueprint.post("/<ref>/approvals/<int:grant_id>")
@allow(Permission.HELP)
def decide(ref: str, grant_id: int) -> AnyResponse:
    # Without the claim: the requester may keep the order open until the decision.
    seen, agreed = order_page.lines_seen(), DECISIONS.get(request.form.get("decision", ""))
    if agreed is None:
        raise Invalid("decision", "invalid", "Say 'agree' or 'decline'.")
    try:
        approve_refund(container(), ref, grant_id, person(), agreed, seen)
    except NotAllowedNow:
        return _refused(ref)
    except Invalid as error:
        return order_page.refused(ref, REFUSALS[error.code])
    container().bells.ring(Queue.PAYMENT)
    return order_page.done(ref)


def _refused(ref: str) -> Response:
    """What a bank decides stays true whatever happened since; else the last event says why."""
    why = _why_not(container().ledger.load(ref))
    return order_page.refused(ref, why if why in (IN_DISPUTE, TAKEN_BACK) else "")


def _form(ref: str, form: MoneyForm, status: int = 200) -> Response:
    """The refundable amount and the timeline as they are now: a form that is sent again refers to these."""
    voice = visitor()
    order, timeline = as_it_stands(ref)
    left = refunds.refundable(order)
    row = FormRow(
        currency=order.currency,
        refundable=left,
        left=voice.money(left, order.currency),
        may=_may(person(), order, voice),
        reasons=[(voice.say(policy_words.KINDS[kind]), _reasons(kind, voice)) for kind in BY_PEOPLE],
    )
    return page("console/order/refund.html", voice, status, ref=ref, form=form, seen=len(timeline), panel=row)


def _reasons(kind: GrantKind, voice: Voice) -> list[tuple[str, str]]:
    """The option's value and its text."""
    reasons = container().policy.reasons_for(kind)
    return [(f"{kind}.{code}", policy_words.sentence(reason, voice)) for code, reason in reasons.items()]
