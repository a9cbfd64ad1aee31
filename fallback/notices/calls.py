"""Calls to who receives webhooks and to the text gateway: of an answer its head counts, which comes by one deadline."""

from __future__ import annotations

import requests
from requests_hardened import Config, HTTPSession

from fallback.runtime.outgoing import POOLS, Unled

# Together shorter than a notice may stay HANDING_OVER (PATIENCE).
CONNECT_SECONDS, ANSWER_SECONDS = 3, 10


class _Session(Unled, HTTPSession):  # type: ignore[misc]
    """With our connections: each writes and reads by a deadline."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)  # type: ignore[call-arg]
        for adapter in self.adapters.values():
            adapter.poolmanager.pool_classes_by_scheme = POOLS  # type: ignore[attr-defined]


class Calls:
    """To one address. `filters`: it must not lead into a private network."""

    def __init__(self, url: str, filters: bool) -> None:
        self._url = url
        self._config = Config(
            ip_filter_enable=filters,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            user_agent_override="fallback-checkout",
        )

    def ask(self, method: str, **request: object) -> requests.Response:
        """The answer without its body, which may have any size. Raises what `requests` raises."""
        with _Session(self._config) as session, session.request(method, self._url, stream=True, **request) as answer:  # type: ignore[arg-type]
            return answer
