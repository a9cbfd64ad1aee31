"""The way in that customers take, as our own drills take it: PUBLIC_URL, with all that stands in front of us."""

from __future__ import annotations

import msgspec
import requests
from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain

PATIENCE = (3, 10)  # seconds to connect, and between two bytes


class _Receipt(Struct):
    ref: str


class _Problem(Struct):
    code: str = "unknown"
    detail: str = ""


_RECEIPT = msgspec.json.Decoder(_Receipt)
_PROBLEM = msgspec.json.Decoder(_Problem)
LATER = frozenset({408, 425, 429})


class HttpFrontDoor:
    """Implements oncall.drill.FrontDoor."""

    def __init__(self, public_url: str) -> None:
        self._orders = f"{public_url.rstrip('/')}/v1/orders"

    def order(self, body: bytes, key: str) -> str:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            answer = requests.post(self._orders, body, headers=headers, timeout=PATIENCE, allow_redirects=False)
        except requests.ConnectTimeout as error:
            raise TryAgain(f"{self._orders} cannot be reached") from error
        except requests.RequestException as error:
            raise OutcomeUnknown(f"{self._orders} does not answer ({type(error).__name__})") from error
        if answer.status_code >= 500 or answer.status_code in LATER:
            raise TryAgain(f"{self._orders} answers {answer.status_code}")
        try:
            if answer.status_code == 202:
                return _RECEIPT.decode(answer.content).ref
            problem = _PROBLEM.decode(answer.content)
        except msgspec.DecodeError:
            raise Refused(str(answer.status_code), f"{self._orders} does not answer as we do") from None
        raise Refused(problem.code, problem.detail)
