"""`fallback drain` as the on-call engineer uses it, on a real Redis."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from fallback import drain_command
from fallback.ledger import keys
from fallback.ledger.redis_ledger import RedisLedger
from tests.builders import an_order
from tests.cli.test_commands import Fallback, fallback, ledger, logs_as_before
from tests.redis_server import RedisServer

__all__ = ["fallback", "ledger", "logs_as_before"]


def held(ledger: RedisLedger, count: int) -> list[str]:
    orders = [an_order(received_at=datetime.now(UTC)) for _ in range(count)]
    for order in orders:
        ledger.accept(order, order.ref, "print")
    return [order.ref for order in orders]


def test_it_says_how_many_wait_at_which_pace_and_until_when(fallback: Fallback, ledger: RedisLedger) -> None:
    held(ledger, 40)
    fallback("drain", "--pace", "5", "--fixed", "--why", "the shop asked for it", "--who", "Ida")

    said = fallback("drain").output

    assert "going on (mode standby)" in said
    assert "40 due, 0 later" in said
    assert "pace      5 orders a second, at most 5, fixed" in said
    assert "set by    Ida" in said
    assert "over      in 0:00:08" in said


def test_machines_read_it_too(fallback: Fallback, ledger: RedisLedger) -> None:
    held(ledger, 3)
    said = json.loads(fallback("drain", "--json").output)
    assert (said["state"], said["due"], said["rule"]["pace"]) == ("going", 3, 20)


def test_a_pause_keeps_the_pace_and_is_over_with_resume(fallback: Fallback, ledger: RedisLedger) -> None:
    held(ledger, 40)
    fallback("drain", "--pace", "5", "--fixed", "--why", "gently")
    assert "paused" in fallback("drain", "--pause", "--why", "its disk is full", "--who", "Ida").output
    assert "over      in 0:00:08 once it goes on" in fallback("drain").output
    assert "going on" in fallback("drain", "--resume", "--why", "it is well").output
    log = fallback("drain", "--log").output.splitlines()
    assert len(log) == 3
    assert "Ida: 5/s fixed paused, its disk is full" in log[1]


@pytest.mark.parametrize("words", [("--pace", "5"), ("--pace", "0", "--why", "stop"), ("--pause",)])
def test_what_is_out_of_range_or_has_no_reason_changes_nothing(fallback: Fallback, words: tuple[str, ...]) -> None:
    assert fallback("drain", *words).exit_code != 0
    assert json.loads(fallback("drain", "--log", "--json").output) == []


def test_who_watches_reads_a_line_again_and_again_until_nothing_waits(
    fallback: Fallback, ledger: RedisLedger, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = held(ledger, 2)
    monkeypatch.setattr(
        drain_command.time, "sleep", lambda _: redis_server.client.zrem(keys.due("placement"), refs.pop())
    )
    lines = fallback("drain", "--watch").output.splitlines()
    assert [line.split()[2] for line in lines] == ["2", "1", "0"]
