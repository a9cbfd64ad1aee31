"""The HTTP under Stripe's library: one try ends after its timeout, whatever the other side does."""

from __future__ import annotations

from typing import NoReturn

import stripe

from fallback.domain.errors import TooLate
from fallback.runtime.outgoing import punctual_session

# Stripe answers the handshake in milliseconds; who does not within this time is not there.
CONNECT_SECONDS = 2.0


class BoundedClient(stripe.RequestsClient):
    """Stripe's own client with a total time, to connect and to answer."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=(CONNECT_SECONDS, timeout - CONNECT_SECONDS), session=punctual_session())

    def _handle_request_error(self, e: Exception) -> NoReturn:
        if isinstance(e, TooLate):  # ours, and no trouble on the way to Stripe
            raise e
        super()._handle_request_error(e)
