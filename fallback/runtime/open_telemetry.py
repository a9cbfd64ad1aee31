"""Spans by OpenTelemetry. Imported only where a collector is set (fallback/runtime/traces.py).

A span records the operation, the order and the outcome; never the customer. It keeps no parameter of a call, and of an
error only its type: its message may quote what was sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from multiprocessing.util import Finalize
from time import time_ns
from typing import TypeAlias, TypeVar

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, format_trace_id, get_current_span, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bound_contextvars

from fallback.domain.observed_port import CallOutcome, observed
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.next_step import Step
from fallback.domain.order.order import Order, Queue
from fallback.runtime.logs import get_logger

# Seconds that the collector has for a batch. A stopping process waits at most twice as long for a dead collector.
PATIENCE = 3.0
FAILED = frozenset({CallOutcome.AWAY, CallOutcome.UNKNOWN})
TRACEPARENT = "traceparent"  # https://www.w3.org/TR/trace-context/

Port = TypeVar("Port")
Outcomes: TypeAlias = tuple[Order, Accepted | KeyReused | CartTaken]
# Receives the status of the response.
Answered: TypeAlias = Callable[[int], None]

propagator = TraceContextTextMapPropagator()
log = get_logger()


class Traces:
    """Thread-safe. While a span is open in a thread, log lines of that thread have its trace id."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("fallback")

    @contextmanager
    def request(self, route: str, came_with: str) -> Iterator[Answered]:
        """Around an HTTP request. `came_with`: a trusted traceparent, or nothing."""
        with self._span(route, SpanKind.SERVER, _context(came_with)) as span:
            yield partial(_answered, span)

    def accepting(self, accept: Callable[[str], Outcomes]) -> Outcomes:
        """Accept an order in a span of its own. `accept` receives the traceparent to continue from."""
        with self._span("accept", SpanKind.PRODUCER) as span:
            order, outcome = accept(_traceparent())
            if isinstance(outcome, Accepted):
                span.set_attribute("fallback.ref", outcome.ref)
            return order, outcome

    def step(self, step: Step, queue: Queue, order: Order) -> AbstractContextManager[Span]:
        """Around one step of a shift. It continues the trace of the order's acceptance."""
        attributes = {"fallback.ref": order.ref, "fallback.queue": str(queue)}
        return self._span(str(step), SpanKind.CONSUMER, _context(order.trace), attributes)

    def over(self, service: str, port: Port) -> Port:
        """Returns the port with a span for each of its calls."""
        return observed(port, partial(self._saw, service))

    def _saw(self, service: str, call: str, outcome: CallOutcome, seconds: float) -> None:
        ended = time_ns()
        attributes = {"peer.service": str(service), "fallback.outcome": str(outcome)}
        began = ended - int(seconds * 1e9)
        span = self._tracer.start_span(f"{service} {call}", None, SpanKind.CLIENT, attributes, start_time=began)
        if outcome in FAILED:
            span.set_status(StatusCode.ERROR)
        span.end(ended)

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, before: Context | None = None, attributes: dict[str, str] | None = None
    ) -> Iterator[Span]:
        """`before`: the parent; by default the current span of this thread."""
        origin = get_current_span(before).get_span_context()
        links = [Link(origin)] if kind is SpanKind.CONSUMER and origin.is_valid else []
        span = self._tracer.start_span(name, before, kind, attributes, links)
        trace_id = format_trace_id(span.get_span_context().trace_id)
        with (
            bound_contextvars(trace_id=trace_id),
            use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False),
        ):
            try:
                yield span
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise


def _answered(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def _context(traceparent: str) -> Context:
    """An invalid one begins a new trace."""
    return propagator.extract({TRACEPARENT: traceparent}, Context())


def _traceparent() -> str:
    """Of the current span of this thread."""
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    return carrier[TRACEPARENT]


# --- to the collector


def to_collector(service: str, patience: float = PATIENCE) -> TracerProvider:
    """Exports in batches, from a thread of its own: ending a span costs an append. Excess is dropped."""
    # The SDK has a line for each batch that it could not send; Telling says it once.
    sdk = logging.getLogger("opentelemetry")
    sdk.addHandler(logging.NullHandler())
    sdk.propagate = False
    report = LossReport(OTLPSpanExporter(timeout=patience))
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(report))
    # atexit would not do: a web process is a child of granian by multiprocessing, and ends without it.
    Finalize(None, stop, (provider, report), exitpriority=0)
    return provider


def stop(provider: TracerProvider, report: LossReport) -> None:
    """Sends the remaining spans, unless the collector is down."""
    report.stopping = True
    provider.shutdown()


class LossReport(SpanExporter):
    """Logs once when spans are lost, and once when they arrive again. `stopping`: spans lost now are given up."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.stopping = False
        self._exporter = exporter
        self._losing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.stopping and self._losing:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        losing = result is not SpanExportResult.SUCCESS
        if losing and not self._losing:
            log.warning("traces_lost", count=len(spans))
        elif self._losing and not losing:
            log.info("traces_arrive")
        self._losing = losing
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()
