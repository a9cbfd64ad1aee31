"""Traces: a purchase is one, from the request to the capture. Without a collector there is nothing of it, and a dead
one stops no order."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from socket import create_server
from threading import Thread

import msgspec
import pytest
import structlog
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, format_trace_id

from fallback.domain.errors import OutcomeUnknown
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order, Queue
from fallback.runtime import logs, traces
from fallback.runtime.metrics import Service
from fallback.runtime.open_telemetry import LossReport, Traces, to_collector
from fallback.web.app import create_app
from tests.builders import an_order
from tests.fakes.gateway import VISA, FakeGateway
from tests.fakes.mailer import FakeMailer
from tests.fakes.primary import FakePrimary
from tests.web.api_client import place
from tests.web.conftest import a_browser, a_container
from tests.web.world import PROXY_TOKEN, a_cart, a_form, signed
from workers import shifts
from workers.stopping import Stop

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CAME_WITH = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
PERSONAL = ["iris", "murdoch", "@example", "1 quay", "hull"]


class Line:
    """Web and workers on fakes, and the spans that they ended."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self.memory = InMemorySpanExporter()
        if provider is None:
            provider = TracerProvider(shutdown_on_exit=False)
            provider.add_span_processor(SimpleSpanProcessor(self.memory))
        container = a_container()
        container.traces = Traces(provider)
        self.gateway = FakeGateway(container.clock)
        container.gateway = container.metrics.over(Service.STRIPE, self.gateway)
        container.primary = container.metrics.over(Service.PRIMARY, FakePrimary(clock=container.clock))
        container.mailer = container.metrics.over(Service.MAIL, FakeMailer())
        self.container = container
        self.app = create_app(container)

    def a_customer_orders(self, **headers: str) -> Order:
        client = self.app.test_client()
        client.environ_base |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        answer = place(client, payment={"confirmation_token": self.gateway.token(VISA)})
        return self.now_of(answer.json["ref"])

    def now_of(self, ref: str) -> Order:
        order: Order = self.container.ledger.load(ref)
        return order

    def shifts_work(self) -> None:
        for queue in (Queue.PAYMENT, Queue.PLACEMENT, Queue.NOTICE):
            shifts.work(self.container, queue, Stop())

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.memory.get_finished_spans())

    def span(self, name: str) -> ReadableSpan:
        [found] = [span for span in self.spans if span.name == name]
        return found

    def parent_of(self, name: str) -> str:
        parent = self.span(name).parent
        return next(span.name for span in self.spans if parent and span.context.span_id == parent.span_id)


@pytest.fixture(autouse=True)
def _log_of_the_sdk() -> Iterator[None]:
    """As it was: `to_collector` silences it."""
    sdk = logging.getLogger("opentelemetry")
    handlers, propagates = [*sdk.handlers], sdk.propagate
    yield
    sdk.handlers, sdk.propagate = handlers, propagates


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def said() -> Iterator[Callable[[], list[dict[str, str]]]]:
    """The lines of the log."""
    stream = BytesIO()
    logs.configure("INFO")
    structlog.configure(cache_logger_on_first_use=False, logger_factory=structlog.BytesLoggerFactory(stream))
    yield lambda: [msgspec.json.decode(text) for text in stream.getvalue().splitlines()]
    structlog.reset_defaults()


# --- a purchase


def test_a_purchase_is_one_trace_from_the_request_to_the_capture(line: Line) -> None:
    ref = line.a_customer_orders().ref
    line.shifts_work()
    assert headline(line.now_of(ref)) is Headline.SETTLED

    mine = line.span("accept").context.trace_id
    apart = [span.name for span in line.spans if span.context.trace_id != mine]
    assert apart == ["primary health"]  # the shift asks for itself, before it takes an order
    assert line.parent_of("accept") == "POST /v1/orders"
    assert line.parent_of("authorize") == line.parent_of("reconcile") == line.parent_of("notify") == "accept"
    assert line.parent_of("stripe confirm") == "authorize"
    assert line.parent_of("primary place") == line.parent_of("stripe capture") == "reconcile"


def test_a_step_that_waited_for_hours_is_linked_to_the_acceptance_too(line: Line) -> None:
    line.a_customer_orders()
    line.shifts_work()
    [link] = line.span("reconcile").links
    assert link.context.span_id == line.span("accept").context.span_id


def test_spans_say_for_which_order_and_on_which_queue(line: Line) -> None:
    order = line.a_customer_orders()
    line.shifts_work()
    assert line.span("accept").attributes == {"fallback.ref": order.ref}
    assert line.span("reconcile").attributes == {"fallback.ref": order.ref, "fallback.queue": "placement"}
    assert line.span("stripe capture").attributes == {"peer.service": "stripe", "fallback.outcome": "done"}


def test_the_page_begins_a_trace_as_the_api_does(line: Line) -> None:
    assert a_browser(line.app).post("/checkout", data=a_form()).status_code == 303
    assert line.parent_of("accept") == "POST /checkout"
    assert line.span("POST /checkout").attributes == {"http.response.status_code": 303}


def test_an_order_from_before_there_were_traces_begins_one_in_the_shift(line: Line) -> None:
    line.container.ledger.keep(an_order(trace=""))
    line.shifts_work()
    assert line.span("reconcile").parent is None
    assert not line.span("reconcile").links


def test_the_trace_of_our_proxy_goes_on(line: Line) -> None:
    order = line.a_customer_orders(**CAME_WITH, **{"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": "ours"})
    assert order.trace.split("-")[1] == TRACE


def test_nobody_else_can_put_an_order_into_a_trace(line: Line) -> None:
    order = line.a_customer_orders(**CAME_WITH, **{"X-Fallback-Proxy": "forged", "X-Fallback-Reason": "ours"})
    assert order.trace.split("-")[1] == format_trace_id(line.span("accept").context.trace_id) != TRACE


# --- what goes wrong, and what is said of it


def test_a_span_records_only_the_type_of_an_error(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.a_customer_orders()
    monkeypatch.setattr(shifts, "authorize_payment", _a_bug)
    line.shifts_work()
    span = line.span("authorize")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert not span.events


def test_the_span_of_a_call_with_an_unknown_outcome_has_the_status_error(line: Line) -> None:
    line.gateway.fail_next("confirm", OutcomeUnknown("no answer"))
    line.a_customer_orders()
    line.shifts_work()
    span = line.span("stripe confirm")
    assert (span.status.status_code, span.attributes["fallback.outcome"]) == (StatusCode.ERROR, "unknown")


def test_no_span_says_who_the_customer_is(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.a_customer_orders()
    monkeypatch.setattr(shifts, "send_notice", _a_bug)
    line.shifts_work()
    assert len(line.spans) > 8
    everything = json.dumps([json.loads(span.to_json()) for span in line.spans]).lower()
    assert [word for word in PERSONAL if word in everything] == []


def test_what_is_logged_meanwhile_has_the_id_of_the_trace(
    line: Line, said: Callable[[], list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shifts, "authorize_payment", lambda _, ref: logs.get_logger().info("inside", ref=ref))
    line.a_customer_orders()
    line.shifts_work()
    logs.get_logger().info("outside")
    ids = {each["event"]: each.get("trace_id") for each in said()}
    assert ids == {"inside": format_trace_id(line.span("accept").context.trace_id), "outside": None}


def _a_bug(_: object, ref: str) -> None:
    raise ValueError("iris@example.org cannot be served")


# --- no collector, or a dead one


START = """
import sys
from fallback.runtime import traces
from fallback.web.app import create_app
from tests.web.api_client import place
from tests.web.conftest import a_container
import workers.clock, workers.run, workers.shifts
container = a_container()
assert traces.start("web") is container.traces is None
assert place(create_app(container).test_client()).status_code == 202
container.gateway, container.primary, container.mailer
print(*sys.modules)
"""


def started(script: str) -> list[str]:
    """The modules that a process without a collector has imported."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_without_a_collector_nothing_of_traces_is_imported() -> None:
    # redis-py imports the metrics of the SDK wherever that is installed.
    ours = (
        "fallback.runtime.open_telemetry",
        "opentelemetry.sdk.trace",
        "opentelemetry.exporter",
        "opentelemetry.propagat",
    )
    imported = started(START)
    assert "fallback.runtime.traces" in imported
    assert [name for name in imported if name.startswith(ours)] == []


def test_tracing_works_as_a_no_op_without_opentelemetry() -> None:
    assert "fallback.runtime.traces" in started("import sys; sys.modules['opentelemetry'] = None\n" + START)


def test_without_traces_an_order_keeps_nothing_of_them() -> None:
    container = a_container()
    order = container.ledger.load(place(create_app(container).test_client()).json["ref"])
    assert b"trace" not in msgspec.json.encode(order)


def test_a_collector_is_set_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert traces.start("web", {}) is None
    monkeypatch.setitem(sys.modules, "fallback.runtime.open_telemetry", None)
    assert traces.start("web", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}) is None  # not installed


class Receiver(BaseHTTPRequestHandler):
    """A collector that takes what comes."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, ExportTraceServiceRequest.FromString(body)))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the screen."""


def test_spans_arrive_at_the_collector_with_the_name_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as collector:
        collector.received = []  # type: ignore[attr-defined]
        Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        provider = to_collector("fallback-web")
        Line(provider).a_customer_orders()
        provider.shutdown()
        collector.shutdown()
        [(path, request)] = collector.received  # type: ignore[attr-defined]
    [process] = request.resource_spans
    assert path == "/v1/traces"
    assert "fallback-web" in {attribute.value.string_value for attribute in process.resource.attributes}
    assert {span.name for span in process.scope_spans[0].spans} == {"accept", "POST /v1/orders"}


def test_a_collector_that_never_answers_stops_no_order(
    monkeypatch: pytest.MonkeyPatch, said: Callable[[], list[dict[str, str]]]
) -> None:
    with create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        provider = to_collector("fallback-web", patience=0.3)
        client = Line(provider).app.test_client()
        # Two spans each: more than a batch, so that its thread is waiting for the collector meanwhile.
        carts = {str(number): signed(a_cart(cart_id=str(number))) for number in range(300)}
        statuses = {place(client, key, cart_token=cart).status_code for key, cart in carts.items()}
        provider.shutdown()
    assert statuses == {202}
    assert [each["event"] for each in said()] == ["traces_lost"]


class Collector(SpanExporter):
    def __init__(self) -> None:
        self.away = True
        self.asked = 0

    def export(self, spans: object) -> SpanExportResult:
        self.asked += 1
        return SpanExportResult.FAILURE if self.away else SpanExportResult.SUCCESS


def test_that_spans_are_lost_is_said_once_and_that_they_arrive_again(
    said: Callable[[], list[dict[str, str]]],
) -> None:
    collector = Collector()
    notification = LossReport(collector)
    for away in (True, True, False, False):
        collector.away = away
        notification.export([])
    assert [each["event"] for each in said()] == ["traces_lost", "traces_arrive"]


def test_a_stopping_process_does_not_wait_for_a_dead_collector_repeatedly() -> None:
    collector = Collector()
    notification = LossReport(collector)
    notification.stopping = True
    for _ in range(4):
        notification.export([])
    assert collector.asked == 1
