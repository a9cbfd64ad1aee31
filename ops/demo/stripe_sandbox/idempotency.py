"""Idempotency keys. Page 'Idempotent requests' of Stripe's API reference (v1):

the first response with a key is saved once the endpoint has begun, also a 500, and returned again for 24 hours. The
same key with other parameters is an error. A second request while the first one runs is a conflict, which is not saved.
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
        """Lock the key while its request runs. A crash releases it, because nothing was committed."""
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
        """The saved response, if there is one. Raises if the key was used for another request."""
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
        """Call it in the transaction of the effect, so that both are stored or neither."""
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
        """Delete one saved response, or all."""
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
