"""Limited reads return no more than their limit, and lists that grow are bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Look
from fallback.domain.incident.incident import by_switch
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.outage.pace import PaceRule
from fallback.ledger.checkout import drafts
from fallback.ledger.order import worklists
from fallback.ledger.outage import modes, pace
from fallback.ledger.support import remarks
from fallback.ledger.support.remarks import Remark
from tests.builders import NOW
from tests.ledger.world import IRIS, a_container, accepted
from tests.redis_server import RedisServer

MANY, FEW = 6, 3


@pytest.fixture
def built(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


def a_remark(number: int) -> Remark:
    return Remark(NOW, "Mara", f"{number}")


def a_look(number: int) -> Look:
    return Look(NOW + timedelta(seconds=number), "Mara", ())


def a_switch(number: int) -> ModeState:
    return ModeState(Mode.ACTIVE, NOW + timedelta(seconds=number), "Ada", f"{number}")


def a_rule(number: int) -> PaceRule:
    return PaceRule(pace=number, at=NOW, who="Kim", why="gently")


def an_owned_order(built: Container, number: int) -> str:
    order = accepted(built.ledger)
    return built.ledger.commit(order, replace(order, owner="Mara", next_word_by=NOW + timedelta(hours=number)), []).ref


# Of each list: how an entry comes into it, how so many are read, and whether the newest come first.
LISTS: dict[str, tuple[Callable[[Container, int], object], Callable[[Container, int], Iterable[Any]], bool]] = {
    "remarks": (
        lambda built, number: built.remarks.add(a_remark(number)) or a_remark(number),
        lambda built, most: built.remarks.newest(most),
        True,
    ),
    "looks": (
        lambda built, number: built.drafts.record(a_look(number)) or a_look(number),
        lambda built, most: built.drafts.looks(most),
        True,
    ),
    "incidents": (
        lambda built, number: built.incidents.open(by_switch(a_switch(number), number)),
        lambda built, most: built.incidents.newest(most),
        True,
    ),
    "orders of a person": (
        lambda built, number: accepted(built.ledger).ref,
        lambda built, most: built.ledger.refs_of_person(email=IRIS.email, limit=most),
        True,
    ),
    "orders of a search": (
        lambda built, number: accepted(built.ledger),
        lambda built, most: built.search.find(IRIS.email, most).rows,
        True,
    ),
}


@pytest.mark.parametrize("what", LISTS)
def test_a_limited_read_returns_no_more_than_its_limit(built: Container, what: str) -> None:
    add, read, newest_first = LISTS[what]
    added = [add(built, number) for number in range(MANY)]
    found = list(read(built, FEW))
    assert found == (added[::-1] if newest_first else added)[:FEW]


@pytest.mark.parametrize(
    ("module", "bound", "add", "read"),
    [
        (remarks, "MOST", lambda built, n: built.remarks.add(a_remark(n)), lambda built: built.remarks.newest(99)),
        (drafts, "MOST_LOOKS", lambda built, n: built.drafts.record(a_look(n)), lambda built: built.drafts.looks(99)),
        (modes, "LOG_LENGTH", lambda built, n: built.modes.switch(a_switch(n)), lambda built: built.modes.log()),
        (pace, "LOG_LENGTH", lambda built, n: built.pace.decide(a_rule(n)), lambda built: built.pace.decided()),
    ],
    ids=["remarks", "looks", "switches", "rules of the pace"],
)
def test_a_bounded_list_keeps_its_newest_entries(
    built: Container,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    bound: str,
    add: Callable[[Container, int], object],
    read: Callable[[Container], list[object]],
) -> None:
    monkeypatch.setattr(module, bound, FEW)
    seen = []
    for number in range(MANY):
        add(built, number)
        seen.append(read(built)[0])
    assert read(built) == seen[: -FEW - 1 : -1]


def test_a_worklist_shows_the_most_urgent(built: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklists, "MOST", FEW)
    refs = [an_owned_order(built, number) for number in range(MANY)]
    assert [order.ref for order in built.worklists.of("Mara").rows] == refs[:FEW]


def test_removing_a_remark_removes_all_its_copies(built: Container) -> None:
    for number in (1, 2, 3, 2):
        built.remarks.add(a_remark(number))
    assert built.remarks.drop(lambda remark: remark.text == "2") == 2
    assert [remark.text for remark in built.remarks.newest(9)] == ["3", "1"]
    for number in range(MANY):
        built.remarks.add(a_remark(number))
    assert built.remarks.drop(lambda _: True) == MANY + 2


def test_each_of_many_orders_is_sealed_anew(built: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.ledger.order.rewrapping.PAGE", FEW)
    for _ in range(2 * FEW + 1):
        accepted(built.ledger)
    newer = a_container(
        built.config.redis_url, secret_key=("a-newer-secret-of-these-tests-0123456", *built.config.secret_key)
    )
    assert newer.rewrapping.orders() == 2 * FEW + 1
