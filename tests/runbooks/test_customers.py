"""The runbooks that are about customers who buy meanwhile, or want to be forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fallback.domain.erasing import kept_since
from tests.demo.waiting import eventually
from tests.runbooks.conftest import WITHIN, Night


def test_erase_a_customer(night: Night) -> None:
    email = "ada@example.org"
    page = night.page("erase-a-customer", EMAIL=email)
    night.baskets(1)
    ref = night.buys(email)
    night.gets(ref, "settled")
    eventually(lambda: kept_since(night.order(ref)), within=WITHIN)  # her mails are out
    before, log = night.order(ref), night.place.data("redis")
    sealed = night.container.redis.hget(f"order:{ref}", "who")
    assert ref in page.do("fallback customers show", "over")

    page.do("fallback customers erase", "says nothing of her any more", "Erased:")

    page.do("fallback customers show", "Nothing is known of her.")
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
    shown = night.page("erase-a-customer", EMAIL=email).run('fallback customers erase --email "$EMAIL"', code=1)
    assert ref in shown
    assert night.order(ref).customer


def test_upgrade_under_load(night: Night) -> None:
    page = night.page("upgrade-under-load")
    night.baskets(8)
    page.do("fallback doctor")
    page.do("python -m fallback.config", "The settings can be used.")
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
