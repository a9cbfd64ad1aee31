"""The web application, in which one request never ends: `granian --interface rsgi tests.crash.stuck_web:door`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Event
from typing import Any

from fallback.web.http.door import Door
from fallback.web.server import app as application


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/stuck":
        Event().wait()
    return application(environ, start_response)


door = Door(app)
