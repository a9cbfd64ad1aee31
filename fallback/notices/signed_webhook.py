"""Webhooks that we send: CloudEvents 1.0 in structured mode, signed as standardwebhooks.com has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from cloudevents.core.bindings.http import to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from requests_hardened.ip_filter import InvalidIPAddress
from standardwebhooks import Webhook

from fallback.domain.errors import Refused, TryAgain
from fallback.notices.calls import Calls

# The receiver wants no more deliveries (Standard Webhooks, 'Delivery').
GONE = 410
ENCODED = "whsec_"
# An address on this machine is one that the operator wrote as such; a name that only leads there is refused.
THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
# So is a name that no name server of the internet knows: one without a dot, or with such an end (ICANN, RFC 6762).
OWN_NETWORK = (".internal", ".local", ".svc", ".localhost")


class SignedWebhook:
    """One receiver. `secrets`: shared with it; while they are rotated, an event is signed with each of them.

    A name of the internet that leads into a private network is not called.
    """

    def __init__(self, url: str, secrets: Sequence[str]) -> None:
        self.host = urlsplit(url).hostname or ""
        self._signers = [Webhook(secret if secret.startswith(ENCODED) else secret.encode()) for secret in secrets]
        self._calls = Calls(url, filters=not _is_ours(self.host))

    def send(self, event: CloudEvent) -> None:
        """Raises TryAgain or Refused."""
        message, id = to_structured(event, JSONFormat()), event.get_id()
        now = datetime.now(UTC)
        headers = message.headers | {
            "webhook-id": id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(each.sign(id, now, message.body.decode()) for each in self._signers),
        }
        status = self._ask("POST", data=message.body, headers=headers).status_code
        if status == GONE:
            raise Refused("gone")
        if status not in range(200, 300):
            raise TryAgain(f"a webhook address answered {status}")

    def reach(self) -> None:
        """Whether anything answers there; it is sent nothing. Raises TryAgain or Refused."""
        self._ask("OPTIONS")

    def _ask(self, method: str, **request: object) -> requests.Response:
        try:
            return self._calls.ask(method, **request)
        except InvalidIPAddress as error:
            raise Refused("private_address") from error
        except requests.RequestException as error:
            raise TryAgain("a webhook address does not answer") from error


def _is_ours(host: str) -> bool:
    """Whether the operator wrote an address of their own network, which means nothing outside of it."""
    try:
        return str(ip_address(host)) in THIS_MACHINE
    except ValueError:
        return "." not in host or host.endswith(OWN_NETWORK)
