"""The tutorial, walked as it is written: its commands in its order, and between them what the customer does."""

from __future__ import annotations

import re

from ops.demo.places import ROOT
from tests.browser.people import GOOD_CARD, PLACED_WITHIN, Colleague, Customer
from tests.browser.whole_demo import WholeDemo
from tests.demo.waiting import eventually

PAGE = (ROOT / "ops/docs/tutorial/first-order.md").read_text()
WORDS = " ".join(PAGE.split())
COMMANDS = re.findall(r"(?m)^    \./ops/bin/demo *(.*)$", PAGE)
EXAMPLE = "FB-7K3M-92QX-5"
SEEN_WITHIN = 30.0  # seconds; three failed looks at the shop, two busy cores


def said(words: str) -> str:
    """What the page promises, word for word."""
    assert words in WORDS
    return words


def test_the_tutorial_is_true(demo: WholeDemo, iris: Customer, anna: Colleague) -> None:
    start, *steps, stop = COMMANDS
    assert (start, stop) == ("", "down")
    left = iter(steps)

    def do(beginning: str, sees: str = "", ref: str = EXAMPLE) -> None:
        command = next(left)
        assert command.startswith(beginning)
        words = command.replace(EXAMPLE, ref).split()
        eventually(lambda: sees in demo.command(*words), within=SEEN_WITHIN)

    iris.put_a_book_in_the_basket()
    do("break shop")
    iris.check_out()
    assert iris.page.url == f"{demo.front}/checkout/"
    ref = iris.orders_with(GOOD_CARD)
    iris.reads(said("We have your order and keep it safe"))
    do("mail", iris.gets_mail("we have received your order").link)
    do("run fallback orders list", f"{ref}  {said('waiting')}")
    do("run fallback mode", said("Recommended: active"))
    anna.finds(iris.email)

    do("heal shop")
    iris.reads(said("The shop has your order"), within=PLACED_WITHIN)
    do("run fallback orders show", said("captured"), ref)
    assert list(left) == []
