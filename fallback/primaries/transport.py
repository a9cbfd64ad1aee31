"""One HTTP call to a shop, over within a deadline and a size whatever the other side does.

What went wrong is told in the two words that matter for a write: TryAgain, nothing was sent; OutcomeUnknown, it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http.client import IncompleteRead, RemoteDisconnected
from socket import gaierror
from ssl import SSLError
from typing import TypeVar

import msgspec
import requests
from msgspec import Struct
from msgspec.json import Decoder
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimeoutError_

from fallback.domain.errors import OutcomeUnknown, RateLimited, TryAgain
from fallback.runtime.outgoing import punctual_session
from fallback.runtime.rate_limit import seconds_of

T = TypeVar("T")

# A host that does not even accept a connection in this time is down (its backlog is full, or packets are dropped).
CONNECT_WITHIN = 3.0
# A page of 50 orders with 200 lines each fits; a log file that somebody serves by mistake does not.
LARGEST_ANSWER = 2 * 1024 * 1024
# What msgspec raises for a body that is not the JSON asked for: RecursionError if it is nested too deeply.
NOT_AS_AGREED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_CAUSES: Sequence[tuple[tuple[type[BaseException], ...], str]] = (
    ((requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema), "the address needs http:// or https://"),
    ((gaierror,), "the host's name is not known"),
    ((SSLError,), "TLS: {found}"),
    ((ConnectionRefusedError,), "connection refused"),
    (
        (ConnectionResetError, BrokenPipeError, RemoteDisconnected, IncompleteRead),
        "the connection was closed before the answer was complete",
    ),
    ((TimeoutError, requests.Timeout, TimeoutError_), "timed out after {seconds:.2g} s"),
)


class HttpAnswer(Struct, frozen=True):
    """`retry_after` in seconds, if the other side sent a Retry-After that can be read.

    `headers`: by their names in any letter case.
    """

    status: int
    media_type: str
    body: bytes
    retry_after: float | None = None
    headers: Mapping[str, str] = {}

    def decoded(self, shape: Decoder[T]) -> T:
        """What is not of this shape proves nothing."""
        try:
            return shape.decode(self.body)
        except NOT_AS_AGREED as error:
            raise OutcomeUnknown(f"the shop's {self.status} is not of the form that we know: {error}") from error


BUSY = (429, 503)


def busy(answer: HttpAnswer) -> TryAgain:
    """What an answer with one of these says: nothing was done."""
    kind = RateLimited if answer.status == 429 else TryAgain
    return kind(f"the shop answers {answer.status}", answer.retry_after)


class Transport:
    """Calls below one address with the same headers, safe to share between threads.

    `deadline`: seconds for one call, from its first packet to the last byte of the answer.
    """

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str],
        deadline: float,
        connect_within: float = CONNECT_WITHIN,
    ) -> None:
        self.deadline = deadline
        self._connect_within = connect_within
        self._base = base
        self._session = punctual_session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "fallback-checkout", **headers})
        # The environment's proxies and certificates are read here, once. For every call it would cost a quarter of the
        # call, and a .netrc would replace our token.
        settings = self._session.merge_environment_settings(self._base, {}, None, None, None)
        self._session.proxies, self._session.verify = settings["proxies"], settings["verify"]
        self._session.trust_env = False

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        within: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Send once, follow no redirect. `within` seconds, at most and by default the transport's deadline.

        A body is JSON. `headers`: of this call, beside the transport's own. Raises TryAgain when no connection came
        about, TooLate when a write was held back, OutcomeUnknown when the answer did not come in whole.
        """
        total = max(min(within or self.deadline, self.deadline), 0.001)
        own = {"Content-Type": "application/json"} if body is not None else {}
        try:
            response = self._session.request(
                method,
                self._base + path,
                params=query,
                data=body,
                headers={**own, **(headers or {})},
                timeout=Timeout(connect=self._connect_within, total=total),  # type: ignore[arg-type]
                allow_redirects=False,
                stream=True,
            )
            with response:
                content = response.raw.read(LARGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, HTTPError) as error:
            if _never_sent(error):
                raise TryAgain(f"no connection to the primary ({_cause(error, self._connect_within)})") from error
            raise OutcomeUnknown(f"no whole answer from the primary ({_cause(error, total)})") from error
        if len(content) > LARGEST_ANSWER:
            raise OutcomeUnknown(f"the primary's answer is larger than {LARGEST_ANSWER} bytes")
        return HttpAnswer(
            response.status_code,
            response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            content,
            seconds_of(response.headers.get("Retry-After")),
            response.headers,
        )


def _cause(error: Exception, seconds: float) -> str:
    """The cause in words that a shop's developer can act on.

    urllib3 calls every connection that did not come about a timeout, so the causes within are looked at first.
    """
    chain: list[BaseException] = [error]
    while (inner := _within(chain[-1])) and inner not in chain:
        chain.append(inner)
    for kinds, words in _CAUSES:
        found = next((each for each in chain if isinstance(each, kinds)), None)
        if found:
            return words.format(seconds=seconds, found=found)
    return type(chain[-1]).__name__


def _within(error: BaseException) -> BaseException | None:
    """The error that this one wraps: `requests` and urllib3 pass it as an argument, as `reason` or as the cause."""
    reason = getattr(error, "reason", None)
    wrapped = [reason, *error.args, error.__cause__, error.__context__]
    return next((each for each in wrapped if isinstance(each, BaseException)), None)


def _never_sent(error: Exception) -> bool:
    if isinstance(
        error,
        requests.ConnectTimeout
        | requests.exceptions.InvalidURL
        | requests.exceptions.MissingSchema
        | requests.exceptions.InvalidSchema,
    ):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError | ConnectTimeoutError)
