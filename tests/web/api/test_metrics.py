"""/metrics on a real Redis: its metrics, and who may read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from fallback.bootstrap.container import Container
from fallback.domain.oncall.drill import DrillOutcome, begin, ended
from fallback.domain.order.exposure import Terms
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Payment, PaymentState
from fallback.web.app import create_app
from tests.builders import BOOK, a_hold, a_payment, an_order
from tests.fakes.pace import a_rule
from tests.redis_server import RedisServer
from tests.web.api_client import place
from tests.web.world import METRICS_TOKEN, NOW, a_config

AS_PROMETHEUS = {"Authorization": f"Bearer {METRICS_TOKEN}"}


@pytest.fixture
def built(redis_server: RedisServer) -> Iterator[Container]:
    container = Container(a_config(redis_url=redis_server.url))
    container.clock = lambda: NOW
    yield container
    container.redis.close()


@pytest.fixture
def client(built: Container) -> FlaskClient:
    return create_app(built).test_client()


def figures(client: FlaskClient) -> dict[str, float]:
    """Each sample by its name and labels as Prometheus writes them, in the order of their names."""
    families = text_string_to_metric_families(client.get("/metrics", headers=AS_PROMETHEUS).text)
    return {_written(sample.name, sample.labels): sample.value for family in families for sample in family.samples}


def _written(name: str, labels: dict[str, str]) -> str:
    return name + ("{" + ",".join(f"{key}={value}" for key, value in sorted(labels.items())) + "}" if labels else "")


def test_the_figures_are_the_ledgers(client: FlaskClient, built: Container) -> None:
    place(client)
    built.clock = lambda: NOW + timedelta(seconds=90)
    found = figures(client)
    assert found["fallback_orders{headline=received}"] == 1
    assert found["fallback_orders{headline=settled}"] == 0
    assert found["fallback_orders_accepted_total"] == 1
    assert found["fallback_due{queue=payment}"] == 1
    assert found["fallback_due_oldest_seconds{queue=payment}"] == 90
    assert found["fallback_mode{mode=standby}"] == 1
    assert found["fallback_ready"] == 1
    assert 0 < found["fallback_redis_memory_used_bytes"] < found["fallback_redis_memory_limit_bytes"]


def test_what_is_not_authorized_and_what_was_refused_is_told(client: FlaskClient, built: Container) -> None:
    assert figures(client)["fallback_orders_refused_total{code=pay_first}"] == 0
    place(client)
    limit = Terms(unpaid_order={"EUR": 100})
    built.ledger.accept(an_order(payment=Payment(amount=101)), "another key", "print", limit)
    late = replace(BOOK, available=1)
    built.ledger.accept(an_order(payment=Payment(amount=100), lines=(late,)), "a third key", "print", limit)
    found = figures(client)
    assert found["fallback_not_authorized_minor_units{currency=EUR}"] == 3093 + 100
    assert found["fallback_maybe_late_orders"] == 1
    assert found["fallback_orders_refused_total{code=pay_first}"] == 1
    assert found["fallback_orders_refused_total{code=sold_out}"] == 0


def test_an_order_that_waits_tells_how_long_and_until_when_its_money_is_kept(
    client: FlaskClient, built: Container
) -> None:
    order = built.ledger.load(place(client).json["ref"])
    lapses = NOW + timedelta(days=6)
    payment = a_payment(PaymentState.AUTHORIZED, capture_before=lapses)
    held = built.ledger.commit(order, replace(order, payment=payment), [])
    built.clock = lambda: NOW + timedelta(minutes=10)
    assert figures(client)["fallback_oldest_waiting_seconds"] == 600
    assert figures(client)["fallback_capture_deadline_seconds"] == timedelta(days=6, minutes=-10).total_seconds()

    built.ledger.commit(held, replace(held, holds=(a_hold(HoldCode.OUT_OF_STOCK),)), [])
    assert figures(client)["fallback_holds{code=out_of_stock}"] == 1


def test_how_long_an_accept_took_is_there_once_it_was_written_down(client: FlaskClient, built: Container) -> None:
    place(client)
    built.metrics_store.write()
    found = figures(client)
    assert found["fallback_accept_seconds_count"] == 1
    assert found["fallback_accept_seconds_bucket{le=+Inf}"] == 1
    assert 0 < found["fallback_accept_seconds_sum"] < 60


def test_an_order_that_was_not_taken_is_no_accept(client: FlaskClient, built: Container) -> None:
    place(client, cart_token="not a cart")
    built.metrics_store.write()
    assert figures(client)["fallback_accept_seconds_count"] == 0


def test_no_label_names_an_order_or_a_person(client: FlaskClient) -> None:
    ref = place(client).json["ref"]
    text = client.get("/metrics", headers=AS_PROMETHEUS).text
    assert ref not in text
    labels = set(re.findall(r"[{,](\w+)=", text))
    assert labels == {"headline", "code", "currency", "mode", "queue", "service", "outcome", "le"}


def test_names_are_as_prometheus_wants_them(client: FlaskClient) -> None:
    families = text_string_to_metric_families(client.get("/metrics", headers=AS_PROMETHEUS).text)
    units = {family.name.rpartition("_")[2] for family in families if family.type in ("gauge", "histogram")}
    told = {
        "seconds",
        "bytes",
        "units",
        "orders",
        "holds",
        "due",
        "mode",
        "ready",
        "back",
        "passed",
        "second",
        "differences",
    }
    assert units <= told


def test_with_a_token_set_everybody_needs_it(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers=AS_PROMETHEUS).status_code == 200


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("192.0.43.8", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 401),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 401),
    ],
)
def test_without_a_token_only_our_own_network_reads_it(
    redis_server: RedisServer, address: str, headers: dict[str, str], status: int
) -> None:
    client = create_app(Container(a_config(redis_url=redis_server.url, fallback_metrics_token=""))).test_client()
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_a_drain_that_is_paused_has_no_pace(client: FlaskClient, built: Container) -> None:
    built.pace.decide(a_rule(20, ramp=False))
    assert figures(client)["fallback_pace_orders_per_second"] == 20
    built.pace.decide(replace(a_rule(20, ramp=False), paused=True))
    assert figures(client)["fallback_pace_orders_per_second"] == 0


def test_the_last_drill_is_a_figure_once_there_was_one(client: FlaskClient, built: Container) -> None:
    assert "fallback_drill_passed" not in figures(client)
    drill = begin("clock", paid=True, now=NOW - timedelta(hours=1))
    built.drills.begin(drill)
    built.drills.keep(ended(drill, DrillOutcome.PASSED, NOW), instead_of=drill)
    seen = figures(client)
    assert (seen["fallback_drill_passed"], seen["fallback_drill_age_seconds"]) == (1, 3600)
