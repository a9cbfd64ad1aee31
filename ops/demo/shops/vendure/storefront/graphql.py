"""Vendure's GraphQL, for one request of a browser."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests

PATIENCE = 4.5  # seconds for a page; the proxy waits for five
OURS = "session"  # how the names of Vendure's cookies begin


class Refused(Exception):
    """Vendure did not do it. The message is its own, for the customer."""


class Away(Exception):
    """Vendure does not answer, or not with what was asked: the status of a gateway."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class GraphQL:
    """`cookies`: those of the browser. `set_cookies`: the headers that it has to get, each cookie's last one."""

    def __init__(self, url: str, cookies: Mapping[str, str]) -> None:
        self._url = url
        self._cookies = {name: value for name, value in cookies.items() if name.startswith(OURS)}
        self._deadline = time.monotonic() + PATIENCE
        self.set_cookies: dict[str, str] = {}

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        try:
            answer = requests.post(
                self._url,
                json={"query": document, "variables": variables},
                headers={"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())},
                timeout=max(0.1, self._deadline - time.monotonic()),
            )
            body = answer.json()
        except requests.Timeout:
            raise Away(504) from None
        except requests.RequestException:
            raise Away(502) from None
        if not answer.ok or "errors" in body:
            raise Away(502)
        self._keep_cookies(answer)
        found: dict[str, Any] = body["data"]
        return found

    def do(self, document: str, **variables: Any) -> dict[str, Any]:
        """A mutation of one field, which asks its errors for their `message`."""
        [done] = self.ask(document, **variables).values()
        if "message" in done:
            raise Refused(done.get("transitionError") or done["message"])
        found: dict[str, Any] = done
        return found

    def _keep_cookies(self, answer: requests.Response) -> None:
        for header in answer.raw.headers.getlist("Set-Cookie"):
            name, _, rest = header.partition("=")
            self.set_cookies[name] = header
            if name.startswith(OURS):
                self._cookies[name] = rest.partition(";")[0]
