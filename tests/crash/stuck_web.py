"""The web application, in which one request never ends: `granian tests.crash.stuck_web:app`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from fallback.web.wsgi import app as application


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    while environ["PATH_INFO"] == "/stuck":
        time.sleep(1)
    return application(environ, start_response)
