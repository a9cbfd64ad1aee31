"""What an answer stands for when it is no order: nothing happened, nobody knows, or never."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, RateLimited, Refused, TryAgain
from fallback.primaries.transport import HttpAnswer
from fallback.primaries.woocommerce.answers import READ_ENTRY, understood


def answered(status: int, body: dict[str, Any] | bytes, after: float | None = None) -> object:
    if isinstance(body, bytes):
        return understood(HttpAnswer(status, "text/html", body, after), READ_ENTRY)
    return understood(HttpAnswer(status, "application/json", json.dumps(body).encode(), after), READ_ENTRY)


def error(code: str, **data: Any) -> dict[str, Any]:
    return {"code": code, "message": "Said for people.", "data": data}


@pytest.mark.parametrize("status", [200, 404, 409, 500, 502, 503, 504])
def test_a_page_of_a_proxy_or_of_wordpress_proves_nothing(status: int) -> None:
    with pytest.raises(OutcomeUnknown):
        answered(status, b"<html>Briefly unavailable for scheduled maintenance.</html>")


def test_an_error_of_php_in_json_proves_nothing() -> None:
    with pytest.raises(OutcomeUnknown, match="internal_server_error"):
        answered(500, error("internal_server_error", status=500))


def test_an_order_that_is_cut_short_proves_nothing() -> None:
    with pytest.raises(OutcomeUnknown):
        understood(HttpAnswer(200, "application/json", b'{"ref": "FB-7K3M-92QX-5", "order": {"id"'), READ_ENTRY)


@pytest.mark.parametrize(
    ("status", "body", "kind"), [(503, error("busy", status=503), TryAgain), (429, b"slow down", RateLimited)]
)
def test_a_shop_that_is_busy_has_done_nothing(status: int, body: dict[str, Any] | bytes, kind: type[TryAgain]) -> None:
    with pytest.raises(TryAgain) as refusal:
        answered(status, body, after=7.0)
    assert (type(refusal.value), refusal.value.after) == (kind, 7.0)


def test_a_plugin_that_is_switched_off_is_named_and_no_order_is_refused_for_it() -> None:
    with pytest.raises(TryAgain, match="plugin"):
        answered(404, error("rest_no_route", status=404))


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_does_not_fit_is_a_fault_of_the_settings(status: int) -> None:
    with pytest.raises(NotAuthorized):
        answered(status, error("woocommerce_rest_authentication_error", status=status))


def test_a_refusal_names_what_is_there_of_each_product() -> None:
    lines = [{"sku": "BK-1", "available": 1}, {"sku": "BK-2", "available": 0}]
    with pytest.raises(Refused, match="BK-1: 1 available; BK-2: 0 available") as refusal:
        answered(409, error("out_of_stock", status=409, lines=lines))
    assert refusal.value.code == "out_of_stock"


def test_a_field_that_wordpress_does_not_accept_is_named() -> None:
    with pytest.raises(Refused, match="total") as refusal:
        answered(400, error("rest_invalid_param", status=400, params={"total": "total is not of type string."}))
    assert refusal.value.code == "invalid"
