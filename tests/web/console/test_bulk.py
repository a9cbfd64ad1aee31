"""Several orders that are on hold for the same reason: released or noted together, each recorded by itself."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from fallback.domain.errors import TooMuch, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order
from tests.builders import a_hold, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import forge, press
from tests.web.html import Page

LIST = "/console?hold=poison"


@pytest.fixture
def held(ledger: FakeLedger) -> list[Order]:
    return [ledger.keep(an_order(holds=(a_hold(HoldCode.POISON),))) for _ in range(3)]


def boxes(page: Page) -> dict[str, str]:
    """What a ticked box sends, by the order's ref."""
    return {box["value"].partition("~")[0]: box["value"] for box in page.all("input", type="checkbox")}


def decide(agent: FlaskClient, shown: Page, what: str, orders: list[Order], **typed: str) -> Page:
    return press(agent, shown, f"/bulk/{what}", order=[boxes(shown)[order.ref] for order in orders], **typed)


def test_the_chosen_orders_are_released_and_the_others_stay_on_hold(
    agent: FlaskClient, ledger: FakeLedger, held: list[Order]
) -> None:
    page = decide(agent, Page(agent.get(LIST)), "release", held[:2])
    assert page.text.count("The hold was released.") == 2
    assert [len(ledger.load(order.ref).holds) for order in held] == [0, 0, 1]
    events = [ledger.timeline(order.ref)[-1] for order in held[:2]]
    assert [(event.what, event.who) for event in events] == [("hold_released", "console")] * 2


def test_a_note_is_added_to_each_chosen_order_once(agent: FlaskClient, ledger: FakeLedger, held: list[Order]) -> None:
    shown = Page(agent.get(LIST))
    for _ in range(2):  # the page is reloaded
        page = decide(agent, shown, "note", held, note="The printer is repaired")
    assert page.text.count("has changed since the list was shown") == 3
    assert [[event.what for event in ledger.timeline(order.ref)].count("noted") for order in held] == [1, 1, 1]


def test_an_order_that_has_changed_is_left_as_it_is_and_named(
    agent: FlaskClient, ledger: FakeLedger, held: list[Order]
) -> None:
    shown = Page(agent.get(LIST))
    decide(agent, shown, "note", held[:1], note="I call the shop about this one")
    page = decide(agent, shown, "release", held)
    assert page.text.count("The hold was released.") == 2
    assert page.text.count("Not done: the order has changed since the list was shown.") == 1
    assert len(ledger.load(held[0].ref).holds) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TryAgain("the ledger did not answer"), "It is not known whether this was done"),
        (TooMuch("it was changed so often"), "Not done: this is not possible in the order's present state."),
    ],
)
def test_what_became_of_one_is_said_and_the_others_are_still_tried(
    agent: FlaskClient,
    ledger: FakeLedger,
    held: list[Order],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    shown = Page(agent.get(LIST))
    commit = ledger.commit

    def lost_once(old: Order, *rest: Any, **more: Any) -> Order:
        if old.ref == held[1].ref:
            raise error
        return commit(old, *rest, **more)

    monkeypatch.setattr(ledger, "commit", lost_once)
    page = decide(agent, shown, "release", held)
    assert page.status == 200
    assert f"{held[1].ref} {said}" in page.text
    assert page.text.count("The hold was released.") == 2


@pytest.mark.parametrize("code", [HoldCode.ASKED_FOR_A_PERSON, HoldCode.REFUND_ASKED, HoldCode.MISMATCH])
def test_a_question_and_another_hold_are_not_released_together(
    agent: FlaskClient, ledger: FakeLedger, code: HoldCode
) -> None:
    order = ledger.keep(an_order(holds=(a_hold(code),)))
    hold = "poison" if code is HoldCode.MISMATCH else code
    fields = {"hold": hold, "order": [f"{order.ref}~{order.version}", "FB-0000-0000-0~1"]}
    page = Page(forge(agent, "/console/bulk/release", fields))
    assert "not possible in the order's present state" in page.text
    assert "FB-0000-0000-0 Not done" in page.text
    assert ledger.load(order.ref).holds == order.holds


def test_a_list_of_questions_offers_a_note_only(agent: FlaskClient, ledger: FakeLedger) -> None:
    ledger.keep(an_order(holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),)))
    page = Page(agent.get("/console?hold=asked_for_a_person"))
    assert page.all("form", action="/console/bulk/note")
    assert page.all("button", formaction="/console/bulk/release") == []


def test_a_refused_note_is_shown_again_with_the_choice(agent: FlaskClient, held: list[Order]) -> None:
    shown = Page(agent.get(LIST))
    page = decide(agent, shown, "note", held, note="  ")
    assert page.status == 400
    assert "The field is empty, so nothing was changed." in page.text
    assert [hidden["value"] for hidden in page.all("input", name="order")] == [boxes(shown)[it.ref] for it in held]


def test_nothing_chosen_changes_nothing(agent: FlaskClient, held: list[Order]) -> None:
    assert "No order was chosen" in decide(agent, Page(agent.get(LIST)), "release", []).text


def test_a_list_of_several_reasons_has_no_boxes(agent: FlaskClient, held: list[Order]) -> None:
    assert boxes(Page(agent.get("/console"))) == {}
