"""Calls of Medusa's Admin API, and what its answers mean."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from msgspec.json import Decoder, Encoder

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused, TryAgain
from fallback.domain.placement.primary import NOT_FOUND
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.medusa import Settings
from fallback.primaries.medusa.shapes import ListAnswer, MedusaOrder, OfRef, Previewed, Problem
from fallback.primaries.transport import BUSY, HttpAnswer, Transport, busy

T = TypeVar("T")

READ_OF_REF, READ_LIST, READ_PREVIEW = Decoder(OfRef), Decoder(ListAnswer), Decoder(Previewed)
READ_PROBLEM = Decoder(Problem)
READ_ANYTHING: Decoder[Any] = Decoder(Any)
# Amounts are numbers in Medusa's JSON, and are written as they are: 12.99, never 12.990000000000001.
AS_NUMBERS = Encoder(decimal_format="number")
CONFLICT, OUT_OF_STOCK = "conflict", "insufficient_inventory"


class Admin:
    """Threads share one instance. `channel`: the sales channel of orders whose cart Medusa does not have."""

    def __init__(self, settings: Settings, deadline: float) -> None:
        key = b64encode(f"{settings.primary_token}:".encode()).decode()
        base = f"{settings.primary_url.rstrip('/')}/admin/"
        self._transport = Transport(base, {"Authorization": f"Basic {key}"}, deadline)
        self.channel = settings.primary_channel

    def call(
        self,
        method: str,
        path: str,
        shape: Decoder[T],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        within: float | None = None,
    ) -> T:
        sent = AS_NUMBERS.encode(body) if body is not None else None
        return _understood(path, self._transport.send(method, path, sent, query, within), shape)


class Requests:
    """What is read of Medusa and written there; in a saga where `calls` are those of one."""

    def __init__(self, admin: Admin, calls: Calls | Saga) -> None:
        self.channel = admin.channel
        self._admin = admin
        self._calls = calls

    def read(
        self, path: str, shape: Decoder[T], query: Mapping[str, str] | None = None, until: float | None = None
    ) -> T:
        return self._calls.read(lambda left: self._admin.call("GET", path, shape, None, query, left), until)

    def write(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, shape: Decoder[T] = READ_ANYTHING
    ) -> T:
        return self._calls.write(lambda: self._admin.call(method, path, shape, body))

    def remove(self, there: MedusaOrder) -> None:
        """A draft is deleted, an order is cancelled."""
        if there.is_draft_order:
            self.write("DELETE", f"draft-orders/{there.id}")
        else:
            self.write("POST", f"orders/{there.id}/cancel")


def of_ref(ref: str) -> str:
    """The plugin's address of an order."""
    return f"fallback/orders/{quote(ref, safe='')}"


def _understood(path: str, answer: HttpAnswer, shape: Decoder[T]) -> T:
    if answer.status == 200:
        return answer.decoded(shape)
    if answer.status in BUSY:
        raise busy(answer)
    if answer.status in (401, 403):
        raise NotAuthorized(f"Medusa does not accept PRIMARY_TOKEN ({answer.status})")
    if answer.status == 404 and answer.media_type != "application/json":
        raise TryAgain(f"Medusa has no /admin/{path}: is the plugin @fallback-checkout/medusa installed?")
    if not 400 <= answer.status < 500:
        raise OutcomeUnknown(f"Medusa answers {answer.status}")
    problem = answer.decoded(READ_PROBLEM)
    if answer.status == 404:
        raise Refused(NOT_FOUND, problem.message)
    raise Refused(CONFLICT if answer.status == 409 else problem.code or problem.type, problem.message)
