"""Whatever an agent may do without approval for one order, the customer of that order may do themselves.

Each act of the console on an order stands here: with the customer's own route to it, or with the reason why it is not
theirs. An act that is new stands in neither, and fails.
"""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule as Route

from fallback.domain.support.accounts import PERMISSIONS, Permission, Role
from tests.architecture.test_routes import ROUTES, rule_of

THEIRS = {
    "address": "address",
    "address/fields": "address/fields",
    "answer": "question",
    "callback": "question",
    "cancellation": "cancellation",
    "change/withdrawal": "change/withdrawal",
    "contact": "contact",
    "delivery": "delivery",
    "holds/<code>/merge": "rival/<answer>",
    "lines": "lines",
    "payment-link": "payment",
    "refunds": "goodwill",
    "withdrawal": "withdrawal",
}
# Where their own way leads elsewhere than the agent's, and why that is enough.
DIFFERENT = {
    "answer": "the question is theirs, the answer ours",
    "callback": "the customer asks for a call at the time of day that suits them",
    "payment-link": "the customer needs no link to the payment that stands on their page",
    "refunds": "they cancel for a full refund and leave pieces out for a part; goodwill they take where we were late",
}
NOT_THEIRS = {
    "answer/reply": "no act: it puts a text into the box of our answer",
    "approvals/<int:grant_id>": "needs the approval of a second person by its nature",
    "callback/closure": "says what came of a call that one of us made",
    "claim": "who of us works on it; the customer takes it back by acting",
    "claim/handing-over": "among colleagues",
    "claim/return": "among colleagues",
    "claim/taking-over": "among colleagues",
    "claim/wish": "among colleagues",
    "handovers": "among colleagues",
    "handovers/acceptance": "among colleagues",
    "holds/refund_failed/settle": "tells what an agent did outside; until then the money is ours to pay",
    "holds/<code>/release": "says that the shop can do it after all; that they want both the customer says themselves",
    "notes": "for colleagues only; what the customer wants to say they ask",
    "owner": "among colleagues",
    "presence": "no act: it says who has the page open, and theirs does too",
}


def tails(prefix: str) -> dict[str, Route]:
    """What can be posted to an order, by the end of its address."""
    return {
        str(route).removeprefix(prefix): route
        for route in ROUTES
        if str(route).startswith(prefix) and "POST" in (route.methods or ())
    }


AGENTS = tails("/console/orders/<ref>/")
CUSTOMERS = tails("/orders/<ref>/")


def test_each_act_of_an_agent_is_the_customers_too_or_says_why_not() -> None:
    assert len(AGENTS) > 20
    assert THEIRS.keys() | NOT_THEIRS.keys() == AGENTS.keys()
    assert THEIRS.keys().isdisjoint(NOT_THEIRS)
    assert DIFFERENT.keys() <= THEIRS.keys()


@pytest.mark.parametrize(("act", "own"), THEIRS.items())
def test_every_agents_action_has_a_way_for_the_customer(act: str, own: str) -> None:
    assert own in CUSTOMERS


@pytest.mark.parametrize("route", AGENTS.values(), ids=str)
def test_no_act_is_left_out_because_an_agent_may_not_do_it(route: Route) -> None:
    """`oncall` acts on no order; of what helps a customer only taking over is above an agent."""
    needed = rule_of(route)
    assert needed in PERMISSIONS[Role.AGENT] or (needed is Permission.LEAD and "taking-over" in str(route))
