"""The HTTP client for Stripe's library: one try ends after its timeout, whatever the server does."""

from __future__ import annotations

from typing import NoReturn

import stripe

from fallback.domain.errors import TooLate
from fallback.runtime.outgoing import punctual_session

# Stripe completes the handshake in milliseconds; a server that needs longer is considered unreachable.
CONNECT_SECONDS = 2.0


class BoundedClient(stripe.RequestsClient):
    """Stripe's own client with a limit on the total time to connect and to respond."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=(CONNECT_SECONDS, timeout - CONNECT_SECONDS), session=punctual_session())

    def _handle_request_error(self, e: Exception) -> NoReturn:
        if isinstance(e, TooLate):  # our own deadline, not a network error
            raise e
        super()._handle_request_error(e)
