"""Faults on demand: the file `<state>/fault` sets the fault of this shop. It is read for every request.

{"kind": "error"}                 503 for everything
{"kind": "html"}                  200 and an HTML page instead of an API response
{"kind": "half"}                  the request takes effect, but half of the response is sent
{"kind": "slow", "seconds": 30}   the response waits, at most until the fault is removed
{"kind": "reply_lost"}            the request takes effect, but the connection is cut before the response
Each accepts "paths": ["/fallback/"], a list of prefixes. Without it, html and half apply to the API, the others to all.
Write another file and rename it, so that no request reads half of it. Without the file the shop works.
"""

import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
Fault = dict[str, Any]

FAULT_FILE = settings.STATE / "fault"
API = ["/fallback/"]
EVERYTHING = ["/"]
MAINTENANCE_PAGE = b"<!doctype html><title>Harbour Books</title><p>The shop is being looked after. Please come back."


class FaultMiddleware:
    """Runs first, so that a fault needs no session, basket or database."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        fault = current_fault(request.path)
        if fault is None:
            return self.get_response(request)
        return FAULTS[fault["kind"]](self.get_response, request, fault)


def current_fault(path: str) -> Fault | None:
    try:
        fault: Fault = json.loads(FAULT_FILE.read_text())
    except FileNotFoundError:
        return None
    usual = API if fault["kind"] in {"html", "half"} else EVERYTHING
    return fault if path.startswith(tuple(fault.get("paths", usual))) else None


def error(_answer: Answer, _request: HttpRequest, _fault: Fault) -> HttpResponse:
    return HttpResponse(MAINTENANCE_PAGE, status=503)


def html(_answer: Answer, _request: HttpRequest, _fault: Fault) -> HttpResponse:
    return HttpResponse(MAINTENANCE_PAGE)


def half(answer: Answer, request: HttpRequest, _fault: Fault) -> HttpResponse:
    response = answer(request)
    response.content = response.content[: len(response.content) // 2]
    response.headers["Content-Length"] = str(len(response.content))
    return response


def slow(answer: Answer, request: HttpRequest, fault: Fault) -> HttpResponse:
    until = time.monotonic() + fault.get("seconds", 30)
    while time.monotonic() < until and current_fault(request.path) == fault:
        time.sleep(0.1)
    return answer(request)


def reply_lost(answer: Answer, request: HttpRequest, _fault: Fault) -> HttpResponse:
    response = answer(request)
    hang_up(int(request.META["SERVER_PORT"]))
    return response


def hang_up(port: int) -> None:
    """Cut every connection that this process has accepted on `port`.

    WSGI does not tell the connection of a request, so all current clients lose their response. All connections are
    found before the first is cut, because a client may connect again at once and get a number that is still to come.
    """
    with ExitStack() as found:
        for connection in [found.enter_context(each) for each in _sockets() if _is_accepted(each, port)]:
            with suppress(OSError):  # it was closed in the meantime
                connection.shutdown(socket.SHUT_RDWR)


def _sockets() -> Iterator[socket.socket]:
    for number in map(int, os.listdir("/dev/fd")):
        with suppress(OSError):  # it was closed in the meantime
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                yield socket.socket(fileno=os.dup(number))


def _is_accepted(connection: socket.socket, port: int) -> bool:
    with suppress(OSError):  # a listening socket has no peer
        if connection.getsockname()[1:2] == (port,) and connection.getpeername():
            return True
    connection.close()
    return False


FAULTS = {"error": error, "html": html, "half": half, "slow": slow, "reply_lost": reply_lost}
