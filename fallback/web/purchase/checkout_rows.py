"""The checkout page's rows besides the cart: delivery options with their totals, and the card field."""

from __future__ import annotations

from dataclasses import dataclass

from fallback.config import Config
from fallback.domain.errors import Refused
from fallback.domain.money import Money
from fallback.domain.order.cart import Cart, DeliveryOption
from fallback.payments.currencies import chargeable, to_stripe
from fallback.web.http.voice import Voice
from fallback.web.purchase.checkout_form import CheckoutForm


@dataclass(frozen=True)
class SlotRow:
    id: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class DeliveryRow:
    """`total` is what the whole order costs with this delivery, `amount` the same in minor units, `charge` in Stripe's.

    `charge` is None if the total cannot be charged: then the delivery cannot be chosen. `addressless`: the goods are
    fetched, or come by e-mail.
    """

    id: str
    title: str
    price: str
    total: str
    amount: int
    charge: int | None
    chosen: bool
    addressless: bool
    slots: list[SlotRow]


@dataclass(frozen=True)
class CardRow:
    """The values for Stripe's card field."""

    script: str
    key: str
    currency: str
    charge: int


def delivery_rows(cart: Cart, fetched: Cart, form: CheckoutForm, voice: Voice) -> list[DeliveryRow]:
    """`cart` has the tax of the place that it goes to, `fetched` the one that holds without an address."""
    priced = ((option, cart if option.needs_address else fetched) for option in cart.delivery)
    return [
        delivery_row(option, Money(at.totals.total, at.currency), (form.delivery, form.slot), voice)
        for option, at in priced
    ]


def delivery_row(
    option: DeliveryOption, goods: Money, chosen_before: tuple[str, str | None], voice: Voice
) -> DeliveryRow:
    """`goods`: the price without delivery. `chosen_before`: the option and its slot."""
    total = Money(goods.amount + option.price, goods.currency)
    chosen_option, chosen_slot = chosen_before
    chosen = option.id == chosen_option
    return DeliveryRow(
        id=option.id,
        title=option.title,
        price=voice.money(option.price, goods.currency) if option.price else voice.say("Free"),
        total=voice.money(total.amount, total.currency),
        amount=total.amount,
        charge=charge_of(total),
        chosen=chosen,
        addressless=not option.needs_address,
        slots=[SlotRow(slot.id, voice.slot(slot), chosen and slot.id == chosen_slot) for slot in option.slots],
    )


def card_row(charge: int | None, currency: str, config: Config) -> CardRow | None:
    """None if nothing is charged."""
    if not charge:
        return None
    return CardRow(config.stripe_js_url, config.stripe_publishable_key, currency.lower(), charge)


def charge_of(total: Money) -> int | None:
    """The amount in Stripe's minor units: 0 if free, None if it cannot be charged."""
    return None if total.amount and chargeable(total) else in_stripe_units(total)


def in_stripe_units(total: Money) -> int | None:
    """None if Stripe cannot charge the exact amount."""
    try:
        return to_stripe(total)
    except Refused:
        return None
