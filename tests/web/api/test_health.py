"""Whether the process responds, and whether it can accept orders safely."""

from __future__ import annotations

from flask.testing import FlaskClient

from fallback.bootstrap.container import Container

SHOWN = {"durability": "disk", "redis": {"role": "master"}, "journal": "off"}


def test_a_process_that_answers_is_alive(client: FlaskClient, container: Container) -> None:
    container.readiness.found = ("Redis does not answer.",)
    assert client.get("/healthz").status_code == 200


def test_readyz_answers_200_when_orders_can_be_stored(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True, "problems": []} | SHOWN)


def test_readyz_names_why_orders_cannot_be_stored(client: FlaskClient, container: Container) -> None:
    container.readiness.found = ("Redis does not answer.",)
    answer = client.get("/readyz")
    refused = {"ready": False, "problems": ["Redis does not answer."]}
    assert (answer.status_code, answer.json) == (503, refused | SHOWN)
    assert answer.headers["Retry-After"] == "5"
