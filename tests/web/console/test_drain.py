"""/console/oncall/drain: the state of the drain, its pace, and the dry run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.support.accounts import Role
from tests.builders import BOOK, CUSTOMER, a_hold, an_order
from tests.fakes.ledger import FakeLedger
from tests.fakes.pace import a_rule
from tests.fakes.primary import FakePrimary
from tests.web.filling import forge, press, send
from tests.web.html import Page
from tests.web.world import NOW

PATH = "/console/oncall/drain"
Colleague = Callable[[str, Role], FlaskClient]


@pytest.fixture
def ada(colleague: Colleague) -> FlaskClient:
    return colleague("Ada", Role.ONCALL)


@pytest.fixture
def shop(container: Container) -> FakePrimary:
    container.primary = FakePrimary()
    return container.primary


def test_the_drain_page_shows_how_many_orders_wait_and_when_it_ends(ada: FlaskClient, ledger: FakeLedger) -> None:
    for _ in range(40):
        ledger.keep(an_order())
    ledger.keep(an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    text = Page(ada.get(PATH)).text
    for fact in ("Waiting for the shop 40 now, 0 later", "On hold 1", "20, at most 20", "in 1 min"):
        assert fact in text


def test_a_pace_is_set_with_a_name_and_a_reason(ada: FlaskClient, container: Container) -> None:
    answer = send(ada, Page(ada.get(PATH)), "/pace", pace="2,5", ramp="1", why="the shop asked")
    assert (answer.status_code, answer.location) == (303, PATH)
    rule = container.pace.rule()
    assert (rule.pace, rule.ramp, rule.who, rule.why) == (2.5, True, "Ada", "the shop asked")
    assert "Ada: at most 2.5 per second, the shop asked" in Page(ada.get(PATH)).text


def test_a_pause_and_its_end_leave_the_pace(ada: FlaskClient, container: Container) -> None:
    page = press(ada, Page(ada.get(PATH)), "/pause", pace="7", why="its disk is full")
    assert (container.pace.rule().paused, container.pace.rule().pace) == (True, 20)
    assert "Ada: paused" in page.text
    press(ada, page, "/resumption", why="it is well")
    assert not container.pace.rule().paused


@pytest.mark.parametrize("typed", [{"pace": "fast", "why": "x"}, {"pace": "0", "why": "x"}, {"pace": "5", "why": " "}])
def test_what_cannot_be_set_comes_back_with_what_was_typed(
    ada: FlaskClient, container: Container, typed: dict[str, str]
) -> None:
    page = press(ada, Page(ada.get(PATH)), "/pace", typed)
    assert page.status == 400
    assert page.fields["pace"] == typed["pace"]
    assert container.pace.decided() == []


def test_an_outdated_page_neither_ends_a_newer_pause_nor_sets_a_pace(ada: FlaskClient, container: Container) -> None:
    container.pace.decide(a_rule(20, paused=True, who="Ben", why="a restore"))
    outdated = Page(ada.get(PATH))
    newer = a_rule(20, paused=True, who="Eve", why="its disk is full", at=NOW + timedelta(minutes=5))
    container.pace.decide(newer)
    for action in ("/resumption", "/pace"):
        page = press(ada, outdated, action, pace="7", ramp=None, why="the restore is done")
        assert (page.status, [*page.errors]) == (409, ["pace"])
        assert "Eve: paused, then at most 20 per second, its disk is full" in page.text
        assert (page.fields["pace"], page.fields["why"], "ramp" in page.fields) == ("7", "the restore is done", False)
        assert container.pace.rule() == newer
    press(ada, page, "/resumption")
    assert not container.pace.rule().paused


def test_a_pause_needs_no_current_page(ada: FlaskClient, container: Container) -> None:
    outdated = Page(ada.get(PATH))
    container.pace.decide(a_rule(5, who="Ben"))
    press(ada, outdated, "/pause", why="its disk is full")
    assert (container.pace.rule().paused, container.pace.rule().pace) == (True, 5)


@pytest.mark.parametrize("action", ["/pace", "/pause"])
def test_a_reason_with_a_card_number_is_not_kept(ada: FlaskClient, container: Container, action: str) -> None:
    page = press(ada, Page(ada.get(PATH)), action, pace="7", why="they paid with 4242 4242 4242 4242")
    assert (page.status, page.fields["pace"], page.fields["why"]) == (400, "7", "")
    assert page.errors == {"why": "That looks like a card number. Please leave it out."}
    assert container.pace.decided() == []


def test_an_agent_sees_the_drain_but_may_not_change_it(colleague: Colleague, container: Container) -> None:
    mara = colleague("Mara", Role.AGENT)
    assert "Set pace" not in Page(mara.get(PATH)).text
    for action in ("pace", "pause", "resumption", "dry-run"):
        assert forge(mara, f"{PATH}/{action}", {"pace": "5", "why": "x"}).status_code == 403
    assert container.pace.decided() == []


# --- the dry run


def test_the_dry_run_asks_only_when_it_is_told_to(ada: FlaskClient, shop: FakePrimary) -> None:
    assert Page(ada.get(f"{PATH}/dry-run")).title == "Dry run"
    assert shop.calls.total() == 0


def test_the_dry_run_lists_orders_that_would_not_be_placed_and_counts_all(
    ada: FlaskClient, ledger: FakeLedger, shop: FakePrimary
) -> None:
    shop.stock[BOOK.sku] = 1
    sold_out = ledger.keep(an_order(customer=replace(CUSTOMER, email="b@example.org")))
    held = ledger.keep(an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    text = press(ada, Page(ada.get(f"{PATH}/dry-run")), "/dry-run").text
    assert f"{sold_out.ref} €30.93: is out of stock" in text
    assert f"{held.ref} €30.93: is on hold" in text
    assert "1 is out of stock: €30.93" in text
    assert shop.orders == {}


def test_a_shop_that_does_not_answer_is_told(ada: FlaskClient, shop: FakePrimary) -> None:
    shop.fail_next("health", TryAgain("down"))
    assert "The dry run stopped early" in press(ada, Page(ada.get(f"{PATH}/dry-run")), "/dry-run").text
