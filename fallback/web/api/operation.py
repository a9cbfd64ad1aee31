"""What is said of one operation of the HTTP API."""

from __future__ import annotations

from typing import Any, NamedTuple

from fallback.web.api.parameters import Parameter

TEXT = "text/plain"


class Operation(NamedTuple):
    """One method of one path. `id`: the name of its function in a generated client. `answers`: the body types by
    status, empty for no body. `problems`: codes.

    `security`: alternatives; '' means that no credentials are required.
    """

    method: str
    path: str
    id: str
    summary: str
    answers: dict[int, tuple[Any, ...]]
    problems: tuple[str, ...] = ()
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    security: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


BODY_PROBLEMS = ("invalid", "body_cut_short", "request_timeout", "request_entity_too_large", "unsupported_media_type")
