"""Traces of orders, from their acceptance through the ledger into the shifts: where a collector is set, by
OpenTelemetry's own settings.

Without a collector OpenTelemetry is not imported, and requests and calls have no cost (ops/decisions/traces.md).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fallback.runtime.logs import get_logger

if TYPE_CHECKING:
    from fallback.runtime.open_telemetry import Traces

# https://opentelemetry.io/docs/specs/otel/protocol/exporter/
COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

log = get_logger()


def start(service: str, environ: Mapping[str, str] = os.environ) -> Traces | None:
    """Once per process, at start. If OpenTelemetry is not installed, this is logged and nothing stops."""
    if not any(environ.get(name) for name in COLLECTOR):
        return None
    try:
        from fallback.runtime.open_telemetry import Traces, to_collector
    except ModuleNotFoundError as error:
        log.warning("traces_off", reason="the extra 'traces' is not installed", exc_info=error)
        return None
    return Traces(to_collector(f"fallback-{service}"))
