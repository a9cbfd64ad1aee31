"""`fallback cart check`: what is wrong with a cart token, or the cart as the customer will see it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click
import msgspec

from fallback.cli.command import NotDone, as_json, say
from fallback.config import BadConfig, check_names
from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.clock import Clock
from fallback.domain.misread import in_words
from fallback.domain.money import Money
from fallback.domain.order.cart import Cart
from fallback.domain.payment.charging import Chargeable
from fallback.i18n import money, slot
from fallback.ledger.redis.clock import wall
from fallback.payments.currencies import chargeable
from fallback.usecases.checkout.check_cart_token import Checked, check_cart_token

LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Checking:
    """What a check depends on: a shop's developer has these two settings, and no ledger."""

    cart_tokens: CartTokens
    clock: Clock
    chargeable: Chargeable = field(default=chargeable)


@click.group()
def cart() -> None:
    """Check a cart that the shop signed."""


@cart.command()
@click.argument("token", required=False)
@click.option("--keys", envvar="CART_KEYS", required=True, help="The JWK set; CART_KEYS by default.")
@click.option("--shop", envvar="FALLBACK_SHOP", default="shop", help="The shop's name; FALLBACK_SHOP by default.")
@click.option("--at", help="Check it as of this time instead of now: 2026-11-22T18:30, in UTC unless it says.")
@as_json
def check(token: str | None, keys: str, shop: str, at: str | None, as_json: bool) -> None:
    """Say what is wrong with a cart token, or show the cart.

    The token is given as argument or on standard input; the cart is shown as customers see it. It needs no ledger, and
    no other setting than these two. Exit code 0: the token is accepted; 1: it would be refused; 2: it was not checked.
    """
    try:
        tokens = CartTokens(msgspec.json.decode(keys), shop)
    except ValueError as error:
        raise NotDone(f"CART_KEYS: {in_words(error) if isinstance(error, msgspec.DecodeError) else error}.") from None
    try:
        check_names(os.environ)
    except BadConfig as error:
        raise NotDone(str(error)) from None
    given = (token or sys.stdin.read()).strip()
    checked = check_cart_token(Checking(tokens, _clock(at)), given)
    say(checked, as_json, "\n".join(_in_words(checked)))
    sys.exit(bool(checked.problems))


def _clock(at: str | None) -> Clock:
    if at is None:
        return wall
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter("Use 2026-11-22T18:30 or 2026-11-22T18:30+01:00.", param_hint="--at") from None
    return lambda: moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_words(checked: Checked) -> list[str]:
    lines = [f"{fault.code}: {fault.words}" for fault in (*checked.problems, *checked.warnings)]
    return lines if checked.cart is None else [*_rows(checked.cart), *lines]


def _rows(cart: Cart) -> list[str]:
    """The lines, sums and deliveries, as the checkout page shows them."""

    def row(what: str, amount: int) -> str:
        return f"{what:60} {money(Money(amount, cart.currency), LANGUAGE):>16}"

    rows = [f"Cart {cart.cart_id} of {cart.shop}"]
    if cart.customer:
        rows.append(f"Customer {cart.customer.id}, saved addresses: {len(cart.customer.addresses)}")
    for line in cart.lines:
        price = money(Money(line.unit_price, cart.currency), LANGUAGE)
        stock = "" if line.available is None else f" ({line.available} in stock)"
        rows.append(row(f"{line.title}  {line.quantity} × {price}{stock}", line.quantity * line.unit_price))
    rows += [row(each.title, -each.amount) for each in cart.discounts]
    if not cart.tax.included:
        rows.append(row("Tax", cart.tax.amount))
    rows.append(row("Subtotal", cart.totals.total))
    for option in cart.delivery:
        rows.append(row(f"With {option.title}", cart.totals.total + option.price))
        rows += [f"  {slot(each, LANGUAGE)}" for each in option.slots]
    return rows
