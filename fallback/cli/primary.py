"""`fallback primary check`: does a shop of any kind keep to the contract, and what is to be done where it does not."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import click

from fallback.cli.command import as_json, say
from fallback.config import BadConfig, read_shop
from fallback.domain.order.cart import Delivery, Discount, Line, Slot, Tax

if TYPE_CHECKING:
    from fallback.primaries.check import CheckResult, Sample

LIKE_A_SLOT = "give its start and its end with their offset: 2026-11-23-am 2026-11-23T08:00:00Z 2026-11-23T12:00:00Z."
FAILED, COULD_NOT_RUN = 1, 2
SET_IT_RIGHT = "Correct it in the environment: ops/docs/reference/shops has the settings of each kind."
# Seconds for which the check waits, where the shop limits how often it is called.
LONGEST_LIMIT = 60.0
CLEAR_LINE = "\r\033[K"
MARKS = {True: "passed", False: "FAILED", None: "not tried"}


@click.group()
def primary() -> None:
    """Check the shop's own system, the primary."""


@primary.command()
@click.argument("url", required=False)
@click.option("--token", help="The bearer token of a shop with our contract; PRIMARY_TOKEN by default.")
@click.option("--kind", help="The kind of shop; PRIMARY_KIND by default.")
@click.option("--sku", required=True, help="A product to order for the test; the order is cancelled.")
@click.option("--price", type=int, required=True, help="Its price, in minor units, as all prices here.")
@click.option("--title", default="Test product")
@click.option("--second-sku", help="Another product, to be added to an order.")
@click.option("--second-price", type=int)
@click.option("--discount", type=int, help="The discount on two of the first product and one of the second.")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--added-tax", type=int, help="The tax on one piece and its delivery, where prices do not include it.")
@click.option("--delivery", default="standard", show_default=True, help="The id of a delivery option.")
@click.option("--delivery-price", type=int, default=0)
@click.option(
    "--slot", nargs=3, help="A delivery slot, if the option has slots: id, start and end as in your cart token."
)
@click.option("--other-delivery", help="The id of another delivery option, at another price.")
@click.option("--other-delivery-price", type=int)
@click.option("--other-slot", nargs=3, help="A slot of the other delivery option, if it has slots.")
@click.option("--country", default="DE", show_default=True, help="The country to ship to.")
@click.option("--no-stock", is_flag=True, help="The shop counts no stock, and sells any quantity.")
@click.option("--own-order", help="The number of an order that you made in the shop's own checkout today.")
@click.option("--unpaid-order", help="The number of one that waits there for its payment; it is cancelled.")
@as_json
def check(url: str | None, token: str | None, kind: str | None, as_json: bool, **given: Any) -> None:
    """Check a shop: what fails, and what to do about it.

    URL, --token and --kind stand for PRIMARY_URL, PRIMARY_TOKEN and PRIMARY_KIND; what else a kind of shop needs is
    taken from the environment (ops/docs/reference/shops).

    Exit code 0: no check failed, 1: one failed, 2: nothing was checked, for want of a setting or an option. With --json
    each check is one line, as it ends: name, ok (true, false, null: not tried), detail and advice.
    """
    from fallback.payments.currencies import chargeable
    from fallback.primaries.calls import DEADLINE, Calls
    from fallback.primaries.check import CHECKS, CheckResult, run_checks

    sample = _sample(given)
    asked = {"PRIMARY_URL": url, "PRIMARY_TOKEN": token, "PRIMARY_KIND": kind}
    try:
        shop, settings = read_shop({**os.environ, **{name: value for name, value in asked.items() if value}})
    except BadConfig as error:
        for problem in str(error).splitlines():
            _show(CheckResult("settings", False, problem, SET_IT_RIGHT), as_json)
        sys.exit(COULD_NOT_RUN)
    more = shop.checks(settings, DEADLINE)
    begins = _progress(len(CHECKS) + len(more) + 1)
    # Each check is a look of its own: after five faults a breaker would hide what the next one finds. A rate limit is
    # no fault.
    calls, failed = Calls(failures=sys.maxsize, waits=LONGEST_LIMIT), False
    built = shop.build(settings, calls)
    for result in run_checks(built, sample, chargeable, more, begins):
        _show(result, as_json)
        failed = failed or result.ok is False
    sys.exit(FAILED if failed else 0)


def _show(result: CheckResult, as_json: bool) -> None:
    if sys.stderr.isatty():
        click.echo(CLEAR_LINE, err=True, nl=False)
    say(result, as_json, f"{MARKS[result.ok]:10} {result.name}: {result.detail}")
    if result.advice and not as_json:
        click.echo(f"{'':10} {result.advice}")


def _progress(checks: int) -> Callable[[str], None]:
    """What is being tried now, for a person who watches: a check may take as long as eight slow answers of the shop."""
    number = count(1)

    def begins(name: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"{CLEAR_LINE}{'':10} {next(number)} of {checks}: {name} …", err=True, nl=False)

    return begins


def _sample(given: dict[str, Any]) -> Sample:
    from fallback.primaries.check import Sample

    for thing in ("second_sku", "other_delivery"):
        price = thing.replace("_sku", "") + "_price"
        if given[thing] and given[price] is None:
            option, its_price = (f"--{name.replace('_', '-')}" for name in (thing, price))
            raise click.UsageError(f"{option} needs {its_price}.")
    return Sample(
        line=Line(given["sku"], given["title"], 1, given["price"]),
        delivery=_delivery(given["delivery"], given["delivery_price"], given["slot"]),
        currency=given["currency"],
        country=given["country"],
        tax=Tax(True, 0) if given["added_tax"] is None else Tax(False, given["added_tax"]),
        second_line=given["second_sku"] and Line(given["second_sku"], "Second product", 1, given["second_price"]),
        discount=given["discount"] and Discount("Discount", given["discount"]),
        other_delivery=given["other_delivery"]
        and _delivery(given["other_delivery"], given["other_delivery_price"], given["other_slot"]),
        counts_stock=not given["no_stock"],
        own_order=given["own_order"],
        unpaid_order=given["unpaid_order"],
    )


def _delivery(option: str, price: int, slot: tuple[str, str, str] | None = None) -> Delivery:
    return Delivery(option, option, price, slot and _slot(*slot))


def _slot(id: str, starts: str, ends: str) -> Slot:
    """Raises click.BadParameter. A shop may look at the hours: they are those that it offered."""
    try:
        slot = Slot(id, datetime.fromisoformat(starts), datetime.fromisoformat(ends))
        in_order = slot.starts < slot.ends
    except (ValueError, TypeError):
        raise click.BadParameter(f"slot {id}: {LIKE_A_SLOT}") from None
    if not in_order or slot.starts.tzinfo is None:
        raise click.BadParameter(f"slot {id}: {LIKE_A_SLOT}")
    return slot
