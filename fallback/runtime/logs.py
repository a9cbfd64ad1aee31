"""Logs are JSON lines: an event in a few words, the ref, figures; never personal data or secrets."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from itertools import islice
from types import FrameType
from typing import Any

import msgspec
import structlog

from fallback.domain.errors import Conflict
from fallback.domain.order.refs import parse_ref

TRACE_LENGTH = 8
# From a socket that does not answer up to our call, through the libraries between them.
STACK_LENGTH = 40
# The allowed fields of a line. Others are dropped, so that an address or a key cannot slip into the logs.
SAFE = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "ref",
        "queue",
        "step",
        "state",
        "headline",
        "code",
        "reason",
        "mode",
        "route",
        "method",
        "status",
        "count",
        "seconds",
        "call",
        "key_number",
        "attempt",
        "tries",
        "version",
        "incident",
        "who",
        "kind",
        "notice",
        "error",
        "error_type",
        "trace",
        "trace_id",
        "process",
        "port",
        "age",
        "pace",
        "shop",
        "redis",
    ]
)


def configure(level: str) -> None:
    """Once per process, at start."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _name_errors,
            _keep_safe,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )


def gather() -> None:
    """Turn the logs of libraries and of Python itself into such lines too. For servers, not for commands."""
    heard = _Heard(logging.WARNING)
    logging.basicConfig(handlers=[heard], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    for name in ("_granian", "granian.access"):  # these have handlers of their own
        logging.getLogger(name).handlers = [heard]
    sys.excepthook = lambda _, error, __: _crashed(error)
    threading.excepthook = lambda args: _crashed(args.exc_value)


class _Heard(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the logger and the place in the code, and drops the message."""
        error = record.exc_info[1] if record.exc_info else None
        where = _call(record.pathname, record.lineno, record.funcName)
        say = get_logger().error if record.levelno >= logging.ERROR else get_logger().warning
        say("library", kind=record.name, code=where, exc_info=error)


def _crashed(error: BaseException | None) -> None:
    get_logger().error("crashed", exc_info=error)


def get_logger(**bound: Any) -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(**bound)
    return logger


def stacks(here: FrameType | None) -> list[str]:
    """The innermost calls of each thread, for the field 'trace'; of the one that asks, up to `here`."""
    frames = sys._current_frames() | ({threading.get_ident(): here} if here else {})
    return sorted({" > ".join(_calls(frame)) for frame in frames.values()})


def _calls(frame: FrameType) -> list[str]:
    """Reads no source file: the disk may be what hangs."""
    innermost = islice(traceback.walk_stack(frame), STACK_LENGTH)
    return [_call(each.f_code.co_filename, line, each.f_code.co_name) for each, line in innermost][::-1]


def _name_errors(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # The type and the stack only: messages of other libraries may quote what was sent. A conflict is about one order.
    error = event.pop("exc_info", None)
    if isinstance(error, Conflict) and (ref := parse_ref(str(error))):
        event.setdefault("ref", ref)
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        if event["level"] == "error":
            frames = traceback.extract_tb(error.__traceback__)[-TRACE_LENGTH:]
            event["trace"] = [_call(frame.filename, frame.lineno, frame.name) for frame in frames]
    return event


def _call(path: str, line: int | None, name: str) -> str:
    return f"{'/'.join(path.rsplit('/', 3)[1:])}:{line} {name}"


def _keep_safe(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: value for name, value in event.items() if name in SAFE}


def _json(event: structlog.typing.EventDict, **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
