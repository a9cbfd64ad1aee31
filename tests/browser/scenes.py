"""Every page in every state that looks different: where it is, who opens it, what is on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fallback.domain.oncall.alerts import Alert
from fallback.domain.order.holds import HoldCode
from fallback.domain.support.accounts import Role
from tests.browser.states import LONG_NAME, Stage
from tests.web.world import BOOKS, a_cart, a_form, signed

State = Callable[[Stage], str]
Form = dict[str, str]


@dataclass(frozen=True)
class Scene:
    """`route` as in the url_map, `path` puts the page into its state; `sent` is posted there, `status` answered.

    `half`: of `who` only the password is known so far.
    """

    route: str
    path: State
    who: Role | None = None
    sent: Callable[[Stage], Form] | None = None
    status: int = 200
    half: bool = False


def at(path: str, who: Role | None = None, route: str = "", status: int = 200) -> Scene:
    return Scene(route or path.partition("?")[0], lambda _: path, who, status=status)


def of_theirs(state: State, view: str = "", query: str = "") -> Scene:
    """A customer's page of their order, opened by its link."""

    def path(stage: Stage) -> str:
        ref = state(stage)
        return f"/orders/{ref}{view}?key={stage.key(ref)}&{query}"

    return Scene(f"/orders/<ref>{view}", path)


def of_order(state: State, view: str = "", who: Role = Role.AGENT) -> Scene:
    """A page of the console about an order."""
    return Scene(f"/console/orders/<ref>{view}", lambda stage: f"/console/orders/{state(stage)}{view}", who)


def with_(state: Callable[[Stage], object], scene: Scene) -> Scene:
    """The scene, once this is there too."""

    def path(stage: Stage) -> str:
        state(stage)
        return scene.path(stage)

    return replace(scene, path=path)


def posted(scene: Scene, form: Form, status: int) -> Scene:
    """What a form answers."""
    return replace(scene, sent=lambda _: form, status=status)


def half_signed_in(scene: Scene) -> Scene:
    return replace(scene, half=True)


CARD_NUMBER = "4242 4242 4242 4242"


def mistakes(stage: Stage) -> Form:
    wrong = {"contact.name": CARD_NUMBER, "contact.email": "iris", "delivery.id": "", "payment": "card"}
    return a_form(cart_token=stage.cart(), **wrong)


def a_short_item(stage: Stage) -> Form:
    lamp = {"sku": "LP-1", "title": "Reading lamp", "quantity": 1, "unit_price": 1000, "available": 0}
    totals = {"goods": 3598, "discount": 0, "tax": 170, "total": 3598}
    token = signed(a_cart(cart_id=f"basket-{stage.now.timestamp()}", lines=[BOOKS, lamp], totals=totals))
    return a_form(**{"cart_token": token, "contact.name": "", "without.BK-1": "1"})


def signed_in(stage: Stage) -> Form:
    """With the longest address that a shop may have saved, and another one."""
    long = {"line1": LONG_NAME, "line2": LONG_NAME, "city": LONG_NAME, "country": "GB", "name": LONG_NAME}
    quay = {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"}
    return a_form(cart_token=stage.cart(customer={"id": "4711", "addresses": [quay, long]}))


def rival(answer: str, state: State = Stage.maybe_bought) -> Scene:
    return replace(of_theirs(state, f"/rival/{answer}"), route="/orders/<ref>/rival/<answer>")


def of_incident(view: str = "", state: State = Stage.incident) -> Scene:
    path = "/console/incidents/{}" + view
    return Scene(path.format("<incident_id>"), lambda stage: path.format(state(stage)), Role.ONCALL)


def on_call(state: Callable[[Stage], object], view: str = "") -> Scene:
    return with_(state, at(f"/console/oncall{view}", Role.ONCALL))


def an_acknowledgement(stage: Stage) -> Form:
    return {"seen": stage.container.outbox.memory().lasting[Alert.HOLDS_PILE_UP].tag}


def a_switch(stage: Stage) -> Form:
    """To standby, while orders are not handed over yet."""
    return {"seen": stage.container.modes.read().tag, "mode": "standby", "reason": "all is well", "until": "usual"}


INVITATION = "/checkout/drafts/<invitation>"
SCENES: dict[str, Scene] = {
    # --- customers
    "checkout": at("/checkout"),
    "checkout, after a first try": at("/checkout?checking=1"),
    "checkout with mistakes": Scene("/checkout", lambda _: "/checkout", sent=mistakes, status=400),
    "checkout, an item is short": Scene("/checkout", lambda _: "/checkout", sent=a_short_item, status=400),
    "checkout of who is signed in": Scene("/checkout/fields", lambda _: "/checkout/fields", sent=signed_in),
    "checkout on another device": Scene(INVITATION, Stage.invitation),
    "an old invitation": at("/checkout/drafts/nonsense", route=INVITATION, status=404),
    "order waiting": of_theirs(Stage.waiting),
    "order declined": of_theirs(Stage.declined),
    "order at the bank": of_theirs(Stage.bank_asks),
    "order on hold with questions": of_theirs(Stage.asked),
    "order maybe bought already": of_theirs(Stage.maybe_bought),
    "order maybe paid in the shop": of_theirs(Stage.maybe_paid),
    "order being changed": of_theirs(Stage.changing),
    "order settled": of_theirs(Stage.settled),
    "order cancelled": of_theirs(Stage.cancelled),
    "order in the journal": of_theirs(Stage.journalled),
    "order in the journal of another": replace(of_theirs(Stage.promised_elsewhere), status=503),
    "order without its key": at("/orders/FB-0000-0000-0", route="/orders/<ref>", status=404),
    "question with mistakes": posted(of_theirs(Stage.waiting, "/question"), {"question": "", "phone": "x"}, 400),
    "other address": of_theirs(Stage.waiting, "/address"),
    "other address with mistakes": posted(of_theirs(Stage.waiting, "/address"), {"seen": "1"}, 400),
    "other contact": of_theirs(Stage.waiting, "/contact"),
    "other delivery": of_theirs(Stage.waiting, "/delivery"),
    "fewer lines": of_theirs(Stage.waiting, "/lines"),
    "cancel": of_theirs(Stage.waiting, "/cancellation"),
    "withdraw from the contract": of_theirs(Stage.settled, "/withdrawal"),
    "withdrawal with mistakes": posted(of_theirs(Stage.settled, "/withdrawal"), {"name": ""}, 400),
    "undo and start again": of_theirs(Stage.settled, "/cancellation", "again=1"),
    "the customer wants both": rival("apart"),
    "the customer has it already": rival("same"),
    "not paid in the shop": rival("apart", Stage.maybe_paid),
    "paid in the shop": rival("same", Stage.maybe_paid),
    "find an order": at("/orders/"),
    "find an order with mistakes": posted(at("/orders/"), {"email": "iris"}, 400),
    "find an order, sent": posted(at("/orders/"), {"email": "iris@example.org"}, 200),
    "policy": at("/policy"),
    "status": with_(Stage.standby, at("/status")),
    "status, in an outage": with_(Stage.outage, at("/status")),
    "status, with words of on call": with_(Stage.told_of, at("/status")),
    "tell me when it is back": at("/status/subscription"),
    "tell me when it is back, with mistakes": posted(at("/status/subscription"), {"email": "iris"}, 400),
    "tell me when it is back, asked": posted(at("/status/subscription"), {"email": "iris@example.org"}, 200),
    "tell me when it is back, to be confirmed": Scene("/status/subscription/<subscriber>", Stage.subscription),
    "tell me when it is back, no more": at(
        "/status/subscription/nonsense", route="/status/subscription/<subscriber>", status=404
    ),
    "status, draining": with_(Stage.draining, at("/status")),
    "instead of a page of the shop": with_(Stage.outage, at("/away", status=503)),
    "docs": at("/docs"),
    "no such page": at("/nowhere", status=404),
    # --- the way into the console
    "sign in": at("/console/sign-in"),
    "sign in refused": posted(at("/console/sign-in"), {"name": "Agent", "password": "no"}, 403),
    "token refused": posted(at("/console/sign-in"), {"token": "no"}, 403),
    "sign in, the code": half_signed_in(with_(Stage.second_step, at("/console/sign-in/code", Role.LEAD))),
    "sign in, a wrong code": posted(
        half_signed_in(with_(Stage.second_step, at("/console/sign-in/code", Role.LEAD))), {"code": "000000"}, 403
    ),
    "sign in, the second step is needed": half_signed_in(at("/console/sign-in/set-up", Role.AGENT)),
    "second step": at("/console/account/set-up", Role.AGENT),
    "second step, a wrong code": posted(at("/console/account/set-up", Role.AGENT), {"code": "000000"}, 403),
    "account": at("/console/account", Role.AGENT),
    "account with a second step": with_(Stage.second_step, at("/console/account", Role.LEAD)),
    "provider away": at("/console/sign-in/provider", status=503),
    "provider refuses": at("/console/sign-in/provider/back?error=access_denied", status=403),
    "not permitted": at("/console/report", Role.AGENT, status=403),
    # --- the console
    "desk": with_(Stage.asked, at("/console", Role.AGENT)),
    "desk, nothing found": at("/console?find=nonsense", Role.AGENT),
    "desk, several found": with_(Stage.waiting, at("/console?find=iris@example.org", Role.AGENT)),
    "mine": with_(Stage.asked, at("/console/mine", Role.AGENT)),
    "mine, on its way to me": with_(Stage.handed_over, at("/console/mine", Role.LEAD)),
    "calls": with_(Stage.asked, at("/console/callbacks", Role.AGENT)),
    "drafts": with_(Stage.drafted, at("/console/drafts?find=iris@example.org", Role.LEAD)),
    "on call": on_call(Stage.standby),
    "on call, for an agent": with_(Stage.advised, at("/console/oncall", Role.AGENT)),
    "on call, a switch is advised": on_call(Stage.advised),
    "on call, in an outage": on_call(Stage.outage),
    "on call, an alert that somebody has": with_(
        Stage.alert_of_another,
        replace(
            at("/console/oncall/alerts/holds_pile_up/acknowledgement", Role.ONCALL), sent=an_acknowledgement, status=409
        ),
    ),
    "on call, draining": on_call(Stage.draining),
    "on call, halted": on_call(Stage.halted),
    "runbooks": at("/console/runbooks/", Role.AGENT),
    "a runbook": Scene("/console/runbooks/<name>", lambda stage: "/console/runbooks/fail-over", Role.AGENT),
    "switch with mistakes": posted(on_call(Stage.draining, "/mode"), {"mode": "active", "reason": ""}, 400),
    "switch, asked once more": replace(on_call(Stage.draining, "/mode"), sent=a_switch),
    "status page, in the console": on_call(Stage.told_of, "/status"),
    "status page, with mistakes": posted(on_call(Stage.told_of, "/status/notes"), {"text": ""}, 400),
    "drain": on_call(Stage.draining, "/drain"),
    "drain, paused": on_call(Stage.paused, "/drain"),
    "drain with mistakes": posted(on_call(Stage.draining, "/drain/pace"), {"pace": "fast", "why": ""}, 400),
    "dry run": on_call(Stage.draining, "/drain/dry-run"),
    "dry run, answered": posted(on_call(Stage.draining, "/drain/dry-run"), {}, 200),
    "incidents, halted": with_(Stage.halted, at("/console/incidents", Role.ONCALL)),
    "incident, counted": of_incident(state=Stage.counted),
    "incident, its report, counted": of_incident("/report", Stage.counted),
    "incident that cannot be closed": posted(of_incident("/closure", Stage.counted), {}, 409),
    "incidents": with_(Stage.incident, at("/console/incidents", Role.ONCALL)),
    "incident": of_incident(),
    "incident, its report": of_incident("/report"),
    "report": with_(Stage.remarked, at("/console/report", Role.LEAD)),
    "inbox": with_(Stage.unclaimed, at("/console/inbox", Role.ONCALL)),
    "saved replies": with_(Stage.replied, at("/console/replies", Role.LEAD)),
    "a saved reply": Scene(
        "/console/replies/<int:reply_id>", lambda stage: f"/console/replies/{stage.replied()}", Role.LEAD
    ),
    "remarks": at("/console/remarks?said=1", Role.AGENT),
    # --- an order in the console
    "agent, much has happened": of_order(Stage.asked),
    "agent, declined": of_order(Stage.declined),
    "agent, handed over": of_order(Stage.handed_over, who=Role.LEAD),
    "agent, maybe paid in the shop": of_order(lambda stage: stage.held(HoldCode.MAYBE_PAID, "100077")),
    "agent, maybe a rival": of_order(lambda stage: stage.held(HoldCode.POSSIBLE_RIVAL, "100077")),
    "agent, to be approved": of_order(Stage.to_be_approved, who=Role.LEAD),
    "agent, being changed": of_order(Stage.changing),
    "agent, cancelled": of_order(Stage.cancelled),
    "on call, an order": of_order(Stage.waiting, who=Role.ONCALL),
    "agent, late": posted(
        of_order(Stage.asked, "/callback/closure"), {"seen": "0", "word": "The customer was out."}, 409
    ),
    "agent, note with mistakes": posted(of_order(Stage.asked, "/notes"), {"seen": "9", "note": CARD_NUMBER}, 400),
    "agent, other address": of_order(Stage.waiting, "/address"),
    "agent, other contact": of_order(Stage.waiting, "/contact"),
    "agent, other delivery": of_order(Stage.waiting, "/delivery"),
    "agent, fewer lines": of_order(Stage.waiting, "/lines"),
    "agent cancels": of_order(Stage.settled, "/cancellation"),
    "agent, withdrawal": of_order(Stage.settled, "/withdrawal"),
    "agent, withdrawal with mistakes": posted(
        of_order(Stage.settled, "/withdrawal"), {"seen": "1", "name": "", "quantities.0": "x"}, 400
    ),
    "giving money back": of_order(Stage.settled, "/refunds"),
    "giving money back with mistakes": posted(
        of_order(Stage.settled, "/refunds"), {"seen": "1", "refundable": "3093", "amount": "much", "reason": ""}, 400
    ),
    # --- after the other pages of the console, since an order cannot be read from then on
    "desk, not all can be read": with_(Stage.damaged, at("/console", Role.AGENT)),
    "desk, not all that are found can be read": at("/console?find=iris@example.org", Role.AGENT),
    "on call, not all can be read": at("/console/oncall", Role.ONCALL),
    "report, not all can be read": at("/console/report", Role.LEAD),
    # --- last, since the cart is gone from then on
    "already ordered": with_(lambda stage: stage.waiting(cart_id="basket-17"), at("/checkout")),
}

# What answers machines, files, and what only leads on.
NO_PAGES = frozenset(
    {
        "/console/incidents/<incident_id>/report.csv",
        "/console/incidents/<incident_id>/report.md",
        "/console/orders.csv",
        "/console/report.csv",
        "/console/state",
        "/failover.js",
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/orders/<ref>/back",
        "/readyz",
        "/status.atom",
        "/static/fallback/<version>/<name>",
        "/static/fallback/brand.css",
        "/v1/mode",
        "/v1/orders",
        "/v1/orders/<ref>",
        "/v1/purchases/<path:cart_id>",
        "/v1/status",
    }
)
