"""What stays in the journal though Redis takes orders: no other order is looked for there because of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.bootstrap.journal import tend
from fallback.domain.checkout.journal import CancelAsked
from tests.builders import NOW
from tests.ledger.journal.replaying import Machine, closed, orders, replayed


def replaying_fails(built: Container, monkeypatch: pytest.MonkeyPatch, ref: str) -> None:
    accept = built.ledger.accept

    def fails(order: Any, *arguments: Any) -> Any:
        if order.ref == ref:
            raise AssertionError("a bug")
        return accept(order, *arguments)

    monkeypatch.setattr(built.ledger, "accept", fails)


def test_an_order_that_fails_by_a_bug_is_named_and_makes_no_other_order_look_in_the_journal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, built = machine(), machine(there=True)
    ref = orders(away, "bad", cart_id="bad").ref
    orders(away, "good", cart_id="good")
    closed(away)
    with monkeypatch.context() as patch:
        replaying_fails(built, patch, ref)
        assert built.journal
        built.journal.look()
        assert built.journal.holds
        tend(built)
        tend(built)
    assert not built.journal.holds
    assert built.journal.of_ref(ref)
    [sign] = built.heartbeats.journals(NOW).values()
    assert sign.oldest == NOW
    again = orders(built, "bad", cart_id="bad").ref  # it may be the one that becomes an order
    built = replayed(machine, built)
    assert built.second_refs.first_of(ref) == again


def test_an_order_that_waits_for_one_that_fails_makes_no_other_order_look_in_the_journal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cancellation stays in a segment with an order that Redis has."""
    away, asks, built = machine(), machine(), machine(there=True)
    ref = orders(away, "bad", cart_id="bad").ref
    orders(asks, "good", cart_id="good")
    assert asks.journal
    assert built.journal
    asks.journal.keep(CancelAsked(ref, NOW))
    closed(away)
    closed(asks)
    replaying_fails(built, monkeypatch, ref)
    tend(built)
    tend(built)
    assert built.journal.state().entries == 3
    assert not built.journal.holds


def test_a_segment_that_cannot_be_removed_makes_no_other_order_look_in_the_journal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away, built = machine(), machine(there=True)
    orders(away)
    closed(away)
    assert built.journal
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(Path, "unlink", read_only)
        tend(built)
        tend(built)
    [told] = [line for line in logs if line["event"] == "journal_segment_not_done"]  # it is not tried again at once
    assert (told["reason"], type(told["exc_info"])) == (next(tmp_path.glob("journal/*.segment")).name, OSError)
    assert built.journal.state().entries == 1
    assert not built.journal.holds


def read_only(*_: Any, **__: Any) -> None:
    raise OSError(30, "Read-only file system")
