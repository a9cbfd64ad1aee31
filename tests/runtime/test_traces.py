"""Traces: a purchase is one, from the request to the capture. Without a collector there is nothing of it, and a dead
one stops no order."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, format_trace_id

from fallback.domain.errors import OutcomeUnknown
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order, Queue
from fallback.runtime import logs
from fallback.runtime.metrics import Service
from fallback.runtime.open_telemetry import Traces
from fallback.web.app import create_app
from tests.builders import an_order
from tests.fakes.gateway import VISA, FakeGateway
from tests.fakes.mailer import FakeMailer
from tests.fakes.primary import FakePrimary
from tests.web.api_client import place
from tests.web.conftest import a_browser, a_container
from tests.web.world import PROXY_TOKEN, a_form
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


@pytest.fixture
def line() -> Line:
    return Line()


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
    monkeypatch.setattr(shifts, "authorize_payment", lambda _, order: logs.get_logger().info("inside", ref=order.ref))
    line.a_customer_orders()
    line.shifts_work()
    logs.get_logger().info("outside")
    ids = {each["event"]: each.get("trace_id") for each in said()}
    assert ids == {"inside": format_trace_id(line.span("accept").context.trace_id), "outside": None}


def _a_bug(_: object, ref: str) -> None:
    raise ValueError("iris@example.org cannot be served")
