"""Our own side: each check is content with a house in order, and says what is out of order and what to do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from fallback.bootstrap.container import Container
from fallback.doctor import house
from fallback.domain.checkout.journal import JournalSettings, Taken
from fallback.domain.oncall.drill import Drill, DrillOutcome
from fallback.domain.oncall.drill_cart import DrillSettings
from fallback.domain.order.order import Queue
from fallback.domain.storefront import LEGAL_PAGES, Storefront
from fallback.domain.support.accounts import Account, Role
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.readiness import Headroom
from tests.builders import NOW
from tests.doctor.conftest import fails, found, settings
from tests.fakes.drills import FakeDrills
from tests.ledger.world import a_new_order
from tests.web.world import ONCALL_TOKEN, PRIMARY_TOKEN, SHOP

GIGABYTE = 2**30


@pytest.mark.parametrize(
    "name",
    [
        "settings",
        "secrets",
        "redis durability",
        "redis user",
        "redis headroom",
        "redis clock",
        "workers",
        "clock process",
    ],
)
def test_doctor_reports_each_check_of_a_healthy_installation_as_ok(container: Container, name: str) -> None:
    assert found(container, name).ok is True


def test_a_name_that_is_no_setting_is_named(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALLBACK_PAEC", "5")
    assert fails(container, "settings", "FALLBACK_PAEC is not a setting. Did you mean FALLBACK_PACE?")


def test_an_alert_url_that_no_alert_can_go_to_is_named_and_not_shown(container: Container) -> None:
    settings(container, fallback_escalation_urls=("slakc://s3cret/b/c",))
    assert fails(container, "settings", "FALLBACK_ESCALATION_URLS has one that apprise does not know")
    assert "s3cret" not in found(container, "settings").seen


def test_customers_without_tls_are_named(container: Container) -> None:
    settings(container, public_url="http://shop.example")
    assert fails(container, "settings", "not https")


def test_a_sender_that_no_mail_server_takes_is_named(container: Container) -> None:
    settings(container, fallback_mail_from="orders@localhost")
    assert fails(container, "settings", "FALLBACK_MAIL_FROM")


def test_pages_about_the_law_that_are_missing_are_a_warning(container: Container) -> None:
    settings(container, storefront=Storefront(terms_url="https://shop.example/terms"))
    finding = found(container, "legal pages")
    assert finding.ok is True
    assert finding.seen == "FALLBACK_PRIVACY_URL, FALLBACK_RETURNS_URL, FALLBACK_IMPRINT_URL are not set"
    assert finding.advice


def test_pages_about_the_law_that_are_all_there_need_no_advice(container: Container) -> None:
    settings(container, storefront=Storefront(**dict.fromkeys(LEGAL_PAGES, "https://shop.example/law")))
    assert found(container, "legal pages").advice == ""


def test_personal_data_that_is_erased_before_a_withdrawal_ends_is_a_warning(container: Container) -> None:
    container.keep_personal_for = timedelta(days=48)
    finding = found(container, "withdrawals")
    assert finding.ok is True
    assert finding.seen == "personal data is kept for 48 days, and a withdrawal is possible for up to 49"
    assert finding.advice
    container.keep_personal_for = timedelta(days=49)
    assert found(container, "withdrawals").advice == ""


def test_a_shop_without_withdrawals_is_no_fault(container: Container) -> None:
    settings(container, storefront=Storefront(withdrawal_days=0))
    assert found(container, "withdrawals").ok is None


def test_a_secret_that_serves_two_ends_is_named_and_not_shown(container: Container) -> None:
    settings(container, console_token=ONCALL_TOKEN)
    assert fails(container, "secrets", "ONCALL_TOKEN and CONSOLE_TOKEN are the same")
    assert ONCALL_TOKEN not in str(found(container, "secrets"))


@pytest.mark.parametrize(
    ("twice", "names"),
    [
        ({"console_token": PRIMARY_TOKEN}, "CONSOLE_TOKEN and PRIMARY_TOKEN"),
        ({"fallback_shop_token": ONCALL_TOKEN}, "ONCALL_TOKEN and FALLBACK_SHOP_TOKEN"),
    ],
)
def test_a_token_of_the_shop_that_opens_more_is_named_by_its_setting(
    container: Container, twice: dict[str, str], names: str
) -> None:
    settings(container, **twice)
    assert fails(container, "secrets", f"{names} are the same")


def test_a_rotation_that_was_never_finished_is_named(container: Container) -> None:
    settings(container, secret_key=tuple(f"key-{number}-0123456789-abcdefghijklmnop" for number in range(3)))
    assert fails(container, "secrets", "3 keys")


def test_a_redis_that_can_lose_orders_is_named(container: Container) -> None:
    container.readiness.found = ("Redis has appendfsync no: set it to always.",)
    assert fails(container, "redis durability", "appendfsync no")


def test_a_command_that_our_user_of_redis_lacks_is_named(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "refused", lambda _: ["zmscore"])
    assert fails(container, "redis user", "may not call: zmscore")


@pytest.mark.parametrize(
    ("room", "saying"),
    [
        (None, "does not answer"),
        (Headroom(75, 100, None), "75% of"),
        (Headroom(10, 100, GIGABYTE), "1024 MB of disk free"),
    ],
)
def test_a_redis_that_fills_up_is_named_ahead_of_time(
    container: Container, monkeypatch: pytest.MonkeyPatch, room: Headroom | None, saying: str
) -> None:
    monkeypatch.setattr(container.readiness, "headroom", lambda: room)
    assert fails(container, "redis headroom", saying)


@pytest.mark.parametrize(("seconds", "saying"), [(5, "5 s ahead of ours"), (-5, "5 s behind ours")])
def test_a_clock_that_is_off_is_named(container: Container, seconds: int, saying: str) -> None:
    container.heartbeats.redis_now += timedelta(seconds=seconds)
    assert fails(container, "redis clock", saying)


def test_another_machine_whose_clock_is_off_is_named(container: Container) -> None:
    container.heartbeats.machine_is_off("web-1", 312, NOW)
    assert fails(container, "redis clock", "the clock of web-1 is 312 s ahead of Redis'")


def test_a_queue_that_nobody_works_on_is_named(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "workers_by_queue", lambda _: Counter([Queue.PAYMENT]))
    assert fails(container, "workers", "no worker for placement, notice")


def test_a_clock_process_that_is_gone_is_named(container: Container) -> None:
    container.heartbeats.leads = False
    assert fails(container, "clock process", "no clock process")


# --- who looks after orders


def test_doctor_names_agents_without_an_e_mail_address(container: Container) -> None:
    assert found(container, "colleagues").ok is None
    container.people.add(Account("Lea", Role.LEAD, email="lea@shop.example"))
    container.people.add(Account("Gone", Role.AGENT, disabled=True))
    container.people.add(Account("Omar", Role.ONCALL))
    assert found(container, "colleagues").ok is True
    container.people.add(Account("Ann", Role.AGENT))
    assert fails(container, "colleagues", "no e-mail address: Ann")


# --- the last drill


def drilled(container: Container, *drills: Drill) -> None:
    settings(container, drills=DrillSettings(cart={"lines": []}, every_hours=24))
    container.drills = FakeDrills(list(drills))


def a_drill(outcome: DrillOutcome, ago: timedelta, why: str = "") -> Drill:
    return Drill(id="drill-1", began=NOW - ago, who="clock", outcome=outcome, why=why)


def test_a_drill_that_passed_lately_is_fine(container: Container) -> None:
    drilled(container, a_drill(DrillOutcome.PASSED, timedelta(hours=20)))
    assert found(container, "last drill").ok is True


def test_a_drill_that_failed_says_why(container: Container) -> None:
    drilled(container, a_drill(DrillOutcome.FAILED, timedelta(hours=1), "not placed in time"))
    assert fails(container, "last drill", "not placed in time")


def test_a_drill_that_is_long_past_proves_nothing(container: Container) -> None:
    drilled(container, a_drill(DrillOutcome.PASSED, timedelta(hours=49)))
    assert fails(container, "last drill", "passed on 2026-11-19")


def test_before_the_first_drill_nobody_knows(container: Container) -> None:
    assert found(container, "last drill").ok is None
    drilled(container)
    assert found(container, "last drill").ok is None


def test_who_needs_a_second_step_and_has_none_is_named(container: Container) -> None:
    assert found(container, "second step").ok is None
    settings(container, fallback_totp_roles=("admin",))
    for name, role, more in (
        ("Ada", Role.ADMIN, {"totp": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}),
        ("Olu", Role.ADMIN, {"password": None}),
        ("Mara", Role.AGENT, {}),
        ("Ben", Role.ADMIN, {"disabled": True}),
    ):
        container.people.add(Account(name, role, **({"password": "a hash"} | more)))
    assert found(container, "second step").seen == "all 1 accounts with a password that need it have it"
    container.people.add(Account("Jo", Role.ADMIN, "a hash"))
    assert fails(container, "second step", "not set up: Jo")


# --- the journal


@pytest.fixture
def kept(container: Container, tmp_path: Path) -> DiskJournal:
    settings(container, journal=JournalSettings(str(tmp_path)))
    container.journal = DiskJournal(tmp_path, SHOP, Crypto(container.config.secret_key), 256 * 2**20)
    return container.journal


def test_without_a_journal_it_is_said_what_customers_read(container: Container) -> None:
    finding = found(container, "journal")
    assert (finding.ok, "503" in finding.seen) == (None, True)


def test_a_journal_that_waits_for_orders_is_fine(container: Container, kept: DiskJournal) -> None:
    assert found(container, "journal").seen == "0 orders, 0 MB of 256 MB"
    kept.keep(Taken(a_new_order(received_at=NOW), "key", "print"))
    assert found(container, "journal").ok is True


def test_a_directory_that_cannot_be_used_is_named(container: Container, tmp_path: Path) -> None:
    settings(container, journal=JournalSettings(str(tmp_path)))
    container.journal = None
    assert fails(container, "journal", "cannot be used")


def test_orders_that_nobody_replays_are_named(container: Container, kept: DiskJournal) -> None:
    kept.keep(Taken(a_new_order(received_at=NOW - timedelta(hours=1)), "key", "print"))
    assert fails(container, "journal", "1 orders")


def test_what_could_not_be_read_is_named(container: Container, kept: DiskJournal, tmp_path: Path) -> None:
    (tmp_path / "a-0.damaged").write_bytes(b"?")
    assert fails(container, "journal", "1 parts cannot be read")
