"""Our own way in by the front door: what each answer of it means."""

from __future__ import annotations

import pytest
import requests
import responses

from fallback.domain.errors import FallbackError, OutcomeUnknown, Refused, TryAgain
from fallback.primaries.front_door import HttpFrontDoor

URL = "https://checkout.example/v1/orders"


@pytest.fixture
def stands() -> HttpFrontDoor:
    return HttpFrontDoor("https://checkout.example/")


@responses.activate
def test_an_order_that_is_taken_has_a_ref(stands: HttpFrontDoor) -> None:
    sent = responses.post(URL, status=202, json={"ref": "FB-7K3M-92QX-5", "status": "received"})
    assert stands.order(b"{}", "drill-1") == "FB-7K3M-92QX-5"
    assert sent.calls[0].request.headers["Idempotency-Key"] == "drill-1"


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (503, b"", TryAgain),
        (502, b"<html>", TryAgain),
        (429, b"{}", TryAgain),
        (422, b'{"code":"invalid","detail":"No."}', Refused),
        (404, b"<html>not here</html>", Refused),
        (302, b"", Refused),
        (202, b"{}", Refused),
    ],
)
@responses.activate
def test_other_answers_say_whether_to_try_again(
    stands: HttpFrontDoor, status: int, body: bytes, means: type[FallbackError]
) -> None:
    responses.post(URL, status=status, body=body)
    with pytest.raises(means):
        stands.order(b"{}", "drill-1")


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (requests.ConnectTimeout(), TryAgain),
        (requests.ConnectionError(), OutcomeUnknown),
        (requests.ReadTimeout(), OutcomeUnknown),
    ],
)
@responses.activate
def test_a_lost_answer_is_not_taken_for_none(
    stands: HttpFrontDoor, error: Exception, means: type[FallbackError]
) -> None:
    responses.post(URL, body=error)
    with pytest.raises(means):
        stands.order(b"{}", "drill-1")
