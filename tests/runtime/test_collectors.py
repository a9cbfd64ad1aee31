"""Where spans go: no collector, one, or one that is dead."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server
from threading import Thread

import msgspec
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from fallback.runtime import traces
from fallback.runtime.open_telemetry import LossReport, to_collector
from fallback.web.app import create_app
from tests.runtime.test_traces import Line
from tests.web.api_client import place
from tests.web.conftest import a_container
from tests.web.world import a_cart, signed


@pytest.fixture(autouse=True)
def _log_of_the_sdk() -> Iterator[None]:
    """As it was: `to_collector` silences it."""
    sdk = logging.getLogger("opentelemetry")
    handlers, propagates = [*sdk.handlers], sdk.propagate
    yield
    sdk.handlers, sdk.propagate = handlers, propagates


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
