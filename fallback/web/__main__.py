"""`fallback web`: the web server on HOST and PORT, with WEB_CONCURRENCY processes.

By granian's own command the process that keeps the others would log lines that are no JSON.
"""

from __future__ import annotations

import os
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings, HTTP2Settings

from fallback.bootstrap.start import begin

# What is in flight is finished: a call to the outside takes up to 25 seconds, an answer to a customer far less.
KILL_AFTER = 30
# Bytes of a request's headers; nginx.conf passes on as many. Above it is 431.
LARGEST_HEADERS = 64 * 1024
# granian's lines go the way of all others.
LOGS = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


def main(application: str = "fallback.web.server:door") -> None:
    config = begin("web")
    Granian(
        application,
        address=os.environ.get("HOST", "0.0.0.0"),  # noqa: S104 - as platforms want it
        port=config.port,
        interface=Interfaces.RSGI,
        workers=config.web_concurrency,
        workers_kill_timeout=KILL_AFTER,
        http1_settings=HTTP1Settings(max_buffer_size=LARGEST_HEADERS),
        http2_settings=HTTP2Settings(max_headers_size=LARGEST_HEADERS),
        websockets=False,
        log_dictconfig=LOGS,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
