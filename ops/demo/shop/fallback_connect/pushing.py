"""A cart whose token is long is sent to Fallback ahead of time; the cookie then has what Fallback answers instead.

See ops/docs/reference/cart-token.md, 'Large carts'. Knows no Django, so it can be lifted out as it is.
"""

import logging
from time import monotonic
from urllib.parse import quote

import requests

log = logging.getLogger(__name__)

# A browser drops a cookie above 4096 bytes, and this one is not alone in a request.
PUSH_ABOVE = 2500
# Seconds to connect and to wait for an answer. A customer waits for the page meanwhile.
TIMEOUT = (0.5, 1.5)
# After a failure the next customers do not wait for another one.
REST_SECONDS = 30


class Pusher:
    """Pushes to one Fallback. `url`: its address; `token`: the one that it expects of the shop."""

    def __init__(self, url: str, token: str) -> None:
        self._carts = f"{url}/v1/carts/"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._rests_until = 0.0

    def push(self, cart_id: str, token: str) -> str | None:
        """What to set as the cookie. None: Fallback does not have this cart."""
        if monotonic() < self._rests_until:
            return None
        try:
            answer = requests.put(
                self._carts + quote(cart_id, safe=""),
                json={"cart_token": token},
                headers=self._headers,
                timeout=TIMEOUT,
            )
            answer.raise_for_status()
            return str(answer.json()["fallback_cart"])
        except (requests.RequestException, KeyError) as failed:
            log.warning("Fallback did not take %s: %s", cart_id, failed)
            self._rests_until = monotonic() + REST_SECONDS
            return None
