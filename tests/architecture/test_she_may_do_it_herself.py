"""Whatever an agent may do without approval for one order, the customer of that order may do herself.

Each act of the console on an order stands here: with the customer's own route to it, or with the reason why it is not
hers. An act that is new stands in neither, and fails.
"""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule as Route

from fallback.domain.support.accounts import PERMISSIONS, Permission, Role
from tests.architecture.test_routes import ROUTES, rule_of

CUSTOMER_WORKS = {
    "address": "address",
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
}
# Where her own way leads elsewhere than the agent's, and why that is enough.
DIFFERENT = {
    "answer": "the question is hers, the answer ours",
    "callback": "she asks for a call at the time of day that suits her",
    "payment-link": "she needs no link to the payment that stands on her page",
    "refunds": "she cancels for a full refund and leaves pieces out for a part; goodwill she takes where we were late",
}
NOT_THEIRS = {
    "approvals/<int:grant_id>": "needs the approval of a second person by its nature",
    "callback/closure": "says what came of a call that one of us made",
    "claim": "who of us works on it; she takes it back by acting",
    "claim/handing-over": "among colleagues",
    "claim/return": "among colleagues",
    "claim/taking-over": "among colleagues",
    "claim/wish": "among colleagues",
    "handovers": "among colleagues",
    "handovers/acceptance": "among colleagues",
    "holds/refund_failed/settle": "tells what an agent did outside; until then the money is ours to pay",
    "holds/<code>/release": "says that the shop can do it after all; that she wants both she says herself",
    "notes": "for colleagues only; what she wants to say she asks",
    "owner": "among colleagues",
    "presence": "no act: it says who has the page open, and hers does too",
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
    assert CUSTOMER_WORKS.keys() | NOT_THEIRS.keys() == AGENTS.keys()
    assert CUSTOMER_WORKS.keys().isdisjoint(NOT_THEIRS)
    assert DIFFERENT.keys() <= CUSTOMER_WORKS.keys()


@pytest.mark.parametrize(("act", "own"), CUSTOMER_WORKS.items())
def test_her_own_way_to_it_is_there(act: str, own: str) -> None:
    assert own in CUSTOMERS


@pytest.mark.parametrize("route", AGENTS.values(), ids=str)
def test_no_act_is_left_out_because_an_agent_may_not_do_it(route: Route) -> None:
    """`oncall` acts on no order; of what helps a customer only taking over is above an agent."""
    needed = rule_of(route)
    assert needed in PERMISSIONS[Role.AGENT] or (needed is Permission.LEAD and "taking-over" in str(route))
