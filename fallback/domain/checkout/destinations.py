"""Where an order goes: which delivery options there are, and the tax that the shop signed for the place."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.checkout.address_formats import format_of
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import Cart, Destination, country_of, covers

NO_DELIVERY_THERE = "The shop does not deliver this cart to this place."


def place_of(country: str | None, region: str | None) -> str:
    """'DE', or 'US-IL' (ISO 3166-2) where we know the region's code; empty if there is no address."""
    there = format_of(country or "")
    code = next((each.iso for each in there.regions if each.code == region), "") if there else ""
    return f"{country}-{code}" if code else country or ""


def bound_for(cart: Cart, option_id: str, place: str) -> tuple[Cart, tuple[str, ...]]:
    """The cart as it is for this place, and for which places its tax was signed. Raises Invalid.

    `place`: from `place_of`, empty if the order has no address.
    """
    option = next((each for each in cart.delivery if each.id == option_id), None)
    if option is None or not option.needs_address:
        return cart, ()
    if not place:
        raise Invalid("shipping_address", "address_missing", "This delivery option needs an address.")
    goes = [each for each in cart.delivery if each.needs_address and covers(each.countries, place)]
    taxed = _taxed(cart, place)
    if not goes or (cart.destinations and taxed is None):
        raise Invalid("shipping_address.country", "no_delivery_there", NO_DELIVERY_THERE)
    if option not in goes:
        raise Invalid("delivery.id", "not_delivered_there", "This delivery option does not go to this country.")
    return seen_from(cart, place), _at_the_same_tax(cart, taxed, place) if taxed else ()


def seen_from(cart: Cart, place: str) -> Cart:
    """The cart as a customer at this place sees it. It may have no delivery options. `place`: empty if unknown."""
    if not place:
        return cart
    taxed = _taxed(cart, place)
    goes_there = not cart.destinations or taxed is not None
    options = (
        option
        for option in cart.delivery
        if not option.needs_address or (goes_there and covers(option.countries, place))
    )
    return structs.replace(_with(cart, taxed), delivery=tuple(options))


def countries_of(cart: Cart) -> frozenset[str] | None:
    """Those that the cart goes to; None: any."""
    goes = [each.countries for each in cart.delivery if each.needs_address]
    found = None if any(not each for each in goes) else {country_of(place) for each in goes for place in each}
    signed = {country_of(place) for each in cart.destinations for place in each.countries}
    if found is None or not signed:
        return frozenset(found or signed) or None
    return frozenset(found & signed)


def _taxed(cart: Cart, place: str) -> Destination | None:
    """What was signed for a part of a country goes before what was signed for all of it."""
    for wanted in (place, country_of(place)):
        for destination in cart.destinations:
            if wanted in destination.countries:
                return destination
    return None


def _with(cart: Cart, taxed: Destination | None) -> Cart:
    return structs.replace(cart, tax=taxed.tax, totals=taxed.totals) if taxed else cart


def _at_the_same_tax(cart: Cart, taxed: Destination, place: str) -> tuple[str, ...]:
    """Of a country of which parts were signed separately, only this part: in the others the tax may be another one."""
    others = (each for destination in cart.destinations if destination is not taxed for each in destination.countries)
    in_parts = {country_of(each) for each in others if "-" in each}
    places = tuple(each for each in taxed.countries if each not in in_parts)
    return places if place in places or country_of(place) in places else (*places, place)
