"""The runbooks walked through step by step on one demo: a real shop, a Stripe sandbox, a proxy, customers who buy."""

from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from fallback.domain.order.erasing import kept_since
from fallback.domain.order.lifecycle import Headline, headline
from tests.demo.waiting import eventually
from tests.runbooks.conftest import WITHIN, Night


def test_fail_over(night: Night) -> None:
    page = night.page("fail-over")
    night.baskets(1)
    night.demo.break_("shop")
    page.do("fallback mode", "standby")
    assert page.do("curl -s -o /dev/null") in ("502\n", "503\n", "504\n")
    page.do("curl -s", '"ready":true')
    eventually(lambda: "Recommended: active" in page.again("fallback mode\n"), within=WITHIN)
    page.do("fallback mode active", "active since")

    night.demo.heal("shop")  # who fails a request leads it to us too; now it is the mode that does
    page.do("sleep 2; curl", "/static/fallback/")
    ref = night.buys()
    night.gets(ref, "waiting")
    assert ref in page.do("fallback orders list", "waiting")
    page.do("fallback incident note", "ongoing")
    assert "We store your order safely" in page.run('curl -s "$FALLBACK_SHOP_URL/status"')
    page.is_done()


def test_drain_and_return(night: Night) -> None:
    page = night.page("drain-and-return")
    night.baskets(3)
    night.switches_to("active")
    refs = [night.buys() for _ in range(3)]
    for ref in refs:
        night.gets(ref, "waiting")
    page.do("fallback doctor", "ok         primary: answers")
    [placed] = re.findall(r"(\d+) placed", page.do("fallback drain --dry-run"))
    assert int(placed) >= len(refs)  # whoever bought on the page before may wait as well
    page.do("fallback drain --pace", "at most 5")
    page.do("fallback mode draining", "draining since")
    page.do("fallback drain --watch", "over now")
    for ref in refs:
        order = night.order(ref)
        assert headline(order) is Headline.SETTLED
        assert night.demo.money(ref)["captured"] == order.total.amount
    page.do("fallback drain --pause", "no orders are waiting")
    assert page.do("fallback orders list --headline on_hold") == ""
    page.do("fallback mode standby", "standby since")
    assert page.do("sleep 2; curl", code=1) == "0\n"
    page.do("fallback incident balance", "It balances", "closed")
    page.is_done()


def test_stripe_down(night: Night) -> None:
    page = night.page("stripe-down")
    night.baskets(1)
    night.demo.break_("stripe")
    ref = night.buys()
    page.do("fallback doctor", "FAILED     stripe key")
    page.do("fallback mode")
    assert ref in page.do("fallback orders list --headline received")
    page.do("fallback incident note")

    night.demo.heal("stripe")
    page.do("fallback doctor", "ok         stripe key")
    night.gets(ref, "settled")
    assert ref not in page.again("fallback orders list --headline received")
    assert night.demo.money(ref)["captures"] == 1
    page.is_done()


def test_order_stuck(night: Night) -> None:
    page = night.page("order-stuck", CODE="out_of_stock")
    night.baskets(1)
    stock = "update partner_stockrecord set num_in_stock = ? where partner_sku = 'BK-7'"
    night.shop.sql(stock, 0)
    ref = night.buys()
    page.set(REF=ref)
    night.gets(ref, "on_hold")
    page.do("fallback doctor", "ok         workers", "ok         clock process")
    assert ref in page.do("fallback orders list --headline on_hold")
    page.do("fallback orders show", "hold")

    night.shop.sql(stock, 50)
    assert "on_hold" not in page.do("fallback orders release")
    night.gets(ref, "settled")
    page.do("fallback orders show", "settled")
    page.is_done()


def test_primary_regressed(night: Night, tmp_path: Path) -> None:
    page = night.page("primary-regressed")
    night.baskets(1)
    backup = tmp_path / "backup"
    database = night.place.data("shop") / "shop.sqlite3"
    with closing(sqlite3.connect(database)) as now, closing(sqlite3.connect(backup)) as copy:
        now.backup(copy)
    ref = night.buys()
    night.gets(ref, "settled")
    night.demo.break_("shop")
    for file in database.parent.glob("shop.sqlite3*"):
        file.unlink()
    backup.rename(database)
    night.demo.heal("shop")

    assert ref in page.do("fallback incident audit", "should be in the shop", code=1)
    assert ref in page.do("fallback orders list --hold primary_regressed", "on_hold")
    assert "on_hold" not in page.do("for ref in")
    page.do("fallback incident lift", "Hand-over to the shop resumed.")
    night.gets(ref, "settled")
    page.do("fallback incident audit", "0 are missing.")
    assert night.demo.money(ref)["captures"] == 1
    page.is_done()


def test_drill_failed(night: Night) -> None:
    page = night.page("drill-failed")
    night.demo.break_("shop", "error")
    page.do("fallback drill --log")
    page.do("fallback doctor", "FAILED", code=1)
    night.demo.heal("shop")
    page.do("fallback drill", "passed")
    page.is_done()


def test_erase_a_customer(night: Night) -> None:
    email = "ada@example.org"
    page = night.page("erase-a-customer", EMAIL=email)
    night.baskets(1)
    ref = night.buys(email)
    night.gets(ref, "settled")
    eventually(lambda: kept_since(night.order(ref)), within=WITHIN)  # their mails are out
    before, log = night.order(ref), night.place.data("redis")
    sealed = night.container.redis.hget(f"order:{ref}", "who")
    assert ref in page.do("fallback customers show", "over")

    page.do("fallback customers erase", "has no personal data any more", "Erased:")

    page.do("fallback customers show", "No personal data found.")
    after = night.order(ref)
    assert after.customer is None
    assert (after.lines, after.payment, after.placement) == (before.lines, before.payment, before.placement)
    assert night.demo.money(ref)["captured"] == before.total.amount
    eventually(lambda: not any(sealed in file.read_bytes() for file in log.rglob("*.*of")), within=WITHIN)
    page.is_done()


def test_nobody_is_erased_whose_order_is_open(night: Night) -> None:
    email = "eve@example.org"
    night.baskets(1)
    night.switches_to("active")
    ref = night.buys(email)
    shown = night.page("erase-a-customer", EMAIL=email).run('fallback customers erase --email "$EMAIL"', code=2)
    assert ref in shown
    assert night.order(ref).customer


def test_upgrade_under_load(night: Night) -> None:
    page = night.page("upgrade-under-load")
    night.baskets(8)
    page.do("fallback doctor")
    page.do("fallback settings", "The settings can be used.")
    with ThreadPoolExecutor(2) as customers:
        buying = [customers.submit(night.keeps_trying_to_buy) for _ in range(8)]
        eventually(buying[0].done, within=WITHIN)
        night.stops("worker")
        night.stops("clock")
        night.restarts("web")
        eventually(night.is_ready, within=WITHIN)
        page.do("curl -s", '"ready":true')
        night.starts("worker")
        night.starts("clock")
        bought = [order.result() for order in buying]
    page.do("fallback drain")
    assert len(set(bought)) == 8
    for ref in bought:
        night.gets(ref, "settled")
        assert night.demo.money(ref)["captures"] == 1
        assert len(night.demo.shop_orders(night.order(ref).cart_id)) == 1
    page.do("fallback doctor")
    page.is_done()
