"""Idempotency keys. Page 'Idempotent requests' of Stripe's API reference (v1):

the first answer under a key is saved once the endpoint has begun, also a 500, and given again for 24 hours; the same
key with other parameters is an error; a second request while the first one runs is a conflict and saves nothing.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ops.demo.stripe_sandbox.errors import StripeError
from ops.demo.stripe_sandbox.sandbox import Sandbox
from ops.demo.stripe_sandbox.store import Json

LIFE = 24 * 60 * 60


@dataclass(frozen=True)
class Reply:
    status: int
    body: Json
    request_id: str


class Keys:
    def __init__(self, sandbox: Sandbox) -> None:
        self._store = sandbox.store
        self._now = sandbox.now
        self._running: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(self, key: str | None) -> Iterator[None]:
        """Hold the key while its request runs. What a crash interrupts is free again, as nothing was committed."""
        if key is None:
            yield
            return
        if len(key) > 255:
            message = "Idempotency keys can be up to 255 characters long."
            raise StripeError(400, "idempotency_error", message, executed=False)
        with self._lock:
            if key in self._running:
                raise _in_use(key)
            self._running.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(key)

    def saved(self, key: str | None, endpoint: str, params: Json) -> Reply | None:
        """The reply to give again, if there is one; raises when the key stands for another request."""
        if key is None:
            return None
        sql = "SELECT endpoint, fingerprint, status, body, request_id FROM replies WHERE key = ? AND saved_at > ?"
        found = self._store.row(sql, key, self._now() - LIFE)
        if found is None:
            return None
        first_endpoint, fingerprint, status, body, request_id = found
        if first_endpoint != endpoint:
            raise _mismatch(
                f"Keys for idempotent requests can only be used for the same endpoint they were first used for "
                f"('{endpoint}' vs '{first_endpoint}'). Try using a key other than '{key}' if you meant to execute a "
                "different request."
            )
        if fingerprint != _fingerprint(params):
            raise _mismatch(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try "
                f"using a key other than '{key}' if you meant to execute a different request."
            )
        return Reply(status, json.loads(body), request_id)

    def save(self, key: str | None, endpoint: str, params: Json, reply: Reply) -> None:
        """Call inside the transaction of the effect, so that both are kept or neither."""
        if key is None:
            return
        self._store.change(
            "INSERT OR REPLACE INTO replies (key, endpoint, fingerprint, status, body, request_id, saved_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            key,
            endpoint,
            _fingerprint(params),
            reply.status,
            json.dumps(reply.body),
            reply.request_id,
            self._now(),
        )

    def forget(self, key: str | None) -> int:
        """Drop one saved reply, or all of them."""
        if key is None:
            return self._store.change("DELETE FROM replies")
        return self._store.change("DELETE FROM replies WHERE key = ?", key)


def _fingerprint(params: Json) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def _mismatch(message: str) -> StripeError:
    return StripeError(400, "idempotency_error", message, executed=False)


def _in_use(key: str) -> StripeError:
    return StripeError(
        409,
        "idempotency_error",
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        executed=False,
        retry=True,
        code="idempotency_key_in_use",
    )
