"""The web application, in a process that dies before its first answer leaves: `granian … dying_web:door`.

It dies once for each file named by DIES_AT (server and worker, as a machine does), then it lives.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fallback.web.http.door import Answer, Door
from fallback.web.server import app as application
from fallback.web.server import express as ordinary

DIES_ONCE = Path(os.environ["DIES_ONCE"])


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    answer = application(environ, start_response)
    if environ["REQUEST_METHOD"] == "POST":
        die_once()
    return answer


async def express(scope: Any, body: bytes) -> Answer | None:
    answer = await ordinary(scope, body) if ordinary else None
    if answer:
        die_once()
    return answer


def die_once() -> None:
    if DIES_ONCE.exists():
        DIES_ONCE.unlink()
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


door = Door(app, express=express)
