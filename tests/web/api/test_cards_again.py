"""POST /v1/orders/{ref}/payment when it comes again, as after a lost answer, and each conflict by its name."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.payment.cards import given
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import at, is_problem, opened, place
from tests.web.filling import send
from tests.web.html import Page
from tests.web.world import CARD

DECLINED = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, cards=1, given=(given(CARD),))


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    """The card with which it was placed was declined."""
    return ledger.keep(an_order(payment=DECLINED))


def gives(
    client: FlaskClient, container: Container, order: Order, token: str = "ctoken_2", key: str | None = None
) -> TestResponse:
    path = f"/v1/orders/{order.ref}/payment?key={container.links.key(order.ref)}"
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(path, json={"payment": {"confirmation_token": token}}, headers=headers)


@pytest.mark.parametrize("key", [None, "key-1"])
@pytest.mark.parametrize("again", [None, "key-1", "key-2"])
def test_the_same_card_again_is_answered_as_the_first_time(
    client: FlaskClient, container: Container, order: Order, key: str | None, again: str | None
) -> None:
    first = gives(client, container, order, key=key)
    assert (first.status_code, first.json["payment"]["state"]) == (202, "pending")
    assert "Idempotency-Replayed" not in first.headers
    second = gives(client, container, order, key=again)
    assert (second.status_code, second.data, second.headers["ETag"]) == (202, first.data, first.headers["ETag"])
    assert second.headers["Idempotency-Replayed"] == "true"
    assert container.ledger.load(order.ref).payment.cards == 2


@pytest.mark.parametrize("state", PaymentState)
def test_the_same_card_gets_the_same_response_whatever_its_state(
    client: FlaskClient, container: Container, ledger: FakeLedger, state: PaymentState
) -> None:
    there = ledger.keep(an_order(payment=Payment(amount=3093, state=state, cards=1, given=(given(CARD),))))
    answer = gives(client, container, there, CARD)
    assert (answer.status_code, answer.json["payment"]["state"]) == (202, state)
    assert ledger.load(there.ref) == there


def test_the_card_with_which_it_was_placed_is_no_second_one(client: FlaskClient) -> None:
    there = opened(place(client))
    answer = client.post(**at(there, "/payment"), json={"payment": {"confirmation_token": CARD}})
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (202, "true")


def test_an_order_of_the_version_before_knows_the_card_that_is_under_way(
    client: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    there = ledger.keep(an_order(payment=Payment(amount=3093, state=PaymentState.PENDING, token=CARD, cards=1)))
    assert gives(client, container, there, CARD).status_code == 202


def test_a_form_that_is_sent_twice_gives_one_card(browser: FlaskClient, container: Container, order: Order) -> None:
    page = Page(browser.get(f"/orders/{order.ref}?key={container.links.key(order.ref)}"))
    answers = [send(browser, page, "/payment", confirmation_token="ctoken_2").status_code for _ in range(2)]
    assert answers == [303, 303]
    assert container.ledger.load(order.ref).payment.cards == 2


def test_a_key_that_came_with_another_card_is_refused(client: FlaskClient, container: Container, order: Order) -> None:
    gives(client, container, order, key="key-1")
    assert is_problem(gives(client, container, order, "ctoken_3", "key-1"), 422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "a,b", "\xe9", "k" * 256])
def test_an_invalid_idempotency_key_is_refused_by_its_name(
    client: FlaskClient, container: Container, order: Order, key: str
) -> None:
    answer = gives(client, container, order, key=key)
    assert is_problem(answer, 400, "idempotency_key_invalid")
    assert answer.json["field"] == "Idempotency-Key"
    assert container.ledger.load(order.ref) == order


CONFLICTS = [
    (an_order(payment=a_payment(PaymentState.PENDING)), "card_under_way"),
    (an_order(payment=a_payment(PaymentState.UNKNOWN)), "card_under_way"),
    (an_order(payment=a_payment(PaymentState.AUTHORIZED)), "already_paid"),
    (an_order(payment=a_payment(PaymentState.CAPTURED)), "already_paid"),
    (an_order(payment=a_payment(PaymentState.REFUNDED)), "order_given_up"),
    (an_order(payment=Payment(amount=0)), "nothing_to_pay"),
    (an_order(payment=DECLINED, cancel_asked=True), "order_given_up"),
    (an_order(payment=DECLINED, placement=Placement(state=PlacementState.MERGED)), "order_given_up"),
]


@pytest.mark.parametrize(("order", "code"), CONFLICTS)
def test_each_conflict_has_its_own_name(
    client: FlaskClient, container: Container, ledger: FakeLedger, order: Order, code: str
) -> None:
    there = ledger.keep(order)
    assert is_problem(gives(client, container, there, "ctoken_9"), 409, code)
