"""A grant counts against the limit of its own kind only."""

from __future__ import annotations

from fallback.domain.order.grants import Grant, GrantKind, GrantState, given
from tests.builders import NOW


def a_grant(id: int, kind: GrantKind, amount: int, state: GrantState = GrantState.MADE) -> Grant:
    return Grant(id=id, kind=kind, amount=amount, reason="waited", who="ann", at=NOW, incident="none", state=state)


def test_each_kind_is_counted_by_itself_and_only_what_was_granted() -> None:
    grants = (
        a_grant(1, GrantKind.REFUND, 1000),
        a_grant(2, GrantKind.GOODWILL, 300),
        a_grant(3, GrantKind.GOODWILL, 20, GrantState.GRANTED),
        a_grant(4, GrantKind.GOODWILL, 5000, GrantState.ASKED),
        a_grant(5, GrantKind.REFUND, 7000, GrantState.DECLINED),
        a_grant(6, GrantKind.DIFFERENCE, 90),
    )
    assert {kind: given(grants, kind) for kind in GrantKind} == {"refund": 1000, "goodwill": 320, "difference": 90}
