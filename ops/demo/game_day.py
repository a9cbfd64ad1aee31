"""A game day: breaks the demo according to a plan, and reports which checks passed and how long they took.

`fallback drill --game-day --state DIR`. Each act begins with a working demo and heals what it broke, whatever the
result. PLAN lists the acts; each act contains its checks.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from ops.demo import lock
from ops.demo.env import place_in
from ops.demo.places import Place
from ops.demo.stage import Check, Stage

Tell = Callable[[str], object]


def the_shop_dies(stage: Stage) -> None:
    stage.breaks("shop")
    stage.holds("The same URL opens a checkout, in the same request.", 10, stage.their_checkout_opens)
    stage.holds("An order is accepted.", 5, stage.the_customer_orders)
    stage.holds("The order is authorized while the shop is down.", 20, stage.is_authorized)
    stage.heals("shop")
    stage.holds("The order is in the shop, read back and captured.", 30, stage.is_settled)
    stage.holds("The order is in the shop once.", 5, stage.is_in_shop_once)


def stripe_fails_at_the_checkout(stage: Stage) -> None:
    stage.breaks("stripe")
    stage.holds("An order is accepted.", 5, stage.the_customer_orders)
    stage.heals("stripe")
    stage.holds("The order is authorized, and the customer was not asked again.", 60, stage.is_authorized)
    stage.holds("The order is in the shop, read back and captured.", 30, stage.is_settled)


def redis_is_killed(stage: Stage) -> None:
    stage.holds("An order is accepted.", 5, stage.the_customer_orders)
    stage.kills("redis")
    stage.holds("The same order, sent again, gets the same response.", 30, stage.the_customer_orders)
    stage.holds("The order is in the shop, read back and captured.", 90, stage.is_settled)
    stage.holds("The order is in the shop once.", 5, stage.is_in_shop_once)


def the_worker_is_killed(stage: Stage) -> None:
    stage.holds("An order is accepted.", 5, stage.the_customer_orders)
    stage.kills("worker")
    stage.holds("The order in flight is in the shop, read back and captured.", 120, stage.is_settled)
    stage.holds("The order is in the shop once.", 5, stage.is_in_shop_once)


def mail_is_away(stage: Stage) -> None:
    stage.breaks("mail")
    stage.holds("An order is accepted.", 5, stage.the_customer_orders)
    stage.holds("The order is in the shop, read back and captured.", 30, stage.is_settled)
    stage.heals("mail")
    stage.holds("The customer gets a mail.", 120, stage.was_written_to)


@dataclass(frozen=True)
class Act:
    """`broken`: what is healed after the act, whatever its result."""

    name: str
    title: str
    play: Callable[[Stage], None]
    broken: str = ""


PLAN = (
    Act("shop", "The shop dies", the_shop_dies, "shop"),
    Act("stripe", "Stripe fails at the checkout", stripe_fails_at_the_checkout, "stripe"),
    Act("redis", "Redis is killed", redis_is_killed),
    Act("worker", "The worker is killed", the_worker_is_killed),
    Act("mail", "Mail is away", mail_is_away, "mail"),
)


def play(state: Path, names: tuple[str, ...], tell: Tell = lambda _: None) -> dict[str, Any]:
    """Returns the report: the checks of each act and their seconds. `names`: the acts to play; empty for all."""
    if unknown := set(names) - {act.name for act in PLAN}:
        acts = ", ".join(act.name for act in PLAN)
        raise click.BadParameter(f"there is no act {', '.join(sorted(unknown))}; there are: {acts}")
    place = place_in(state.resolve())
    if lock.is_free(place):
        raise click.ClickException(f"No demo is running in {place.state}. {place.command()} starts one.")
    played = [_play(act, place, tell) for act in PLAN if not names or act.name in names]
    return {"held": all(each["held"] for each in played), "acts": played}


def _play(act: Act, place: Place, tell: Tell) -> dict[str, Any]:
    tell(act.title)
    stage = Stage(place, lambda check: tell(_line(check)))
    try:
        act.play(stage)
    finally:
        if act.broken and place.broken(act.broken):
            stage.heals(act.broken)
    held = all(check.held for check in stage.checks)
    return {"act": act.name, "title": act.title, "held": held, "checks": [asdict(check) for check in stage.checks]}


def _line(check: Check) -> str:
    return f"  {_mark(check.held)}  {check.seconds:5.1f} of {check.within:3.0f} s  {check.what}"


def table(report: dict[str, Any]) -> str:
    """A line for each act: its checks, and the slowest one."""
    lines = ["", f"{'':4}  {'held':>6}  {'slowest':>9}"]
    for act in report["acts"]:
        checks = act["checks"]
        slowest = max(check["seconds"] for check in checks)
        held = f"{sum(check['held'] for check in checks)}/{len(checks)}"
        lines.append(f"{_mark(act['held'])}  {held:>6}  {slowest:7.1f} s  {act['title']}")
    return "\n".join(lines)


def _mark(held: bool) -> str:
    return "ok  " if held else "FAIL"
