"""What each answer to a GraphQL document means."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, RateLimited, TryAgain
from fallback.primaries.graphql import Failed, ask
from fallback.primaries.transport import Transport

SHOP = "https://shop.example/graphql"


def answered(**answer: Any) -> dict[str, Any]:
    with responses.RequestsMock() as web:
        web.post(SHOP, **answer)
        return ask(Transport(SHOP, {}, 1), "{ shop { name } }", {}).fields


def test_its_data_is_what_was_asked_for() -> None:
    assert answered(json={"data": {"shop": {"name": "Harbour Books"}}}) == {"shop": {"name": "Harbour Books"}}


@pytest.mark.parametrize("status", [200, 400, 500])
def test_errors_are_told_with_their_codes_whatever_the_status(status: int) -> None:
    error = {"message": "not you", "extensions": {"code": "FORBIDDEN"}, "path": ["shop"]}

    with pytest.raises(Failed, match="not you") as failed:
        answered(json={"data": None, "errors": [error]}, status=status)

    assert failed.value.codes == {"FORBIDDEN"}


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, TryAgain)])
def test_it_is_asked_again_when_it_says(status: int, kind: type[TryAgain]) -> None:
    with pytest.raises(TryAgain) as again:
        answered(body="busy", status=status, headers={"Retry-After": "7"})
    assert (type(again.value), again.value.after) == (kind, 7)


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_are_not_accepted_are_a_fault_of_the_settings(status: int) -> None:
    with pytest.raises(NotAuthorized):
        answered(body="no", status=status)


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<title>We will be back soon</title>", "content_type": "text/html"},
        {"body": "<title>Bad gateway</title>", "content_type": "text/html", "status": 502},
        {"body": '{"data": {"shop"', "content_type": "application/json"},
        {"json": ["shop"]},
        {"json": {}},
    ],
)
def test_what_is_no_answer_proves_nothing(answer: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        answered(**answer)
