"""The console's lists, searches and filters with a million orders in Redis, measured in process."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import quantiles
from urllib.parse import quote
from uuid import uuid4

from flask.testing import FlaskClient
from hiredis import pack_command
from msgspec import structs
from redis.connection import Connection

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.order.refs import new_ref
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.views import OrderFilter
from fallback.ledger.scripts import ACCEPT
from fallback.web.app import create_app
from ops.bench.customers import an_order
from ops.bench.servers import redis_server, settings

ORDERS = 1_000_000
AT_ONCE = 1_000
# Of these orders, half are on hold with a few owners, and half are placed with a shop number.
CHANGED = 20_000
OWNERS = 12
DAYS = 10
LOOKS = 60
WARM_UP = 5
# All addresses of customers have the same length.
SAMPLE = 100_000


def measure() -> dict[str, float]:
    random = Random(1)
    with redis_server() as client:
        # Only reads are measured: writing to disk would only slow down the loading.
        client.config_set("appendonly", "no")
        os.environ.update(settings(client))
        container = Container(Config.from_env())
        began, before = time.perf_counter(), client.info("memory")["used_memory"]
        refs = _load(container)
        seconds, size = time.perf_counter() - began, client.info("memory")["used_memory"] - before
        _commit(container.ledger, random.sample(refs, CHANGED))
        desk = create_app(container).test_client()
        desk.environ_base["HTTP_ORIGIN"] = container.config.public_url
        desk.post("/console/sign-in", data={"token": container.config.console_token})
        looks = {name: _p95(desk, addresses) for name, addresses in _looks(container, refs, random).items()}
    figures = {f"{name}_p95_ms": figure for name, figure in looks.items()}
    about = {"orders": ORDERS, "load_seconds": seconds, "bytes_per_order": size / ORDERS}
    return about | figures | {"lists_p95_ms": max(looks.values())}


# --- a million orders


def _load(container: Container) -> list[str]:
    """Store ORDERS orders with the accept script, the oldest DAYS old. Returns their refs, oldest first."""
    paid = an_order(SAMPLE)
    waiting = structs.replace(paid.payment, state=PaymentState.AUTHORIZED, token=None, intent="pi_1", authorized=4092)
    unpaid = Payment(amount=paid.payment.amount)
    mixture = [waiting] * 17 + [unpaid] * 2 + [paid.payment]
    container.redis.script_load(ACCEPT.text)
    connection = container.redis.connection_pool.get_connection()
    now, refs = datetime.now(UTC), _unused_refs(ORDERS)
    for start in range(0, ORDERS, AT_ONCE):
        numbers = range(start, start + AT_ONCE)
        times = [now - timedelta(days=DAYS) * (1 - number / ORDERS) for number in numbers]
        calls = [
            _call(container.ledger, _an_order(paid, mixture[number % 20], refs[number], number, at))
            for number, at in zip(numbers, times, strict=True)
        ]
        if start:  # Redis executes the previous batch while this one is built
            _read(connection)
        connection.send_packed_command(calls)  # type: ignore[no-untyped-call]
    _read(connection)
    container.redis.connection_pool.release(connection)
    return refs


def _unused_refs(count: int) -> list[str]:
    """The script refuses a ref that is taken, and in a million draws one often is."""
    refs: dict[str, None] = {}
    while len(refs) < count:
        refs[new_ref()] = None
    return list(refs)


def _read(connection: Connection) -> None:
    assert all(connection.read_response()[0] == b"accepted" for _ in range(AT_ONCE))


def _an_order(like: Order, payment: Payment, ref: str, number: int, at: datetime) -> Order:
    assert like.customer
    customer = structs.replace(like.customer, email=_email(number), phone=_phone(number))
    return structs.replace(like, ref=ref, cart_id=_cart(number), received_at=at, payment=payment, customer=customer)


def _call(ledger: RedisLedger, order: Order) -> bytes:
    names, arguments = ledger.accept_call(order, due_times(order), uuid4().hex, "-" * 22)
    packed: bytes = pack_command(("EVALSHA", ACCEPT.digest, len(names), *names, *arguments))
    return packed


def _email(number: int) -> str:
    return f"ada{number:06}@example.org"


def _phone(number: int) -> str:
    return f"+49301{number:06}"


def _cart(number: int) -> str:
    return f"bench-{number:032}"


def _commit(ledger: RedisLedger, refs: list[str]) -> None:
    """Put half of them on hold and place the other half."""
    now, codes = datetime.now(UTC), list(HoldCode)
    for number, ref in enumerate(refs):
        order = ledger.load(ref)
        hold = new_hold(codes[number % len(codes)], _owner(number), now - timedelta(minutes=number % 480))
        placed = Placement(state=PlacementState.PLACED, id=ref, number=f"EX-{number:06}")
        changed = {"holds": (hold,)} if number % 2 else {"placement": placed}
        ledger.commit(order, structs.replace(order, **changed), [])


def _owner(number: int) -> str:
    return f"Agent {number % OWNERS}"


# --- the pages of the console


def _looks(container: Container, refs: list[str], random: Random) -> dict[str, list[str]]:
    """The console's URLs by what they show, with one URL for each measurement."""
    numbers = [random.randrange(ORDERS) for _ in range(LOOKS)]
    held = [each.ref for each in container.views.page(OrderFilter(promised=True), limit=LOOKS).rows]
    finds = {
        "ref": [refs[number] for number in numbers],
        "first_half": [refs[number][3:7] for number in numbers],
        "second_half": [refs[number][8:] for number in numbers],
        "misheard": [f"{refs[number][:12]}-{'0' if refs[number][-1] != '0' else '1'}" for number in numbers],
        "email": [_email(number) for number in numbers],
        "phone": [_phone(number) for number in numbers],
        "cart": [_cart(number) for number in numbers],
        "number": [f"EX-{number % CHANGED // 2 * 2:06}" for number in numbers],
        "nothing": [f"nobody {number}" for number in numbers],
    }
    code = HoldCode.MISMATCH
    lists = {
        "newest": "",
        "waiting": "headline=waiting",
        "on_hold": "headline=on_hold",
        "promised": "promised=1",
        "hold": f"hold={code}",
        "owner": f"owner={quote(_owner(1))}",
        "older": "older=72",
        "waiting_older": "headline=waiting&older=72",
        "hold_older": f"hold={code}&older=168",
        "all_filters": f"headline=on_hold&hold={code}&owner={quote(_owner(7))}&older=24",
        "filters_that_never_agree": f"promised=1&owner={quote(_owner(1))}&headline=waiting",
    }
    looks = {f"list_{name}": [f"/console?{query}"] * LOOKS for name, query in lists.items()}
    looks["list_page_in_the_middle"] = [f"/console?after={number}.0~{refs[number - 1]}" for number in numbers]
    looks["list_page_of_promised"] = [f"/console?promised=1&after=0~{ref}" for ref in held]
    looks["state_newest"] = ["/console/state"] * LOOKS
    looks["state_hold"] = [f"/console/state?hold={code}"] * LOOKS
    return looks | {f"find_{what}": [f"/console?find={quote(text)}" for text in texts] for what, texts in finds.items()}


def _p95(desk: FlaskClient, addresses: list[str]) -> float:
    """The 95th percentile of milliseconds from the request to the complete response."""
    times = []
    for address in [*addresses[:WARM_UP], *addresses]:
        began = time.perf_counter()
        answer = desk.get(address)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code not in (200, 303):
            raise RuntimeError(f"{address} was answered by {answer.status_code}")
    return quantiles(times[WARM_UP:], n=20)[-1]
