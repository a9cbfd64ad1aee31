"""An upgrade from an earlier release and back, with orders that wait in Redis: both read what the other wrote.

Without UPGRADE_FROM=<commit> there is only one release, and nothing to walk through.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fallback.cli.ledger import AGREES
from tests.demo.waiting import eventually
from tests.runbooks.conftest import WITHIN, Night
from tests.runbooks.earlier_release import EarlierRelease

FROM = os.environ.get("UPGRADE_FROM", "")
WORKING = ("worker", "clock")

pytestmark = pytest.mark.skipif(not FROM, reason="UPGRADE_FROM names no commit")


@pytest.fixture
def earlier(night: Night, tmp_path: Path) -> Iterator[EarlierRelease]:
    release = EarlierRelease(FROM, tmp_path, night.settings)
    yield release
    release.end()
    night.starts("web")


def is_shown(night: Night, ref: str) -> bool:
    page = requests.get(night.container.links.order(ref), timeout=20)
    return page.status_code == 200 and ref in page.text


def verified(night: Night) -> None:
    night.page("upgrade-under-load").run("fallback ledger verify --repair")
    assert AGREES in night.page("upgrade-under-load").run("fallback ledger verify")


def test_forward_and_back_with_orders_that_wait(night: Night, earlier: EarlierRelease) -> None:
    night.baskets(12)
    night.switches_to("active")
    waiting: list[str] = []

    def buys(number: int) -> None:
        waiting.extend(night.buys() for _ in range(number))

    def all_are_paid_and_shown() -> None:
        for ref in waiting:
            night.gets(ref, "waiting")
            assert is_shown(night, ref)

    def of_today_stops(*names: str) -> None:
        for name in names:
            night.stops(name)

    def of_today_starts(*names: str) -> None:
        for name in names:
            night.starts(name)

    buys(2)
    all_are_paid_and_shown()  # by today's release: the earlier one finds its orders
    of_today_stops(*WORKING, "web")
    earlier.starts("web", *WORKING)
    eventually(night.is_ready, within=WITHIN)
    buys(3)
    all_are_paid_and_shown()
    verified(night)

    # Forward, as the runbook says; for a while the old web serves beside the new worker.
    earlier.stops(*WORKING)
    buys(2)
    of_today_starts(*WORKING)
    buys(1)
    all_are_paid_and_shown()
    earlier.stops("web")
    of_today_starts("web")
    eventually(night.is_ready, within=WITHIN)
    buys(2)
    all_are_paid_and_shown()
    verified(night)

    # Back: the earlier release hands over what both of them took.
    of_today_stops(*WORKING, "web")
    earlier.starts("web", *WORKING)
    eventually(night.is_ready, within=WITHIN)
    buys(1)
    all_are_paid_and_shown()
    night.switches_to("draining")
    night.gets(waiting[0], "settled")

    # And forward again, in the middle of the drain.
    earlier.stops("web", *WORKING)
    of_today_starts("web", *WORKING)
    eventually(night.is_ready, within=WITHIN)
    buys(1)
    for ref in waiting:
        night.gets(ref, "settled")
        assert night.demo.money(ref)["captures"] == 1
        assert len(night.demo.shop_orders(night.order(ref).cart_id)) == 1
    assert AGREES in night.page("upgrade-under-load").run("fallback ledger verify")
