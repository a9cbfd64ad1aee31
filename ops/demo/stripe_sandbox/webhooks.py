"""Webhooks: signed, repeated until the response is 2xx, in no guaranteed order.

Pages: 'Webhooks' (retries with backoff, no ordering, duplicates happen) and 'Verify webhook signatures'
(`Stripe-Signature: t=…,v1=…`, HMAC-SHA256 of "t.payload"). Stripe tries for three days; here the waits start at
`BACKOFF` seconds and stop growing at `LONGEST_WAIT`.

Settings (see `control.py`): `duplicates` (extra copies of each event), `jitter` (each copy waits up to so many
seconds, which mixes their order), `webhooks_paused`.
"""

import hashlib
import hmac
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from ops.demo.stripe_sandbox import payment_intents
from ops.demo.stripe_sandbox.sandbox import Sandbox
from ops.demo.stripe_sandbox.store import Json

BACKOFF = 1.0
LONGEST_WAIT = 30.0
PAUSE = 0.1
AT_ONCE = 4
TIMEOUT = 10
LEASE = 30.0


def signature(payload: str, secret: str, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """One thread that finds due deliveries and passes them to a few others. It also expires holds on money."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self._free = threading.Semaphore(AT_ONCE)
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._thread = threading.Thread(target=self._loop, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)

    def _loop(self) -> None:
        while not self._stopped.wait(PAUSE):
            with self._store.transaction():
                payment_intents.expire_authorizations(self._sandbox)
            if self._sandbox.options.webhook_url and not self._store.setting("webhooks_paused", False):
                self._hand_out()

    def _hand_out(self) -> None:
        while self._free.acquire(blocking=False):
            delivery = self._claim()
            if delivery is None:
                self._free.release()
                return
            self._pool.submit(self._deliver, *delivery)

    def _claim(self) -> tuple[int, str, int] | None:
        """Take the next due delivery. If this process dies, the delivery is due again after the lease."""
        with self._store.transaction():
            sql = "SELECT id, event, attempts FROM deliveries WHERE due <= ? ORDER BY due LIMIT 1"
            found = self._store.row(sql, time.time())
            if found is None:
                return None
            id, event, attempts = found
            sql = "UPDATE deliveries SET attempts = attempts + 1, due = ? WHERE id = ?"
            self._store.change(sql, time.time() + LEASE, id)
            return id, event, attempts

    def _deliver(self, id: int, event_id: str, attempts: int) -> None:
        try:
            event = self._store.get("event", event_id)
            if event is None or self._send(event):
                self._arrived(id, event)
            else:
                wait = min(BACKOFF * 2**attempts, LONGEST_WAIT)
                self._store.change("UPDATE deliveries SET due = ? WHERE id = ?", time.time() + wait, id)
        finally:
            self._free.release()

    def _send(self, event: Json) -> bool:
        time.sleep(random.uniform(0, self._store.setting("jitter", 0)))
        payload = json.dumps(event)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(payload, self._sandbox.options.webhook_secret, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        url = self._sandbox.options.webhook_url or ""
        try:
            answer = requests.post(url, payload.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException:
            return False
        return answer.ok and answer.status_code < 300

    def _arrived(self, id: int, event: Json | None) -> None:
        with self._store.transaction():
            self._store.change("DELETE FROM deliveries WHERE id = ?", id)
            if event is not None:
                self._store.put(event | {"pending_webhooks": 0})
