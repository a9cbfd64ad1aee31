"""The cart as the primary signed it: lines, discounts, tax, delivery options, totals.

All amounts are integers in minor units of the cart's currency. The shop's arithmetic is checked, never repeated: a cart
whose totals do not add up is refused, because one of the two figures would be charged in error.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from fallback.domain.errors import Invalid
from fallback.domain.order.signed_in import SignedIn

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Amount = Annotated[int, Meta(ge=0, le=99_999_999_999)]
Quantity = Annotated[int, Meta(ge=1, le=9_999)]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", max_length=3)]
Moment = Annotated[datetime, Meta(tz=True)]
# A country (ISO 3166-1), or a part of one (ISO 3166-2): 'DE', 'US-IL'.
Place = Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$(?!\n)")]


# Limits the memory that a waiting order takes: about 90 bytes for each option or slot.
MOST_OPTIONS = 5
MOST_SLOTS = 12
MOST_LINES = 500
MOST_DELIVERIES = 20
# Of an option with more countries an order keeps its own.
MOST_COUNTRIES = 30


Asked = Literal["company", "vat_id", "billing_address"]


class Line(Struct, frozen=True, omit_defaults=True):
    """`available`: the pieces that the shop had in stock when it signed; None: it does not say, or never runs out."""

    sku: Text
    title: Text
    quantity: Quantity
    unit_price: Amount
    picture: Annotated[str, Meta(max_length=500)] | None = None
    available: Annotated[int, Meta(ge=0, le=9_999_999)] | None = None


class Discount(Struct, frozen=True):
    """`amount` is positive and is subtracted from the goods."""

    title: Text
    amount: Amount


class Tax(Struct, frozen=True):
    """`included` in the prices, or added on top of them."""

    included: bool
    amount: Amount


class Slot(Struct, frozen=True):
    """A delivery window. Pages show it in the local time of its own zone (i18n.slot)."""

    id: Text
    starts: Moment
    ends: Moment


class DeliveryOption(Struct, frozen=True, omit_defaults=True):
    """`countries`: where it delivers to; empty: everywhere. `needs_address`: False to fetch the goods, or for files."""

    id: Text
    title: Text
    price: Amount
    slots: tuple[Slot, ...] = ()
    countries: Annotated[tuple[Place, ...], Meta(max_length=300)] = ()
    needs_address: bool = True


class Delivery(Struct, frozen=True, omit_defaults=True):
    """The option that the customer chose, and the slot if the option has any."""

    id: str
    title: str
    price: int
    slot: Slot | None = None


class Totals(Struct, frozen=True):
    goods: Amount
    discount: Amount
    tax: Amount
    total: Amount


class Destination(Struct, frozen=True):
    """What the cart costs in these places."""

    countries: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=300)]
    tax: Tax
    totals: Totals


class Cart(Struct, frozen=True):
    """The content of a cart token whose signature, audience and times were verified.

    `shop` is the token's issuer. `totals.total` does not contain the delivery, which the customer chooses here.
    `destinations`: if there are any, the cart goes to these places only, at their tax; `tax` and `totals` hold until
    the place is known, and where no address is needed. `asks_for`: what its page asks besides. `customer`: who was
    signed in to the shop. `drill`: we signed it ourselves, to test the whole order pipeline without a customer.
    `expired`: the token is past its `exp`, and is taken because it was valid when the present incident began.
    """

    shop: str
    cart_id: str
    currency: str
    lines: tuple[Line, ...]
    tax: Tax
    delivery: tuple[DeliveryOption, ...]
    totals: Totals
    discounts: tuple[Discount, ...] = ()
    destinations: tuple[Destination, ...] = ()
    asks_for: tuple[Asked, ...] = ()
    customer: SignedIn | None = None
    drill: bool = False
    expired: bool = False

    def choose(self, option_id: str, slot_id: str | None) -> Delivery:
        """The delivery that the customer chose. Raises Invalid, which names what is missing or not on offer."""
        return choose(self.delivery, option_id, slot_id)


def choose(options: tuple[DeliveryOption, ...], option_id: str, slot_id: str | None) -> Delivery:
    """The chosen one of these options. Raises Invalid, which names what is missing or not on offer."""
    option = next((option for option in options if option.id == option_id), None)
    if option is None:
        raise Invalid("delivery.id", "unknown_delivery", "Choose one of the delivery options of this cart.")
    slot = next((slot for slot in option.slots if slot.id == slot_id), None)
    if slot is None and (option.slots or slot_id is not None):
        raise Invalid("delivery.slot", "unknown_slot", "Choose one of the delivery times on offer.")
    return Delivery(option.id, option.title, option.price, slot)


def offered(cart: Cart, place: str) -> tuple[DeliveryOption, ...]:
    """The delivery options that an order keeps for later changes, each with its first slots only.

    `place`: where the order goes; empty: nowhere. Those that would change its tax are not kept.
    """
    options = [option for option in cart.delivery if _stays_possible(option, cart, place)][:MOST_OPTIONS]
    return tuple(
        structs.replace(
            option,
            slots=option.slots[: MOST_SLOTS // len(options)],
            countries=option.countries if len(option.countries) <= MOST_COUNTRIES else (place,),
        )
        for option in options
    )


def _stays_possible(option: DeliveryOption, cart: Cart, place: str) -> bool:
    if option.needs_address:
        return bool(place) and covers(option.countries, place)
    return not (cart.destinations and place)


def covers(places: tuple[str, ...], place: str) -> bool:
    """`places`: of an option or a destination; none: everywhere."""
    return not places or place in places or country_of(place) in places


def country_of(place: str) -> str:
    return place.partition("-")[0]


def check_totals(cart: Cart) -> None:
    """Raise Invalid unless lines, discounts and tax add up to the totals, and no discount exceeds the goods."""
    goods = sum(line.quantity * line.unit_price for line in cart.lines)
    discount = sum(discount.amount for discount in cart.discounts)
    signed = [(cart.tax, cart.totals), *((each.tax, each.totals) for each in cart.destinations)]
    for tax, totals in signed:
        added_tax = 0 if tax.included else tax.amount
        if discount > goods or totals != Totals(goods, discount, tax.amount, goods - discount + added_tax):
            raise Invalid("cart_token", "totals_do_not_add_up", "The prices in this cart do not add up.")
