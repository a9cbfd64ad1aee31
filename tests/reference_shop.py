"""The contract of ops/docs/reference/primary-contract.md on a FakePrimary.

`python -m tests.reference_shop --port N --state FILE`.

With a state file every order is in SQLite before it is answered and survives `kill -9`. For tests it can be made to
misbehave: POST /_faults {"kind": "html", "times": 3, "methods": ["PUT"], "seconds": 5}; the kinds stand in FAULTS.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread, Timer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct, structs
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.payment_report import PaymentStands
from fallback.domain.placement.matching import PrimaryLine, PrimaryOrder
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.calls import DEADLINE, FAILURES, Calls
from fallback.primaries.http.primary import HttpPrimary, line_to
from tests.fakes.primary import FakePrimary, NotForSale, cancellation
from tests.reference_bodies import Amendment, HeardPayment, HeardWithdrawal, Wanted, amend, as_kept

BASE = "/fallback/v1/"
STATUS = {"not_found": 404, "invalid": 422, "bad_request": 400, "unauthorized": 401}
# With these nothing else happens; the others strike after the effect.
BEFORE_EFFECT = {"down", "error", "busy", "limited"}
FAULTS = BEFORE_EFFECT | {"error_after", "html", "half", "slow", "drip", "reply_lost", "late"}


def primary_at(url: str, token: str, deadline: float = DEADLINE, failures: int = FAILURES) -> HttpPrimary:
    """The adapter of our contract for a shop at this address."""
    return HttpPrimary(line_to(url, token, deadline), Calls(deadline, failures))


class Fault(Struct):
    """For the next `times` calls (-1: until told otherwise), of these methods if any are named."""

    kind: str
    times: int = 1
    methods: tuple[str, ...] = ()
    seconds: float = 1.0


class Late(Struct):
    """Calls that were given up by whoever sent them: those that have yet to have their effect, and what came of the
    others, as nobody was told.
    """

    on_their_way: int = 0
    answers: list[int] = []


class DurableShop(FakePrimary):
    """Writes each order through to a file, so that a killed shop finds them again."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A killed process loses nothing of what it handed to the system; only a power failure would.
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, placed_at TEXT, body BLOB)")
        self._file.execute("CREATE TABLE IF NOT EXISTS tombstones (ref TEXT PRIMARY KEY)")
        self.tombstones |= {ref for (ref,) in self._file.execute("SELECT ref FROM tombstones")}
        for number, placed_at, body in self._file.execute("SELECT id, placed_at, body FROM orders ORDER BY id"):
            order = msgspec.json.decode(body, type=PrimaryOrder)
            self.orders[order.ref or order.number] = order
            self.placed_at[order.id] = datetime.fromisoformat(placed_at)
            self._ids = count(number + 1)

    def bury(self, ref: str) -> None:
        self._file.execute("INSERT OR IGNORE INTO tombstones VALUES (?)", (ref,))
        super().bury(ref)

    def keep(self, order: PrimaryOrder) -> PrimaryOrder:
        row = (int(order.id), self.placed_at[order.id].isoformat(), msgspec.json.encode(order))
        self._file.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", row)
        return super().keep(order)


class ReferenceShop(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, shop: FakePrimary, port: int = 0, token: str = "reference", delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.shop = shop
        self.token = token
        self.delay = delay
        self.late = Late()
        # By ref: the price of the delivery, and what tax and discounts make of the total.
        self.charged: dict[str, tuple[int, int]] = {}
        self._fault = Fault("", times=0)
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def misbehave(self, fault: Fault) -> None:
        assert fault.kind in FAULTS, fault.kind
        self._fault = fault

    def fault_for(self, method: str) -> Fault | None:
        with self._lock:
            fault = self._fault
            if fault.times == 0 or (fault.methods and method not in fault.methods):
                return None
            self._fault = replace(fault, times=fault.times - 1)
            return fault


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two small writes; Nagle's algorithm would hold the second back for 40 ms.
    disable_nagle_algorithm = True
    server: ReferenceShop

    def respond(self) -> None:
        # Whoever waits for us may have stopped waiting.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.answer()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if (self.command, self.path) == ("GET", "/_faults"):
            return self.say(200, msgspec.json.encode(self.server.late))
        if self.path == "/_faults":
            self.server.misbehave(msgspec.json.decode(body, type=Fault))
            return self.say(204, b"")
        time.sleep(self.server.delay)
        fault = self.server.fault_for(self.command)
        if fault and fault.kind in BEFORE_EFFECT:
            return self.fail(fault, 500, b"")
        if fault and fault.kind == "late":
            return self.answer_later(body, fault.seconds)
        status, answer = self.answer_to(body)
        content = msgspec.json.encode(answer)
        if fault:
            return self.fail(fault, status, content)
        return self.say(status, content, "application/json" if status < 400 else "application/problem+json")

    do_GET = do_PUT = do_PATCH = do_POST = respond

    def answer_later(self, body: bytes, seconds: float) -> None:
        """Nobody waits for the answer any more when the call has its effect."""

        late = self.server.late

        def effect() -> None:
            status, _ = self.answer_to(body)
            late.on_their_way -= 1
            late.answers.append(status)

        late.on_their_way += 1
        timer = Timer(seconds, effect)
        timer.daemon = True
        timer.start()
        self.hang_up()

    def answer_to(self, body: bytes) -> tuple[int, Any]:
        try:
            if self.headers.get("Authorization") != f"Bearer {self.server.token}":
                raise Refused("unauthorized")
            return self.carry_out(body)
        except CartAlreadyOrdered as taken:
            return 409, problem("cart_already_ordered", order=self.shown(taken.rival))
        except NotForSale as refused:
            return 409, problem(refused.code, lines=refused.lines)
        except Refused as refused:
            return STATUS.get(refused.code, 409), problem(refused.code, detail=str(refused))
        except msgspec.DecodeError as wrong:
            return 422, problem("invalid", detail=str(wrong))

    def carry_out(self, body: bytes) -> tuple[int, Any]:
        shop, address = self.server.shop, urlsplit(self.path)
        match (self.command, *address.path.removeprefix(BASE).split("/")):
            case ("GET", "health"):
                return 200, {"status": "ok", "duplicates": shop.duplicates, "can": sorted(shop.can)}
            case ("GET", "orders"):
                return 200, self.page(**dict(parse_qsl(address.query)))
            case ("GET", "orders", ref):
                return 200, self.shown(shop.ours(ref))
            case ("PUT", "orders", ref):
                wanted = msgspec.json.decode(body, type=Wanted)
                self.add_up(wanted.lines, wanted.delivery.price, wanted.besides, wanted.total)
                order, created = shop.put(as_kept(wanted, ref))
                if created:
                    self.server.charged[ref] = (wanted.delivery.price, wanted.besides)
                return (201 if created else 200), self.shown(order)
            case ("PATCH", "orders", ref):
                return 200, self.shown(self.amended(ref, msgspec.json.decode(body, type=Amendment)))
            case ("PUT", "orders", ref, "payment"):
                heard = msgspec.json.decode(body, type=HeardPayment)
                stands = PaymentStands(heard.state, heard.reference, heard.captured, heard.refunded)
                return 200, self.shown(shop.hear_of_payment(ref, heard.number, stands))
            case ("PUT", "orders", ref, "withdrawal"):
                stated = msgspec.json.decode(body, type=HeardWithdrawal)
                return 200, self.shown(shop.hear_of_withdrawal(ref, stated.kept()))
            case ("POST", "quotes"):
                wanted = msgspec.json.decode(body, type=Wanted)
                return 200, shop.estimate(as_kept(wanted, wanted.ref))
            case ("POST", "orders", ref, "cancellation"):
                there = shop.withdraw(ref)
                return 200, self.shown(there) if there else cancellation(ref, None)
            case ("POST", "unpaid", id, "cancellation"):
                return 200, self.shown(shop.withdraw_unpaid(id))
        raise Refused("not_found", self.path)

    def amended(self, ref: str, changes: Amendment) -> PrimaryOrder:
        shop, charged = self.server.shop, self.server.charged
        there = shop.ours(ref)
        if ref in charged and changes.total is not None and changes.amendment != there.amendment:
            price, besides = charged[ref]
            price = changes.delivery.price if changes.delivery else price
            self.add_up(changes.lines or there.lines, price, besides, changes.total)
            there = amend(shop, ref, changes)
            charged[ref] = (price, besides)
            return there
        return amend(shop, ref, changes)

    def add_up(self, lines: Sequence[PrimaryLine], delivery: int, besides: int, total: int) -> None:
        if total != (made := sum(line.quantity * line.unit_price for line in lines) + delivery + besides):
            raise Refused("invalid", f"lines, delivery, tax and discounts make {made}, not {total}")

    def page(
        self, cart_id: str = "", email: str = "", phone: str = "", since: str = "", after: str = "0", limit: str = "100"
    ) -> dict[str, Any]:
        started = datetime.fromisoformat(since) if since else None
        found = self.server.shop.listed(cart_id, email, started, phone)
        orders = [order for order in found if int(order.id) > int(after)]
        first = orders[: int(limit)]
        more = len(orders) > len(first)
        return {"orders": [self.shown(order) for order in first], "next": first[-1].id if more else None}

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        shown = msgspec.to_builtins(order) | {"placed_at": self.server.shop.placed_at[order.id].isoformat()}
        if order.shipping_address:
            shown["shipping_address"] = structs.asdict(order.shipping_address)
        return shown

    def fail(self, fault: Fault, status: int, content: bytes) -> None:
        strike: dict[str, Callable[[], None]] = {
            "down": self.hang_up,
            "error": lambda: self.say(500, b"Internal Server Error", "text/plain"),
            "error_after": lambda: self.say(500, b"Internal Server Error", "text/plain"),
            "busy": lambda: self.say(503, b"", "text/plain", ("Retry-After", f"{fault.seconds:.0f}")),
            "limited": lambda: self.say(429, b"", "text/plain", ("Retry-After", f"{fault.seconds:.0f}")),
            "html": lambda: self.say(200, b"<!doctype html><title>We will be back soon</title>", "text/html"),
            "half": lambda: self.say(status, content[: len(content) // 2]),
            "slow": lambda: (time.sleep(fault.seconds), self.say(status, content))[1],
            "drip": lambda: self.drip(status, content, fault.seconds),
            "reply_lost": self.hang_up,
        }
        strike[fault.kind]()

    def say(self, status: int, content: bytes, media: str = "application/json", *more: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", media), ("Content-Length", str(len(content))), *more):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def drip(self, status: int, content: bytes, seconds: float) -> None:
        """One byte each tenth of a second: no single read takes long, the whole takes `seconds` at least."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        until = time.monotonic() + seconds
        for byte in content:
            self.wfile.write(bytes([byte]))
            time.sleep(0.1 if time.monotonic() < until else 0)

    def hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(server: ReferenceShop) -> Iterator[ReferenceShop]:
    """While the shop answers, from a thread of this process."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def problem(code: str, **members: Any) -> dict[str, Any]:
    return {"type": f"https://fallback-checkout.example/problems/{code}", "code": code, "title": code, **members}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--state", help="SQLite file; without it orders are gone with the process")
    options.add_argument("--token", default="reference")
    options.add_argument("--delay-ms", type=float, default=0)
    chosen = options.parse_args()
    shop = DurableShop(chosen.state) if chosen.state else FakePrimary()
    ReferenceShop(shop, chosen.port, chosen.token, chosen.delay_ms / 1000).serve_forever()


if __name__ == "__main__":
    main()
