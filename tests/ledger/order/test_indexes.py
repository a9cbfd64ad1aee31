"""Whatever happens to orders, indexes and due sets match a full scan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import (
    Attempt,
    Call,
    Notice,
    NoticeKind,
    NoticeState,
    Order,
    Payment,
    PaymentState,
    Placement,
    PlacementState,
)
from fallback.ledger.order.ledger import RedisLedger
from tests.builders import NOW
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import IRIS, a_container, accepted
from tests.redis_server import RedisServer

times = st.integers(-3600, 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
attempts = st.none() | st.builds(Attempt, st.sampled_from(Call), st.just("key"), times)
payments = st.builds(
    Payment,
    amount=st.just(3093),
    state=st.sampled_from(PaymentState),
    intent=st.sampled_from([None, "pi_1", "pi_2"]),
    attempt=attempts,
    due_at=st.none() | times,
)
placements = st.builds(
    Placement,
    state=st.sampled_from(PlacementState),
    attempt=attempts,
    due_at=st.none() | times,
    number=st.sampled_from([None, "EX-1", "#ex-1", "EX-2"]),
    late_since=st.none() | times,
)
holds = st.lists(
    st.builds(new_hold, st.sampled_from(HoldCode), st.just("desk"), times), max_size=3, unique_by=lambda hold: hold.code
)
notices = st.lists(
    st.builds(
        Notice,
        id=st.just("1"),
        kind=st.sampled_from(NoticeKind),
        due_at=times,
        state=st.sampled_from(NoticeState),
    ),
    max_size=2,
)
handovers = st.builds(
    Handover, to=st.sampled_from(["Cy", "desk"]), by=st.just("Ann"), accept_by=times, asked=st.just(1)
)
grants = st.builds(
    Grant,
    id=st.just(1),
    kind=st.sampled_from(GrantKind),
    amount=st.integers(1, 2**31),
    reason=st.just("waited"),
    who=st.just("Ann"),
    at=times,
    incident=st.sampled_from(["standby", NOW.isoformat()]),
    state=st.sampled_from(GrantState),
)
people = st.sampled_from([IRIS, replace(IRIS, email="other@example.org"), replace(IRIS, phone=None), None])
lives = st.lists(
    st.fixed_dictionaries(
        {
            "payment": payments,
            "placement": placements,
            "holds": holds.map(tuple),
            "notices": notices.map(tuple),
            "cancel_asked": st.booleans(),
            "grants": st.lists(grants, max_size=3).map(tuple),
            "owner": st.sampled_from(["", "Ann", "Bo", "desk"]),
            "next_word_by": st.none() | times,
            "handover": st.none() | handovers,
            "callback": st.none() | st.builds(Callback, st.just(1), times),
            "customer": people,
        }
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture
def house(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lives, min_size=1, max_size=3))
def test_indexes_and_due_sets_are_what_a_recount_says(
    redis_server: RedisServer, house: Container, several: list[list[dict[str, Any]]]
) -> None:
    ledger, verification = house.ledger, house.verification()
    redis_server.empty()
    for life in several:
        order = accepted(ledger)
        for changes in life:
            order = ledger.commit(order, _changed(order, changes), [])
    assert_indexes_agree(redis_server.client, ledger)
    assert list(verification.differences(verification.keys())) == []


def _changed(order: Order, changes: dict[str, Any]) -> Order:
    """By a rule of the domain: an intent belongs to one order."""
    new = replace(order, **changes)
    intent = new.payment.intent and f"{new.payment.intent}_{order.ref}"
    return replace(new, payment=replace(new.payment, intent=intent))


def test_a_full_inbox_is_told_in_the_log(ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.ledger.order.ledger.INBOX_ROOM", 1)
    with capture_logs() as logs:
        ledger.keep_unclaimed("evt_1", b"first")
        ledger.keep_unclaimed("evt_2", b"second")
    assert [(line["event"], line["count"]) for line in logs] == [("inbox_full", 1)]
    assert list(ledger.unclaimed()) == ["evt_1"]
