"""The whole night: the shop dies under load, Stripe fails on top, the shop returns, flaps, and gets every order."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.outage.failover import MACHINE
from fallback.domain.outage.mode import Mode
from ops.demo.env import read_env
from ops.demo.places import ROOT, Place
from tests.browser.whole_demo import WholeDemo, free_base
from tests.crash.books import Books, read_books
from tests.crash.checker import check
from tests.demo.waiting import eventually
from tests.night.customers import PRICE, Answer, Bought, Crowd, Customer, Places
from tests.night.doors import Pager, ShopDoor, most_within
from tests.ports import free_port

SEED = 20_261_122
CUSTOMERS = 4
PACE, RAMP_START, RAMP_STEP = 6.0, 2.0, 0.4
WINDOW = 5.0
# As short as a night can be: a look each second, ten seconds of calm before the way back. So few customers prove an
# outage only together with our own looks, or those who met the shop's last death would keep it away for a minute more.
# A dead shop refuses connections at once; with so much patience one that only has to share its machine is not dead.
SETTINGS = {
    "FALLBACK_FAILOVER": "automatic",
    "FALLBACK_PROBE_SECONDS": "1",
    "FALLBACK_PROBE_PATIENCE": "10",
    "FALLBACK_CALM_SECONDS": "10",
    "FALLBACK_FAILED_CUSTOMERS": "1000",
    "FALLBACK_PACE": str(PACE),
    "FALLBACK_RAMP_START": str(RAMP_START),
    "FALLBACK_RAMP_STEP": str(RAMP_STEP),
}
REPORT = ROOT / "var" / "night.txt"


class Night:
    """The demo with its customers. `steps`: what happened, and how many seconds after the shop's first death."""

    def __init__(self, demo: WholeDemo, pager: Pager, door: ShopDoor) -> None:
        env = read_env(demo.place)
        self.demo = demo
        self.pager = pager
        self.door = door
        self.container = Container(Config.from_env(env))
        self.places = Places(
            front=f"http://127.0.0.1:{demo.place.port('front')}",
            stripe=f"http://127.0.0.1:{demo.place.port('stripe')}",
            stripe_key=env["STRIPE_SECRET_KEY"],
            cart_key=json.loads(env["CART_KEYS"])["keys"][0],
        )
        self.iris = Customer(self.places, "127.0.2.100")
        self.crowd = Crowd(CUSTOMERS, self.places, SEED)
        self.died = 0.0
        self.steps: list[tuple[float, str]] = []

    @property
    def answers(self) -> list[Answer]:
        return [*self.iris.answers, *self.crowd.answers]

    @property
    def bought(self) -> list[Bought]:
        return [*self.iris.bought, *self.crowd.bought]

    def note(self, what: str, at: float | None = None) -> None:
        self.steps.append(((at or time.monotonic()) - self.died, what))

    def mode(self) -> Mode:
        return self.container.modes.read().mode

    def until(self, mode: Mode, within: float) -> None:
        eventually(lambda: self.mode() is mode, within=within)
        self.note(f"mode {mode}, by itself")

    def sees_the_shop(self, well: bool) -> None:
        """Until our last look says so."""
        eventually(lambda: self._last_look_came() is well, within=30)

    def _last_look_came(self) -> bool | None:
        observation = self.container.observations.read()
        return observation.evidence.looks[-1].page if observation else None

    def ask(self, path: str) -> requests.Response:
        return requests.get(self.places.front + path, timeout=20)

    def fallback(self, *words: str) -> Any:
        return json.loads(self.demo.run("fallback", *words, "--json"))

    def report(self) -> None:
        """Also of a night that went wrong."""
        lines = [f"{after:7.1f} s  {what}" for after, what in sorted(self.steps)]
        print("\nSeconds after the shop's death", *lines, sep="\n")  # noqa: T201 - what the night was like
        seconds = Counter((int(answer.at - self.died), answer.status) for answer in self.answers)
        lines += [f"{second:5} s  {status}: {many}" for (second, status), many in sorted(seconds.items())]
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text("\n".join(lines) + "\n")

    def close(self) -> None:
        self.report()
        self.crowd.go_home()
        self.container.redis.close()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    base, port = free_base(), free_port()
    with ExitStack() as after:
        pager = after.enter_context(closing(Pager()))
        door = after.enter_context(closing(ShopDoor(port, Place(tmp_path, base).port("shop"))))
        beside = {"ALERT_URLS": pager.url, "PRIMARY_URL": f"http://127.0.0.1:{port}"}
        demo = WholeDemo(tmp_path / "demo", base, **SETTINGS, **beside)
        after.callback(demo.down)
        yield after.enter_context(closing(Night(demo, pager, door)))


def test_the_whole_night(night: Night) -> None:
    the_evening(night)
    the_shop_dies(night)
    on_call_and_customers_are_told(night)
    stripe_fails_on_top(night)
    the_shop_returns_and_flaps(night)
    orders_are_handed_over(night)
    everything_ends(night)
    no_customer_was_failed(night)
    the_pace_was_kept(night)
    the_books_agree(night)


def the_evening(night: Night) -> None:
    """Everybody buys in the shop. Iris has a book in their basket."""
    eventually(lambda: night.container.observations.read(), within=30)
    night.sees_the_shop(well=True)
    night.iris.put_a_book_in_their_basket()
    eventually(lambda: len(night.crowd.answers) >= 10 * CUSTOMERS, within=60)
    assert not night.iris.check_out("iris@example.org"), "the shop is well, and its checkout should be its own"
    assert night.ask("/v1/status").json()["status"] == "usual"
    assert (night.mode(), night.crowd.bought, night.pager.pages) == (Mode.STANDBY, [], [])


def the_shop_dies(night: Night) -> None:
    """The same request that the shop fails is answered by us, and ends in an order."""
    night.died = time.monotonic()
    night.demo.break_("shop")
    night.note("the shop is dead")
    assert night.iris.check_out("iris@example.org"), "the customer found no checkout"
    first = min(night.bought).at
    night.note("first order captured", first)
    assert first - night.died < 10


def on_call_and_customers_are_told(night: Night) -> None:
    night.until(Mode.ACTIVE, within=20)
    assert night.ask("/v1/status").json()["status"] == "helping"
    assert "You can order here" in night.ask("/status").text
    night.note("/status and /v1/status say so")
    page = eventually(lambda: night.pager.page("The mode is active"), within=20)
    night.note("alert received", page.at)
    assert f"by {MACHINE}" in page.text
    assert "fail-over" in page.text


def stripe_fails_on_top(night: Night) -> None:
    """Who cannot enter a card orders all the same, and pays later."""
    night.demo.break_("stripe")
    night.note("Stripe is dead too")
    before = len(night.crowd.bought)
    eventually(lambda: len(night.crowd.bought) >= before + 4 * CUSTOMERS, within=60)
    taken = night.crowd.bought
    night.demo.heal("stripe")
    night.note(f"Stripe is back; orders taken without it: {len(taken) - before}")
    assert any(not order.paid for order in taken)


def the_shop_returns_and_flaps(night: Night) -> None:
    """The mode does not follow it until it has been well for a while."""
    for which in ("first", "second"):
        night.demo.heal("shop")
        night.sees_the_shop(well=True)
        night.note(f"the shop is back, for the {which} time")
        night.demo.break_("shop")
        night.sees_the_shop(well=False)
        night.note("and dead again")
    night.demo.heal("shop")
    night.note("the shop is back for good")
    assert night.mode() is Mode.ACTIVE
    assert not night.door.came(), "nothing is handed over before its time"


def orders_are_handed_over(night: Night) -> None:
    night.crowd.grow_tired()
    night.until(Mode.DRAINING, within=60)
    assert night.ask("/v1/status").json()["status"] == "catching_up"
    eventually(lambda: night.door.came(), within=20, every=0.02)
    night.note("first order at the shop", night.door.came()[0])
    eventually(lambda: all_settled(night), within=180, every=0.25)
    night.note("last order at the shop", night.door.came()[-1])
    night.note("every order is settled")


def all_settled(night: Night) -> bool:
    refs = [order.ref for order in night.bought]
    return all(headline(order) is Headline.SETTLED for order in night.container.ledger.load_many(refs))


def everything_ends(night: Night) -> None:
    night.until(Mode.STANDBY, within=120)
    assert night.ask("/v1/status").json()["status"] == "usual"
    for mode in (Mode.DRAINING, Mode.STANDBY):
        eventually(lambda mode=mode: night.pager.page(f"The mode is {mode}"), within=20)
    # Newest first; before that the shop served, and nobody had switched.
    switches = [state.mode for state in night.container.modes.log() if state.who == MACHINE]
    assert switches == [Mode.STANDBY, Mode.DRAINING, Mode.ACTIVE]


def no_customer_was_failed(night: Night) -> None:
    night.crowd.go_home()
    failed = [answer for answer in night.answers if answer.failed]
    later = [answer for answer in failed if not night.died <= answer.at <= night.died + 1]
    night.note(f"of {len(night.answers)} requests failed in the first second {len(failed)}, later {len(later)}")
    assert later == []


def the_pace_was_kept(night: Night) -> None:
    """As the shop saw it: at most 5 % above the pace in any five seconds, and slow at first."""
    came = night.door.came()
    began = [at for at in came if at < came[0] + 2]
    busiest = most_within(WINDOW, came)
    night.note(
        f"pace {PACE:g}/s; orders at the shop in the first 2 s: {len(began)}, in the busiest 5 s: {busiest}", came[0]
    )
    assert len(came) == len(night.bought)
    assert busiest <= PACE * WINDOW * 1.05
    assert len(began) <= 0.75 * PACE * 2
    assert busiest > RAMP_START * WINDOW, "it never became faster"


def the_books_agree(night: Night) -> None:
    """Ours, Stripe's and the shop's, to the cent; and with what the customers were told."""
    orders = {order.ref for order in night.bought}
    books = read_books(night.container, night.demo.place.mail)
    assert check(orders, books) == []
    sheet = night.fallback("incident", "balance")
    night.note(f"it balances: {sheet['captured']['orders']} orders, {sheet['taken']['EUR'] / 100:.2f} EUR")
    total = len(orders) * PRICE
    assert sheet["captured"] == sheet["fates"]["settled"] == {"orders": len(orders), "amounts": {"EUR": total}}
    assert (sheet["taken"], sheet["differences"], sheet["unasked"]) == ({"EUR": total}, [], {})
    assert at_stripe(books) == in_the_shop(books) == total
    night.demo.run("fallback", "incident", "close", "--who", "Olga")
    night.note("the incident is closed")


def at_stripe(books: Books) -> int:
    return sum(money.captured - money.refunded for money in books.money.values())


def in_the_shop(books: Books) -> int:
    return sum(order.total for order in books.shop if order.ref and order.status != "cancelled")
