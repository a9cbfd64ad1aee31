"""`/_sandbox/`: controls for tests and the demo that Stripe's API does not have. JSON in and out, without a key.

GET    summary                     money by order: {"orders": {ref: {...}}, "without_ref": n}; `?ref=` for one
GET    faults                      the faults in force
POST   faults                      add one (see `faults.py`)
POST   heal                        end all faults
GET    health                      {"status": "ok"} once the sandbox is ready
POST   clock                       {"advance": seconds}: ages keys, tokens and holds
PATCH  payment_intents/<id>        {"capture_before": unix time} or {"settle": true} (finish one left in processing)
PATCH  refunds/<id>                {"status": "failed"}, or another: the later result at the bank
DELETE idempotency_keys[/<key>]    forget saved replies
PATCH  settings                    duplicates, jitter, webhooks_paused, search_lag, processing (intents stay so)
POST   events/<id>/send            send an event to the webhook once more
GET    deliveries                  number of waiting webhook deliveries
POST   reset                       forget everything
"""

import time
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import BadRequest

from ops.demo.stripe_sandbox import charges, payment_intents, refunds
from ops.demo.stripe_sandbox.faults import Fault, Faults
from ops.demo.stripe_sandbox.idempotency import Keys
from ops.demo.stripe_sandbox.sandbox import Sandbox
from ops.demo.stripe_sandbox.summary import summary

SETTINGS: dict[str, tuple[type, ...]] = {
    "duplicates": (int,),
    "jitter": (int, float),
    "webhooks_paused": (bool,),
    "search_lag": (int,),
    "processing": (bool,),
}


def blueprint(sandbox: Sandbox, faults: Faults) -> Blueprint:
    routes = Blueprint("control", __name__, url_prefix="/_sandbox")
    _fault_routes(routes, faults)
    _money_routes(routes, sandbox)
    _time_routes(routes, sandbox)
    _webhook_routes(routes, sandbox)

    @routes.post("/reset")
    def reset() -> Response:
        faults.heal()
        sandbox.store.wipe()
        return jsonify(reset=True)

    @routes.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @routes.errorhandler(ValueError)
    def refuse(error: ValueError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    @routes.errorhandler(BadRequest)
    def refuse_form(error: BadRequest) -> tuple[Response, int]:
        return jsonify(error=error.description), 400

    return routes


def _fault_routes(routes: Blueprint, faults: Faults) -> None:
    @routes.get("/faults")
    def list_faults() -> Response:
        return jsonify(faults=faults.listed())

    @routes.post("/faults")
    def add_fault() -> tuple[Response, int]:
        faults.add(Fault.parse(_body()))
        return jsonify(faults=faults.listed()), 201

    @routes.post("/heal")
    def heal() -> Response:
        faults.heal()
        return jsonify(faults=[])


def _money_routes(routes: Blueprint, sandbox: Sandbox) -> None:
    @routes.get("/summary")
    def show_summary() -> Response:
        return jsonify(summary(sandbox.store, request.args.get("ref")))

    @routes.patch("/payment_intents/<id>")
    def change_intent(id: str) -> Response:
        body = _body()
        with sandbox.store.transaction():
            intent = sandbox.store.get("payment_intent", id) or abort(404)
            if body.get("settle"):
                if intent["status"] != "processing":
                    raise ValueError(f"the intent is {intent['status']}, not processing")
                payment_intents.settle(sandbox, id)
            if isinstance(body.get("capture_before"), int):
                charge = sandbox.store.get("charge", intent["latest_charge"] or "") or abort(409)
                charges.ends_at(sandbox, charge, body["capture_before"])
            payment_intents.expire_authorizations(sandbox)
            return jsonify(sandbox.store.get("payment_intent", id))

    @routes.patch("/refunds/<id>")
    def change_refund(id: str) -> Response:
        status = str(_body().get("status"))
        with sandbox.store.transaction():
            if sandbox.store.get("refund", id) is None:
                abort(404)
            return jsonify(refunds.change(sandbox, id, status))


def _time_routes(routes: Blueprint, sandbox: Sandbox) -> None:
    @routes.post("/clock")
    def advance() -> Response:
        with sandbox.store.transaction():
            ahead = sandbox.store.setting("clock_ahead", 0) + _number(_body(), "advance")
            sandbox.store.set("clock_ahead", ahead)
        return jsonify(now=sandbox.now())

    @routes.delete("/idempotency_keys", defaults={"key": None})
    @routes.delete("/idempotency_keys/<path:key>")
    def forget(key: str | None) -> Response:
        return jsonify(forgotten=Keys(sandbox).forget(key))

    @routes.patch("/settings")
    def change_settings() -> Response:
        body = _body()
        for name, value in body.items():
            if name not in SETTINGS or not isinstance(value, SETTINGS[name]):
                raise ValueError(f"unknown setting or wrong type: {name}")
        for name, value in body.items():
            sandbox.store.set(name, value)
        return jsonify(body)


def _webhook_routes(routes: Blueprint, sandbox: Sandbox) -> None:
    @routes.post("/events/<id>/send")
    def send_again(id: str) -> Response:
        if sandbox.store.get("event", id) is None:
            abort(404)
        sandbox.store.change("INSERT INTO deliveries (event, due) VALUES (?, ?)", id, time.time())
        return jsonify(queued=id)

    @routes.get("/deliveries")
    def waiting() -> Response:
        return jsonify(waiting=sandbox.store.rows("SELECT count(*) FROM deliveries")[0][0])


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise ValueError("an object is expected")
    return body


def _number(body: dict[str, Any], name: str) -> int:
    if not isinstance(body.get(name), int):
        raise ValueError(f"{name} must be a whole number")
    return int(body[name])
