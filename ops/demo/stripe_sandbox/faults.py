"""Faults on demand, of Stripe or of the network.

A fault is {"kind", "path", "method", "times", "seconds", "saved"}:

- `kind`: `down` (the connection is closed), `slow`, `error_before` (500 without an effect), `error_after` (500 although
  the operation ran; saved with the key), `lost` (the operation ran, but no response is sent), `rate_limit` (429).
- `path`: a glob such as `/v1/payment_intents/*/capture`; without it every API call, for `down` the pages too.
- `method`: `GET` or `POST`. `times`: the number of calls; without it until healed.
- `seconds`: how long the call hangs first, for every kind (default 30 for `slow`), unless everything is healed before.
- `saved`: for `error_before`, whether the 500 is saved with the idempotency key. By default it is not, as if it
occurred
  before the endpoint; `true` is the other case that Stripe documents.
"""

import json
import threading
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal, get_args

from ops.demo.stripe_sandbox.store import Json, Store

Kind = Literal["down", "slow", "error_before", "error_after", "lost", "rate_limit"]
FIELDS = {"kind", "path", "method", "times", "seconds", "saved"}


@dataclass(frozen=True)
class Fault:
    kind: Kind
    path: str = "/v1/*"
    method: str | None = None
    times: int | None = None
    seconds: float = 0.0
    saved: bool = False
    id: int = field(default=0, compare=False)

    @classmethod
    def parse(cls, spec: Json) -> "Fault":
        """Raises ValueError with a message."""
        if unknown := spec.keys() - FIELDS:
            raise ValueError(f"unknown field: {sorted(unknown)[0]}")
        if spec.get("kind") not in get_args(Kind):
            raise ValueError(f"kind must be one of {', '.join(get_args(Kind))}")
        if spec.get("times") is not None and (not isinstance(spec["times"], int) or spec["times"] < 1):
            raise ValueError("times must be a positive number")
        defaults: Json = {"path": "/*" if spec["kind"] == "down" else "/v1/*"}
        defaults |= {"seconds": 30.0} if spec["kind"] == "slow" else {}
        return cls(**(defaults | {name: value for name, value in spec.items() if value is not None}))

    def hits(self, method: str, path: str) -> bool:
        return fnmatchcase(path, self.path) and self.method in (None, method)


class Faults:
    """The active faults, oldest first. They survive a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._healed = threading.Event()
        self._active = [replace(Fault(**json.loads(spec)), id=id) for id, spec in self._rows()]

    def _rows(self) -> list[tuple[int, str]]:
        return [(id, spec) for id, spec in self._store.rows("SELECT id, spec FROM faults ORDER BY id")]

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._store.change("INSERT INTO faults (spec) VALUES (?)", json.dumps(asdict(fault)))
            self._active = [replace(Fault(**json.loads(spec)), id=id) for id, spec in self._rows()]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this call, if any; its remaining number of times decreases."""
        with self._lock:
            fault = next((fault for fault in self._active if fault.hits(method, path)), None)
            if fault is None or fault.times is None:
                return fault
            self._active.remove(fault)
            if fault.times == 1:
                self._store.change("DELETE FROM faults WHERE id = ?", fault.id)
                return fault
            left = replace(fault, times=fault.times - 1)
            self._active.insert(0, left)
            self._active.sort(key=lambda fault: fault.id)
            self._store.change("UPDATE faults SET spec = ? WHERE id = ?", json.dumps(asdict(left)), fault.id)
            return fault

    def heal(self) -> None:
        with self._lock:
            self._store.change("DELETE FROM faults")
            self._active = []
            self._healed.set()
            self._healed = threading.Event()

    def hang(self, seconds: float) -> None:
        """Waits so many seconds, or until all faults are healed."""
        self._healed.wait(seconds)

    def listed(self) -> list[Json]:
        with self._lock:
            return [asdict(fault) for fault in self._active]
