"""GET /v1/purchases: the shop asks whether a cart is in hand."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from tests.web.api_client import AS_SHOP, at, is_problem, place
from tests.web.world import a_config


def test_the_shop_learns_which_carts_are_in_hand(client: FlaskClient) -> None:
    first = place(client).json
    answer = client.get("/v1/purchases/basket-17", headers=AS_SHOP)
    assert answer.json == {
        "cart_id": "basket-17",
        "captured": True,
        "ref": first["ref"],
        "status": "received",
        "order_url": first["status_url"],
    }


@pytest.mark.parametrize("cart_id", ["basket-18", "a/b", "%00", "%ff"])
def test_the_shop_learns_which_carts_are_not(client: FlaskClient, cart_id: str) -> None:
    answer = client.get(f"/v1/purchases/{cart_id}", headers=AS_SHOP)
    assert is_problem(answer, 404, "not_captured")
    assert answer.json["captured"] is False


def test_a_cart_whose_order_was_cancelled_is_not_in_hand(client: FlaskClient, order: dict[str, str]) -> None:
    client.post(**at(order, "/cancellation"))
    assert client.get("/v1/purchases/basket-17", headers=AS_SHOP).status_code == 404


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Bearer ", "Basic eDp5", "Bearer é"])
def test_nobody_else_may_ask(client: FlaskClient, authorization: str | None) -> None:
    answer = client.get("/v1/purchases/basket-17", headers={"Authorization": authorization} if authorization else {})
    assert is_problem(answer, 401, "token_needed")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_empty_token_in_the_settings_opens_nothing(app: Flask, container: Container) -> None:
    container.config = a_config(primary_token="")
    answer = app.test_client().get("/v1/purchases/basket-17", headers={"Authorization": "Bearer "})
    assert is_problem(answer, 401, "token_needed")
