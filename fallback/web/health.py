"""/healthz: the process answers. /readyz: an order that it accepts is safe."""

from __future__ import annotations

from flask import Blueprint, Response

from fallback.web.answers import ReadyNow, respond
from fallback.web.auth import Rule, allow, container

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(Rule.PUBLIC)
def alive() -> Response:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@allow(Rule.PUBLIC)
def ready() -> Response:
    problems = container().readiness.problems()
    return respond(ReadyNow(not problems, problems), 503 if problems else 200)


@blueprint.get("/metrics")
@allow(Rule.PUBLIC)
def metrics() -> Response:
    """The figures are the ledger's, so every process gives the same ones, and the hot path counts nothing."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def collect(self) -> list[GaugeMetricFamily]:
        built = container()
        counts = built.views.counts().headlines
        orders = GaugeMetricFamily("fallback_orders", "Orders by headline.", labels=["headline"])
        for headline, count in counts.items():
            orders.add_metric([headline], count)
        due = GaugeMetricFamily("fallback_due", "Orders that a shift should take now.", labels=["queue"])
        for queue in Queue:
            due.add_metric([queue], built.ledger.count_due(queue, built.clock()))
        mode = GaugeMetricFamily("fallback_mode", "1 for the mode that is on.", labels=["mode"])
        current = built.modes.read().mode
        for each in Mode:
            mode.add_metric([each], each is current)
        ready = GaugeMetricFamily("fallback_ready", "1 if orders can be accepted safely.")
        ready.add_metric([], not built.readiness.problems())
        return [orders, due, mode, ready]
