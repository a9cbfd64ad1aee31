"""The adapter between granian and the application: only complete requests, limited load, and no waiting threads.

granian's WSGI support uses a thread for each request that has begun, so that a few slow senders block all threads, and
an incomplete body reaches the application like a complete one. Here bodies are received without a thread, and responses
are passed on in one piece, so that slow readers block no thread either (RSGI:
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md). See ops/decisions/door.md.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from random import randint
from time import monotonic
from typing import TYPE_CHECKING, Any

from fallback.domain.errors import TryAgain
from fallback.i18n import language_of
from fallback.web.http.load import Load
from fallback.web.http.problems import OF_PROGRAMS, REFUSED, Problem
from fallback.web.http.security import MAX_BODY_BYTES
from fallback.web.http.voice import asked_for, hear
from fallback.web.http.waiting import LATEST, POLICY, SOONEST, Full, Place, Waiting

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

THREADS = 32
# The time limit for a body in seconds; nginx by default allows as much between two pieces.
PATIENCE = 60.0
TOO_SLOW = "The body took too long to arrive."
# Always answered: otherwise a busy process would be considered dead, and killed.
ALWAYS = frozenset({"/healthz", "/readyz"})
# Refused last, because orders arrive here.
ORDERS = frozenset({"/v1/orders", "/checkout", "/v1/mode"})


Answer = tuple[int, list[tuple[str, str]], bytes]
# Answers a request without a thread; None if the application is to answer it. Raises TryAgain: nobody can.
Express = Callable[[Any, bytes], Awaitable[Answer | None]]


class Door:
    """The application, as granian calls it. `most`: the limit of a body in bytes. `processes`: on this machine."""

    def __init__(
        self,
        application: WSGIApplication,
        most: int = MAX_BODY_BYTES,
        processes: int = 1,
        express: Express | None = None,
    ) -> None:
        self._application = application
        self._express = express
        self._most = most
        self._load = Load()
        self._waiting = Waiting(processes)
        self._pages: dict[tuple[str, Place], Answer] = {}
        self._too_many: Answer | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        status, headers, body = await self._answer(scope, proto)
        proto.response_bytes(status, headers, body)

    async def _answer(self, scope: Any, proto: Any) -> Answer:
        try:
            async with asyncio.timeout(PATIENCE):
                body = await self._body(scope, proto)
            if scope.path not in ALWAYS and not self._load.takes(first=scope.path in ORDERS):
                return self._refused(scope)
        except Problem as refused:
            return self._call(_environ(scope, b"") | {REFUSED: refused})
        except TimeoutError:
            return self._call(_environ(scope, b"") | {REFUSED: Problem(408, "request_timeout", TOO_SLOW)})
        if _is_page(scope):
            self._waiting.let_in(monotonic())
        began, beside = monotonic(), self._load.enter()
        try:
            if self._express and scope.path == "/v1/orders":
                await asyncio.sleep(0)  # who came at the same moment is let in or refused first
                try:
                    if answer := await self._express(scope, body):
                        return answer
                except TryAgain as refused:  # the view would wait for the same
                    return self._call(_environ(scope, b"") | {REFUSED: refused})
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._call, _environ(scope, body))
        finally:
            self._load.leave(monotonic() - began, beside)

    def _refused(self, scope: Any) -> Answer:
        """The response when too many requests are waiting. It is built once: for programs, and for people once in each
        language and for each place that a page can say.

        The event loop refuses while all threads are busy, so the next request waits for the time that this takes.
        """
        if _is_page(scope):
            return self._queue_page(scope)
        refused = {REFUSED: TryAgain("too many requests are waiting")}
        if scope.method != "POST" or not scope.path.startswith("/v1/"):
            return self._call(_environ(scope, b"") | refused)
        if self._too_many is None:
            self._too_many = self._call(_environ(scope, b"") | refused)
        return self._too_many

    def _queue_page(self, scope: Any) -> Answer:
        place = self._waiting.refused(monotonic())
        language = _language(scope.headers.get("accept-language", ""))
        status, headers, body = self._pages.get((language, place)) or self._written(scope, language, place)
        again = str(randint(SOONEST, LATEST))  # noqa: S311 - spreads tries
        return status, [*headers, ("Refresh", again), ("Retry-After", again)], body

    def _written(self, scope: Any, language: str, place: Place) -> Answer:
        """The same for every address, so that no request decides what others see."""
        asked = {"PATH_INFO": "/", "QUERY_STRING": "", "HTTP_HOST": "localhost", "HTTP_ACCEPT_LANGUAGE": language}
        status, headers, body = self._call(_environ(scope, b"") | asked | {REFUSED: Full(place)})
        replaced = ("content-security-policy", "retry-after")
        kept = [(name, value) for name, value in headers if name.lower() not in replaced]
        self._pages[language, place] = status, [*kept, ("Content-Security-Policy", POLICY)], body
        return self._pages[language, place]

    async def _body(self, scope: Any, proto: Any) -> bytes:
        """Raises Problem 413 if it is too long, 400 if it is incomplete (RFC 9112, 8)."""
        length = scope.headers.get("content-length")
        if length is None and "transfer-encoding" not in scope.headers:
            return b""
        pieces, ends, came = [], 0, int(length or 0)
        if came <= self._most:
            came = 0
            async for piece in proto:
                ends += not piece  # one marks the end; an incomplete body has another one before it
                came += len(piece)
                pieces.append(bytes(piece))
                if came > self._most:
                    break
        if came > self._most:
            raise Problem(413, "request_entity_too_large", "The body is too large.")
        if ends > 1 or (length is not None and int(length) != came):
            raise Problem(400, "body_cut_short", "The body is incomplete. Nothing was stored. Send it again.")
        return b"".join(pieces)

    def _call(self, environ: WSGIEnvironment) -> Answer:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
            started[:] = [int(status[:3]), headers]

        answer: Iterable[bytes] = self._application(environ, start_response)
        try:
            body = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        status, headers = started
        return status, headers, body


def _is_page(scope: Any) -> bool:
    """Whether a person opens a page. A form that is sent is no such request: a reload would send it again."""
    page = scope.method == "GET" and "text/html" in scope.headers.get("accept", "")
    return page and not scope.path.startswith(OF_PROGRAMS)


def _language(wanted: str) -> str:
    return language_of(hear(asked_for(wanted)))


def _environ(scope: Any, body: bytes) -> WSGIEnvironment:
    """PEP 3333."""
    server, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    # granian omits values that are not ASCII from `items`. As an empty value they can be refused.
    items = list(scope.headers.items())
    unread = set(scope.headers.keys()) - {name for name, _ in items}
    for name, value in (*items, *((name, "") for name in unread)):
        if "_" in name:  # as WSGI spells it, it could pose as another one; proxies drop it too
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            value = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}"
        environ[key] = value
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ
