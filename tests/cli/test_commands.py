"""The `fallback` command as a person runs it: a real Redis, and a shop that serves the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.cli.main import main
from fallback.domain.oncall.alerts import Alert, Memory, Told
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Order
from fallback.domain.order.refs import new_ref
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.ledger.checkout.second_refs import RedisSecondRefs
from fallback.ledger.oncall.outbox import RedisOutbox
from fallback.ledger.order import documents
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW, an_order
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Fallback = Callable[..., Result]


@pytest.fixture
def ledger(redis_server: RedisServer) -> RedisLedger:
    return RedisLedger(redis_server.client, Crypto(a_config().secret_key))


@pytest.fixture
def fallback(redis_server: RedisServer) -> Fallback:
    settings = environment(a_config(redis_url=redis_server.url))
    return lambda *words: CliRunner().invoke(main, list(words), env=settings)


def captured(ledger: RedisLedger, **changes: object) -> Order:
    order = an_order()
    ledger.accept(order, order.ref, "print")
    taken = ledger.load(order.ref)
    return ledger.commit(taken, replace(taken, **changes), []) if changes else taken


def test_the_mode_is_standby_until_somebody_switches_it(fallback: Fallback) -> None:
    assert fallback("mode").output.startswith("standby (never switched)")


def test_a_switch_says_who_and_why(fallback: Fallback) -> None:
    assert fallback("mode", "active", "--reason", "the shop is down", "--who", "Ida").exit_code == 0

    said = json.loads(fallback("mode", "--json").output)

    assert (said["mode"], said["who"], said["reason"]) == ("active", "Ida", "the shop is down")


def test_a_switch_without_a_reason_is_not_made(fallback: Fallback) -> None:
    refused = fallback("mode", "active")

    assert refused.exit_code == 2
    assert "--reason" in refused.output
    assert "standby" in fallback("mode").output


def test_orders_are_listed_newest_first(fallback: Fallback, ledger: RedisLedger) -> None:
    first, second = captured(ledger), captured(ledger)

    listed = [order["ref"] for order in json.loads(fallback("orders", "list", "--json").output)]

    assert listed == [second.ref, first.ref]
    assert fallback("orders", "list").output.splitlines()[0].startswith(second.ref)


def test_orders_are_listed_by_headline(fallback: Fallback, ledger: RedisLedger) -> None:
    captured(ledger)

    assert fallback("orders", "list", "--headline", "settled").output == ""
    assert len(fallback("orders", "list", "--headline", "waiting").output.splitlines()) == 1


def test_orders_are_listed_by_hold_owner_and_incident(fallback: Fallback, ledger: RedisLedger) -> None:
    captured(ledger)
    held = captured(ledger, holds=(new_hold(HoldCode.MISMATCH, "Ann", NOW),))

    def listed(*words: str) -> list[str]:
        return [line.split()[0] for line in fallback("orders", "list", *words).output.splitlines()]

    assert listed("--hold", "mismatch") == listed("--owner", "Ann") == [held.ref]
    nowhere = fallback("orders", "list", "--incident", "2026-01-01-000000")
    assert nowhere.output.startswith("Error: There is no incident '2026-01-01-000000'.")


def test_an_order_is_shown_by_its_ref_as_it_was_read_out(fallback: Fallback, ledger: RedisLedger) -> None:
    order = captured(ledger)

    shown = fallback("orders", "show", order.ref.lower().replace("-", " "))

    assert order.ref in shown.output
    assert "received by customer" in shown.output


def test_a_ref_that_was_promised_for_the_same_purchase_shows_its_order(
    fallback: Fallback, ledger: RedisLedger, redis_server: RedisServer
) -> None:
    order, second = captured(ledger), new_ref()
    RedisSecondRefs(redis_server.client).lead(second, order.ref)
    assert order.ref in fallback("orders", "show", second).output


def test_on_a_screen_a_timeline_the_orders_of_a_customer_and_alerts_are_tables(
    fallback: Fallback, ledger: RedisLedger, redis_server: RedisServer, on_a_screen: None
) -> None:
    order = captured(ledger)
    assert re.search(r"2026-11-21 10:00:00 +received +customer", fallback("orders", "show", order.ref).output)
    found = fallback("customers", "show", "--email", order.customer.email).output
    assert re.search(rf"{order.ref} +open +waiting +2026-11-21 10:00", found)
    told = Told(NOW, NOW, "Orders on hold: 40; the limit is 20.")
    RedisOutbox(redis_server.client).remember(Memory(NOW, {Alert.HOLDS_PILE_UP: told}), [], NOW)
    assert re.search(r"holds_pile_up +2026-11-21 10:00:00 UTC +nobody +Orders on hold: 40", fallback("alerts").output)


def test_an_unknown_order_is_a_plain_sentence(fallback: Fallback) -> None:
    answered = fallback("orders", "show", "FB-0000-0000-0")

    assert (answered.exit_code, answered.output) == (2, "Error: There is no order FB-0000-0000-0.\n")


def test_an_order_on_hold_is_let_go(fallback: Fallback, ledger: RedisLedger) -> None:
    order = captured(ledger, holds=(new_hold(HoldCode.OUT_OF_STOCK, "desk", NOW, "BK-1"),))

    released = fallback("orders", "release", order.ref, "out_of_stock", "--who", "Ida")

    assert released.exit_code == 0
    assert ledger.load(order.ref).holds == ()
    assert ledger.timeline(order.ref)[-1].who == "Ida"


def test_what_nobody_answers_is_not_done(fallback: Fallback, ledger: RedisLedger) -> None:
    """1 would say that it is done, and that orders which cannot be read may be theirs too."""
    asked = fallback("customers", "erase")
    assert (asked.exit_code, asked.stderr.strip()) == (2, "Error: Not done.")


def test_a_hold_that_an_order_does_not_have_is_not_said_to_be_released(fallback: Fallback, ledger: RedisLedger) -> None:
    """A colleague was first, or the wrong code was typed."""
    order = captured(ledger, holds=(new_hold(HoldCode.OUT_OF_STOCK, "desk", NOW, "BK-1"),))
    refused = fallback("orders", "release", order.ref, "mismatch")
    assert refused.exit_code == 2
    assert (
        refused.output
        == f"Error: {order.ref} has no hold mismatch. What it waits for: fallback orders show {order.ref}\n"
    )
    assert ledger.load(order.ref) == order


@pytest.mark.parametrize(
    "words",
    [
        ("report", "--until", "0001-01-03"),
        ("report", "--since", "1999-12-31"),
        ("incident", "audit", "--since", "0001-01-01"),
    ],
)
def test_a_day_before_there_were_orders_is_a_slip(fallback: Fallback, words: tuple[str, ...]) -> None:
    refused = fallback(*words)
    assert refused.exit_code == 2, refused.output
    assert "is before the year 2000." in refused.output


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"FALLBACK_PAEC": "1"}, "Warning: FALLBACK_PAEC is not a setting. Did you mean FALLBACK_PACE?\n"),
        ({"ALERT_URLS": "slakc://a/b/c"}, "Warning: ALERT_URLS has one that apprise does not know"),
    ],
)
def test_what_a_start_ignores_is_a_warning_before_a_release(
    redis_server: RedisServer, wrong: dict[str, str], said: str
) -> None:
    given = environment(a_config(redis_url=redis_server.url)) | wrong
    assert CliRunner().invoke(main, ["mode"], env=given).exit_code == 0
    checked = CliRunner().invoke(main, ["settings"], env=given)
    assert (checked.exit_code, checked.stdout) == (0, "The settings can be used.\n")
    assert checked.stderr.startswith(said)


def test_settings_that_cannot_be_used_are_named_each() -> None:
    refused = CliRunner().invoke(main, ["mode"], env={"SECRET_KEY": "short", "FALLBACK_PAEC": "1"})

    assert refused.exit_code == 2
    assert "Did you mean FALLBACK_PACE?" in refused.output
    assert "REDIS_URL is missing" in refused.output


def test_the_inbox_is_read_with_its_age_and_emptied(fallback: Fallback, ledger: RedisLedger) -> None:
    event = Unclaimed("evt_1", "heard_captured", "FB-7K3M-92QX-5", "pi_1", datetime.now(UTC) - timedelta(days=3))
    ledger.keep_unclaimed(event.id, pack(event))
    assert fallback("inbox", "list").output == "evt_1  FB-7K3M-92QX-5  heard_captured  pi_1  3 d\n"
    [read] = json.loads(fallback("inbox", "list", "--json").output)
    assert (read["ref"], read["intent"]) == ("FB-7K3M-92QX-5", "pi_1")
    assert fallback("inbox", "drop", "evt_1").exit_code == 0
    assert fallback("inbox", "drop", "evt_1").exit_code == 2
    assert fallback("inbox", "list").output == "The inbox is empty.\n"


def test_an_order_that_is_damaged_is_not_to_be_tried_again_but_restored(
    fallback: Fallback, ledger: RedisLedger, redis_server: RedisServer
) -> None:
    order = captured(ledger)
    redis_server.client.hset(keys.order(order.ref), "doc", b"?")

    for words in (("orders", "show", order.ref), ("orders", "release", order.ref, "mismatch")):
        refused = fallback(*words)
        assert refused.exit_code == 2
        assert f"The record of {order.ref} is damaged: fallback ledger verify says how. It cannot be" in refused.output
        assert "(ops/docs/how-to/back-up-and-restore.md#restore-one-order)" in refused.output
        assert "Try again" not in refused.output


def test_a_list_says_which_orders_it_could_not_read(
    fallback: Fallback, ledger: RedisLedger, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as next_release:
        next_release.setattr(documents, "SCHEMA", 2)
        newer = captured(ledger)
    whole, damaged, gone = (captured(ledger) for _ in range(3))
    redis_server.client.hset(keys.order(damaged.ref), "doc", b"?")
    redis_server.client.delete(keys.order(gone.ref))

    with capture_logs():
        listed, in_json = fallback("orders", "list"), fallback("orders", "list", "--json")
    assert [line[: len(whole.ref)] for line in listed.stdout.splitlines()] == [whole.ref]
    assert listed.stderr.splitlines() == [
        *(
            f"{each.ref} is not listed: its record cannot be read (ops/runbooks/orders-damaged.md)."
            for each in (gone, damaged)
        ),
        f"{newer.ref} is not listed: a newer release wrote it (ops/docs/how-to/upgrade.md).",
    ]
    assert [(each["ref"], each.get("unread")) for each in json.loads(in_json.stdout)] == [
        (whole.ref, None),
        (gone.ref, "damaged"),
        (damaged.ref, "damaged"),
        (newer.ref, "newer"),
    ]
    assert (listed.exit_code, in_json.exit_code) == (1, 1)
    assert fallback("orders", "list", "--limit", "1", "--headline", "settled").exit_code == 0


def test_an_order_that_a_newer_release_wrote_is_not_to_be_tried_again_with_this_one(
    fallback: Fallback, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as next_release:
        next_release.setattr(documents, "SCHEMA", 2)
        order = captured(ledger)

    refused = fallback("orders", "show", order.ref).output

    assert "must be replaced. Use the command of the newer release (ops/docs/how-to/upgrade.md)" in refused
    assert "Try again" not in refused
