"""Text messages by an HTTP gateway: one POST for each, as ops/docs/reference/text-messages.md has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.lifecycle import pays_by
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, Order
from fallback.domain.order.text_messages import number_of
from fallback.i18n import environment, language_of, moment
from fallback.notices.calls import Calls
from fallback.runtime.rate_limit import seconds_of

# Nothing was done. The first three are about our settings: the message waits until they are corrected.
NOT_TAKEN = frozenset({401, 403, 404, 429, 503})
TURNED_OFF = "sms_is_turned_off"


class HttpTextGateway:
    """Implements support.text_gateway.TextGateway. Thread-safe.

    `url` empty: no message is sent, each is refused. `token`: sent as a bearer token, if it is set. `shop_name`: begins
    each message, whose sender's number says nothing. `zone`: the time zone of times in messages.
    """

    def __init__(self, url: str, token: str, links: Links, shop_name: str = "", zone: tzinfo = UTC) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._links = links
        self._shop_name = shop_name
        self._zone = zone
        # The address is the operator's own setting; it may be in their network.
        self._calls = Calls(url, filters=False)

    def deliver(self, order: Order, notice: Notice, before_handing_over: Callable[[], None]) -> None:
        if not self._url:
            raise Refused(TURNED_OFF)
        number, id = number_of(order.customer), f"{order.ref}.{notice.id}"
        if not number:
            raise Refused("bad_number")
        message = {"id": id, "to": number, "text": self._text(order, notice)}
        before_handing_over()
        answer = self._ask("POST", json=message, headers=self._headers | {"Idempotency-Key": id})
        if answer.status_code in NOT_TAKEN or answer.is_redirect:
            raise TryAgain(f"the gateway answers {answer.status_code}", _rest(answer))
        if 400 <= answer.status_code < 500:
            raise Refused(str(answer.status_code))
        if not 200 <= answer.status_code < 300:
            raise OutcomeUnknown(f"the gateway answers {answer.status_code}")

    def reach(self) -> str:
        if not self._url:
            raise Refused(TURNED_OFF)
        self._ask("OPTIONS")
        return urlsplit(self._url).hostname or ""

    def _ask(self, method: str, **request: object) -> requests.Response:
        try:
            return self._calls.ask(method, **request)
        except requests.RequestException as error:
            if _never_left(error):
                raise TryAgain("the gateway does not answer") from error
            raise OutcomeUnknown("the gateway's answer was lost") from error

    def _text(self, order: Order, notice: Notice) -> str:
        """In the customer's language; mostly one message of 160 characters."""
        by = pays_by(order)
        written = environment(language_of(order.locale)).get_template(f"text_messages/{notice.sms}.txt")
        words = written.render(ref=order.ref, by=moment(by, order.locale, self._zone) if by else "")
        return " ".join(f"{self._shop_name}: {words}".removeprefix(": ").split()) + f" {self._links.short(order.ref)}"


def _never_left(error: requests.RequestException) -> bool:
    """The connection was not made, so nothing was sent."""
    if isinstance(error, requests.exceptions.SSLError):  # in the handshake
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _rest(answer: requests.Response) -> float | None:
    """Its Retry-After in seconds, at most an hour."""
    asked = seconds_of(answer.headers.get("Retry-After"))
    return None if asked is None else min(asked, 3600)
