"""The sandbox's state: its store, its clock, the current caller, and its events."""

import secrets
import string
import time
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from ops.demo.stripe_sandbox.errors import missing
from ops.demo.stripe_sandbox.store import Json, Store

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Options:
    state_dir: Path
    port: int = 8200
    webhook_url: str | None = None
    webhook_secret: str = "whsec_sandbox"
    secret_key: str = "sk_test_sandbox"
    publishable_key: str = "pk_test_sandbox"


@dataclass(frozen=True)
class Caller:
    """The caller of the current request; events name it."""

    request_id: str
    idempotency_key: str | None
    secret: bool
    base_url: str


caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(length))


class Sandbox:
    def __init__(self, options: Options) -> None:
        options.state_dir.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.store = Store(options.state_dir / "stripe.sqlite3")

    def now(self) -> int:
        """Unix seconds on Stripe's clock, which a test may have advanced."""
        return int(time.time()) + int(self.store.setting("clock_ahead", 0))

    def fetch(self, kind: str, id: str, param: str | None = None, *, status: int = 404) -> Json:
        thing = self.store.get(kind, id)
        if thing is None:
            raise missing(kind, id, param, status)
        return thing

    def emit(self, type: str, thing: Json) -> Json:
        """Record an event with the object as it is now, and queue it for the webhook. Page: 'The Event object'."""
        now = caller.get()
        copies = 1 + int(self.store.setting("duplicates", 0)) if self.options.webhook_url else 0
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(),
            "data": {"object": thing},
            "livemode": False,
            "pending_webhooks": min(copies, 1),
            "request": {"id": now and now.request_id, "idempotency_key": now and now.idempotency_key},
            "type": type,
        }
        self.store.put(event)
        for _ in range(copies):
            self.store.change("INSERT INTO deliveries (event, due) VALUES (?, ?)", event["id"], time.time())
        return event
