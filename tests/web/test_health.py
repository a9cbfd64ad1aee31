"""Whether the process answers, whether what it accepts is safe, and the ledger's figures."""

from __future__ import annotations

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from fallback.bootstrap import Container
from tests.web.api import place


def figures(client: FlaskClient) -> dict[tuple[str, str], float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_process_that_answers_is_alive(client: FlaskClient, container: Container) -> None:
    container.readiness.found = ("Redis does not answer.",)
    assert client.get("/healthz").status_code == 200


def test_ready_is_who_can_keep_an_order(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "problems": []})


def test_who_cannot_keep_an_order_says_why(client: FlaskClient, container: Container) -> None:
    container.readiness.found = ("Redis does not answer.",)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ready": False, "problems": ["Redis does not answer."]})


def test_the_figures_are_the_ledgers(client: FlaskClient, container: Container) -> None:
    place(client)
    container.readiness.found = ("Redis does not answer.",)
    found = figures(client)
    assert found["fallback_orders", "received"] == 1
    assert found["fallback_orders", "settled"] == 0
    assert found["fallback_due", "payment"] == 1
    assert found["fallback_mode", "standby"] == 1
    assert found["fallback_ready", ""] == 0
