"""What can be done with an accepted order, and by whom."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Event, Payment, PaymentState, Placement, PlacementState, Queue
from fallback.domain.order.ratings import Rated
from fallback.domain.placement import rivals
from fallback.usecases.order.change_order import change_order
from tests.builders import NOW, a_payment, a_primary_order, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import at, is_problem, opened, place
from tests.web.world import a_cart, signed

ONE_BOOK = {"sku": "BK-1", "title": "The Sea, the Sea", "quantity": 1, "ordered": 2}

POSTS = ("/payment", "/cancellation", "/questions", "/rival-answer", "/ratings", "/withdrawal", "/text-messages")


# --- look


def test_the_ref_shows_where_it_stands_and_the_link_what_is_in_it(client: FlaskClient, order: dict[str, str]) -> None:
    brief, full = client.get(order["path"]), client.get(**order)
    assert set(brief.json) == {"ref", "status", "payment", "placement", "total", "received_at"}
    assert "iris" not in brief.text.lower()
    assert full.json["customer"]["email"] == "iris@example.org"
    assert full.json["lines"][0]["sku"] == "BK-1"
    assert (brief.headers["ETag"], full.headers["ETag"]) == ('"1-brief"', '"1"')
    assert {answer.headers["Cache-Control"] for answer in (brief, full)} == {"no-store"}


def test_an_unchanged_order_is_answered_with_304(client: FlaskClient, order: dict[str, str]) -> None:
    seen = {"If-None-Match": '"1"'}
    assert client.get(**order, headers=seen).status_code == 304
    assert client.get(order["path"], headers={"If-None-Match": '"1-brief"'}).data == b""
    client.post(order["path"] + "/cancellation", query_string=order["query_string"])
    assert client.get(**order, headers=seen).status_code == 200


def test_the_etag_of_the_brief_order_does_not_match_the_full_order(client: FlaskClient, order: dict[str, str]) -> None:
    bearer = {"Authorization": f"Bearer {order['query_string'].removeprefix('key=')}"}
    seen = {"If-None-Match": client.get(order["path"]).headers["ETag"]}
    assert "customer" in client.get(order["path"], headers=bearer | seen).json
    assert client.get(order["path"], headers={"If-None-Match": '"1"'}).status_code == 200


def test_the_key_of_the_link_is_a_bearer_token_too(client: FlaskClient, order: dict[str, str]) -> None:
    bearer = {"Authorization": f"Bearer {order['query_string'].removeprefix('key=')}"}
    assert "customer" in client.get(order["path"], headers=bearer).json


def test_the_key_of_another_order_shows_nothing_more(client: FlaskClient, order: dict[str, str]) -> None:
    other = opened(place(client, key="key-2", cart_token=signed(a_cart(cart_id="basket-18"))))
    assert "customer" not in client.get(order["path"], query_string=other["query_string"]).json


def test_a_ref_as_people_write_it_is_understood(client: FlaskClient, order: dict[str, str]) -> None:
    spoken = order["path"].rpartition("/")[2].replace("-", " ").lower()
    assert client.get(f"/v1/orders/{spoken}").status_code == 200
    assert client.post(f"/v1/orders/{spoken}/cancellation", query_string=order["query_string"]).status_code == 202


@pytest.mark.parametrize("ref", ["FB-0000-0000-1", "x", "%00", "%ff", "a b", "x" * 5_000])
def test_an_order_that_is_not_there_is_unknown(client: FlaskClient, ref: str) -> None:
    assert is_problem(client.get(f"/v1/orders/{ref}"), 404, "unknown_order")


@pytest.mark.parametrize(("method", "tail"), [("PATCH", ""), *(("POST", tail) for tail in POSTS)])
@pytest.mark.parametrize("key", ["", "?key=wrong", "?key=%ff%00", "?key=a.b.c"])
def test_nothing_is_done_to_an_order_without_its_link(
    client: FlaskClient, order: dict[str, str], ledger: FakeLedger, method: str, tail: str, key: str
) -> None:
    answer = client.open(order["path"] + tail + key, method=method, json={}, headers={"If-Match": "*"})
    assert is_problem(answer, 404, "unknown_order")
    assert ledger.load(order["path"].rpartition("/")[2]).version == 1


# --- change

NEW_CONTACT = {"contact": {"name": "Iris M.", "email": "new@example.org"}}


@pytest.mark.parametrize("tag", ['"1"', "*", '"7", "1"'])
def test_a_change_of_what_was_seen_is_made(client: FlaskClient, order: dict[str, str], tag: str) -> None:
    answer = client.patch(**order, json=NEW_CONTACT, headers={"If-Match": tag})
    assert answer.status_code == 200
    assert answer.json["customer"]["email"] == "new@example.org"
    assert answer.headers["ETag"] == '"2"'


@pytest.mark.parametrize("tag", ['"0"', 'W/"1"', "nonsense", '""', '"é"'])
def test_a_change_of_something_else_is_refused(
    client: FlaskClient, order: dict[str, str], ledger: FakeLedger, tag: str
) -> None:
    answer = client.patch(**order, json=NEW_CONTACT, headers={"If-Match": tag})
    assert is_problem(answer, 412, "precondition_failed")
    assert ledger.load(order["path"].rpartition("/")[2]).version == 1


def test_a_request_that_loses_the_race_gets_the_same_response(
    client: FlaskClient, order: dict[str, str], ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = ledger.load

    def load_and_be_overtaken(ref: str) -> Any:
        seen = load(ref)
        monkeypatch.setattr(ledger, "load", load)
        ledger.commit(seen, seen, [])
        return seen

    monkeypatch.setattr(ledger, "load", load_and_be_overtaken)
    answer = client.patch(**order, json=NEW_CONTACT, headers={"If-Match": '"1"'})
    assert is_problem(answer, 412, "precondition_failed")


def test_a_late_api_request_gets_the_first_event_and_the_current_order(
    client: FlaskClient, order: dict[str, str], container: Container
) -> None:
    ref = order["path"].rpartition("/")[2]
    change_order(container, ref, ChangeOrder(note="Ring twice"), "Mara", 9)
    answer = client.patch(**order, json=NEW_CONTACT, headers={"If-Match": '"1"'})
    assert is_problem(answer, 412, "precondition_failed")
    assert answer.json["first"] == {"who": "Mara", "what": "Your details were changed", "at": "2026-11-21T10:00:00Z"}
    assert "Your details were changed (Mara)" in answer.json["detail"]
    assert (answer.json["order"], answer.headers["ETag"]) == (client.get(**order).json, '"2"')


def test_the_shops_number_in_the_first_event_is_plain_text(
    client: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    there = ledger.keep(an_order())
    ledger.commit(there, there, [Event(NOW, "placed", "primary", {"number": "B&B 7"})])
    address = f"/v1/orders/{there.ref}?key={container.links.key(there.ref)}"
    answer = client.patch(address, json=NEW_CONTACT, headers={"If-Match": '"1"'})
    assert answer.json["first"]["what"] == "The shop received the order as number B&B 7"
    assert "as number B&B 7 (primary)" in answer.json["detail"]


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("/rival-answer", {"answer": "same"}),
        ("/payment", {"payment": {"confirmation_token": "ctoken_9"}}),
    ],
)
def test_each_conflict_says_what_has_happened(
    client: FlaskClient, container: Container, ledger: FakeLedger, tail: str, body: object
) -> None:
    there = ledger.keep(an_order(placement=PlacementState.MERGED, payment=a_payment(PaymentState.VOIDED)))
    ledger.commit(there, there, [Event(NOW, "merged", "primary", {"number": "100077"})])
    answer = client.post(f"/v1/orders/{there.ref}{tail}?key={container.links.key(there.ref)}", json=body)
    assert answer.status_code == 409, answer.text
    assert answer.json["first"]["who"] == "primary"
    assert answer.json["order"]["status"] == "merged"


def test_a_conflict_whose_cause_cannot_be_read_is_to_be_tried_again(
    client: FlaskClient, container: Container, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger has gone away since."""

    def away(_: str) -> NoReturn:
        raise TryAgain("away")

    there = ledger.keep(an_order(placement=PlacementState.MERGED, payment=a_payment(PaymentState.VOIDED)))
    monkeypatch.setattr(ledger, "timeline", away)
    answer = client.post(f"/v1/orders/{there.ref}/cancellation?key={container.links.key(there.ref)}")
    assert is_problem(answer, 503, "try_again")


def test_a_change_has_to_say_what_was_seen(client: FlaskClient, order: dict[str, str]) -> None:
    assert is_problem(client.patch(**order, json=NEW_CONTACT), 428, "if_match_missing")


def test_an_order_that_the_shop_may_have_is_not_changed_here(client: FlaskClient, container: Container) -> None:
    there = container.ledger.keep(an_order(placement=Placement(state=PlacementState.PLACED)))
    key = container.links.key(there.ref)
    answer = client.patch(f"/v1/orders/{there.ref}?key={key}", json={"note": "Ring twice"}, headers={"If-Match": "*"})
    assert is_problem(answer, 409, "not_possible_now")


# --- pay, cancel


def test_another_card_can_be_given_after_a_decline(client: FlaskClient, container: Container) -> None:
    waiting = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, cards=1)
    there = container.ledger.keep(an_order(payment=waiting))
    path = f"/v1/orders/{there.ref}/payment?key={container.links.key(there.ref)}"
    answer = client.post(path, json={"payment": {"confirmation_token": "ctoken_2"}})
    assert answer.status_code == 202
    assert answer.json["payment"]["state"] == "pending"
    assert container.bells.rung == [Queue.PAYMENT]
    again = client.post(path, json={"payment": {"confirmation_token": "ctoken_3"}})
    assert is_problem(again, 409, "card_under_way")


def test_too_many_cards_are_refused(client: FlaskClient, container: Container) -> None:
    waiting = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, cards=8)
    there = container.ledger.keep(an_order(payment=waiting))
    path = f"/v1/orders/{there.ref}/payment?key={container.links.key(there.ref)}"
    answer = client.post(path, json={"payment": {"confirmation_token": "ctoken_9"}})
    assert is_problem(answer, 400, "too_many_cards")


def test_a_repeated_cancellation_gets_the_same_response(client: FlaskClient, order: dict[str, str]) -> None:
    first, again = client.post(**at(order, "/cancellation")), client.post(**at(order, "/cancellation"))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["placement"]["state"] == again.json["placement"]["state"] == "cancelled"


def test_a_purchase_that_stands_in_the_shop_as_its_own_order_is_not_told_as_cancelled(
    client: FlaskClient, container: Container
) -> None:
    merged = Placement(state=PlacementState.MERGED, number="100016")
    gone = container.ledger.keep(an_order(payment=a_payment(PaymentState.VOIDED), placement=merged))
    answer = client.post(f"/v1/orders/{gone.ref}/cancellation?key={container.links.key(gone.ref)}")
    assert is_problem(answer, 409, "not_possible_now")


def test_a_cancellation_of_an_order_in_the_shop_is_asked_for(client: FlaskClient, container: Container) -> None:
    there = container.ledger.keep(an_order(placement=Placement(state=PlacementState.VERIFIED)))
    answer = client.post(f"/v1/orders/{there.ref}/cancellation?key={container.links.key(there.ref)}")
    assert answer.json["status"] == "undoing"


# --- ask, answer, rate


def test_a_question_is_asked(client: FlaskClient, order: dict[str, str], ledger: FakeLedger) -> None:
    call = {"phone": "+44 1482 300300", "when": "evening"}
    answer = client.post(**at(order, "/questions"), json={"question": "Is the lamp in it?", "call_back": call})
    assert answer.status_code == 202
    assert [hold["code"] for hold in answer.json["holds"]] == ["asked_for_a_person"]
    kept = ledger.load(answer.json["ref"])
    assert [word.text for word in kept.customer.said] == ["Is the lamp in it?", "+44 1482 300300"]


def test_what_was_written_about_an_order_does_not_come_back(client: FlaskClient, order: dict[str, str]) -> None:
    client.post(**at(order, "/questions"), json={"question": "Is the lamp in it?"})
    assert "said" not in client.get(**order).json["customer"]


def test_a_question_that_says_nothing_names_its_field(client: FlaskClient, order: dict[str, str]) -> None:
    answer = client.post(**at(order, "/questions"), json={"question": " "})
    assert is_problem(answer, 400, "empty")
    assert answer.json["field"] == "question"


@pytest.mark.parametrize(("answer", "goes_on"), [("apart", True), ("same", False)])
def test_either_answer_finishes_the_question_about_a_rival(
    client: FlaskClient, order: dict[str, str], ledger: FakeLedger, answer: str, goes_on: bool
) -> None:
    asked = ledger.load(order["path"].rpartition("/")[2])
    ledger.commit(asked, rivals.ask_them(asked, "100077", NOW).order, [])
    given = client.post(**at(order, "/rival-answer"), json={"answer": answer})
    assert (given.status_code, given.json["holds"]) == (202, [])
    assert ledger.load(asked.ref).cancel_asked is not goes_on
    assert is_problem(client.post(**at(order, "/rival-answer"), json={"answer": answer}), 409, "not_possible_now")


@pytest.mark.parametrize("answer", ["same", "apart"])
@pytest.mark.parametrize("number", ["100077", "4242424242424242"])
def test_an_answer_that_names_its_question_answers_no_other_one(
    client: FlaskClient, order: dict[str, str], ledger: FakeLedger, answer: str, number: str
) -> None:
    """It was answered elsewhere, and then the shop was found to have an order for the same basket."""
    asked = ledger.load(order["path"].rpartition("/")[2])
    ledger.commit(asked, rivals.ask_them(asked, number, NOW).order, [])
    [hold] = client.get(**order).json["holds"]
    named = {"answer": answer, "about": hold["about"]}
    now = rivals.keep_both(ledger.load(asked.ref), NOW, "customer").order
    rival = a_primary_order(asked, ref=None, number="100099")
    ledger.commit(ledger.load(asked.ref), rivals.ask_whether_paid(now, rival, NOW).order, [])
    outdated = client.post(**at(order, "/rival-answer"), json=named)
    assert is_problem(outdated, 409, "not_possible_now")
    assert not ledger.load(asked.ref).cancel_asked
    [hold] = outdated.json["order"]["holds"]
    assert client.post(**at(order, "/rival-answer"), json=named | {"about": hold["about"]}).json["holds"] == []


def test_only_a_hold_that_asks_about_a_rival_says_what_it_is_about(client: FlaskClient, order: dict[str, str]) -> None:
    asked = client.post(**at(order, "/questions"), json={"question": "Is the lamp in it?"})
    assert [hold["about"] for hold in asked.json["holds"]] == [None]


def test_the_last_rating_of_a_part_counts(client: FlaskClient, order: dict[str, str], ledger: FakeLedger) -> None:
    for good in (False, True):
        assert client.post(**at(order, "/ratings"), json={"part": "help", "good": good}).status_code == 200
    assert ledger.load(order["path"].rpartition("/")[2]).rated == Rated(help=1)


@pytest.mark.parametrize(
    ("tail", "body", "field"),
    [
        ("/questions", {"question": "x", "call_back": {"phone": "no"}}, "call_back.phone"),
        ("/questions", {"question": "x" * 2_001 + " 4242 4242 4242 4242"}, "question"),
        ("/rival-answer", {"answer": "both"}, "answer"),
        ("/rival-answer", {"answer": "same", "about": 100077}, "about"),
        ("/ratings", {"part": "weather", "good": True}, "part"),
        ("/ratings", {"part": "help", "good": 1}, "good"),
    ],
)
def test_what_is_not_as_described_is_named(
    client: FlaskClient, order: dict[str, str], tail: str, body: dict[str, Any], field: str
) -> None:
    answer = client.post(**at(order, tail), json=body)
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == field


# --- withdraw from the contract


WITHDRAWS = {"name": "Iris Murdoch", "email": "iris@example.org"}


def test_a_program_withdraws_for_the_customer_and_the_same_again_is_one(
    client: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    settled = ledger.keep(an_order(placement=PlacementState.VERIFIED, payment=a_payment(PaymentState.CAPTURED)))
    path = f"/v1/orders/{settled.ref}/withdrawal"
    key = f"key={container.links.key(settled.ref)}"
    for once in ("a", "a", "b"):
        one_book = WITHDRAWS | {"quantities": [1]}
        answer = client.post(path, query_string=key, json=one_book, headers={"Idempotency-Key": once})
        assert answer.status_code == 202, answer.text
    stated = {"received_at": "2026-11-21T10:00:00Z", "lines": [ONE_BOOK]}
    assert answer.json["withdrawal"] == {"state": "asked", "statements": [stated, stated]}
    again = client.post(path, query_string=key, json=WITHDRAWS)
    assert again.json["withdrawal"]["statements"] == [stated, stated]


def test_what_cannot_be_withdrawn_from_is_named(client: FlaskClient, order: dict[str, str]) -> None:
    answer = client.post(
        f"{order['path']}/withdrawal", query_string=order["query_string"], json=WITHDRAWS | {"quantities": [3]}
    )
    assert is_problem(answer, 400, "more_than_bought")
    assert answer.json["field"] == "quantities.0"
