"""Where a cart goes: options and tax by place."""

from __future__ import annotations

import pytest
from msgspec import structs

from fallback.domain.checkout.destinations import NO_DELIVERY_THERE, bound_for, countries_of, place_of, seen_from
from fallback.domain.order.cart import (
    MOST_COUNTRIES,
    Cart,
    DeliveryOption,
    Destination,
    Line,
    Tax,
    Totals,
    covers,
    offered,
)
from tests.refusals import refused

HOME = DeliveryOption("home", "Home", 495, countries=("DE", "AT"))
ABROAD = DeliveryOption("abroad", "Abroad", 1990, countries=("CH", "US"))
FETCHED = DeliveryOption("fetched", "Fetched", 0, needs_address=False)
EVERYWHERE = DeliveryOption("everywhere", "Everywhere", 0)
DE = Destination(("DE", "AT"), Tax(True, 160), Totals(1000, 0, 160, 1000))
CHICAGO = Destination(("US-IL",), Tax(False, 63), Totals(1000, 0, 63, 1063))
US = Destination(("US",), Tax(False, 0), Totals(1000, 0, 0, 1000))


def a_cart(*options: DeliveryOption, destinations: tuple[Destination, ...] = ()) -> Cart:
    line = Line("BK-1", "A book", 1, 1000)
    return Cart(
        shop="shop",
        cart_id="basket-1",
        currency="EUR",
        lines=(line,),
        tax=Tax(True, 160),
        delivery=options,
        totals=Totals(1000, 0, 160, 1000),
        destinations=destinations,
    )


def test_a_place_is_a_country_or_the_part_of_it_that_iso_has_a_code_for() -> None:
    assert place_of("DE", None) == "DE"
    assert place_of("US", "IL") == "US-IL"
    assert place_of("AE", "Dubai") == "AE-DU"
    assert place_of("GB", "Yorkshire") == "GB"
    assert place_of("ES", "M") == "ES-M"
    assert place_of(None, None) == ""


@pytest.mark.parametrize(
    ("option", "place", "total", "taxed_for"),
    [("home", "DE", 1000, ("DE", "AT")), ("abroad", "US-IL", 1063, ("US-IL",)), ("abroad", "US-CA", 1000, ("US-CA",))],
)
def test_the_tax_of_the_place_is_the_one_that_counts(
    option: str, place: str, total: int, taxed_for: tuple[str, ...]
) -> None:
    cart, places = bound_for(a_cart(HOME, ABROAD, destinations=(DE, US, CHICAGO)), option, place)
    assert (cart.totals.total, places) == (total, taxed_for)
    assert cart.tax.amount == cart.totals.tax
    assert cart.tax.included is (place == "DE")
    assert seen_from(a_cart(HOME, ABROAD, destinations=(DE, US, CHICAGO)), place) == cart


def test_the_tax_of_a_country_is_that_of_all_its_parts_if_none_was_signed_for_itself() -> None:
    for place in ("US", "US-CA", "US-NY"):
        _, places = bound_for(a_cart(EVERYWHERE, destinations=(DE, US)), "everywhere", place)
        assert places == ("US",)


def test_the_tax_of_a_country_is_not_that_of_its_part_with_another_tax() -> None:
    both = structs.replace(US, countries=("US", "CA"))
    _, places = bound_for(a_cart(EVERYWHERE, destinations=(both, CHICAGO)), "everywhere", "US-CA")
    assert [covers(places, place) for place in ("US-CA", "CA", "US-IL", "US-NY")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("option", "place", "field", "code", "detail"),
    [
        ("home", "US", "delivery.id", "not_delivered_there", "This delivery option does not go to this country."),
        ("home", "FR", "shipping_address.country", "no_delivery_there", NO_DELIVERY_THERE),
        ("abroad", "CH", "shipping_address.country", "no_delivery_there", NO_DELIVERY_THERE),  # no tax was signed
        ("home", "", "shipping_address", "address_missing", "This delivery option needs an address."),
    ],
)
def test_what_the_shop_did_not_sign_is_refused_by_the_name_of_the_field(
    option: str, place: str, field: str, code: str, detail: str
) -> None:
    with refused(field, code, detail):
        bound_for(a_cart(HOME, ABROAD, FETCHED, destinations=(DE, US)), option, place)


def test_without_destinations_one_tax_holds_everywhere() -> None:
    cart = a_cart(EVERYWHERE)
    assert bound_for(cart, "everywhere", "FR") == (cart, ())
    assert countries_of(cart) is None


def test_what_is_fetched_needs_no_address_and_has_the_tax_of_the_shop() -> None:
    cart = a_cart(HOME, FETCHED, destinations=(DE,))
    assert bound_for(cart, "fetched", "") == (cart, ())


def test_an_option_that_the_cart_does_not_have_changes_nothing() -> None:
    """It is refused where the delivery is chosen (Cart.choose)."""
    cart = a_cart(HOME, destinations=(DE,))
    assert bound_for(cart, "balloon", "DE") == (cart, ())


def test_a_cart_goes_to_a_country_if_it_goes_to_a_part_of_it() -> None:
    parts = structs.replace(ABROAD, countries=("CH", "US-IL"))
    assert countries_of(a_cart(parts)) == {"CH", "US"}
    assert countries_of(a_cart(parts, destinations=(CHICAGO,))) == {"US"}
    assert countries_of(a_cart(EVERYWHERE, destinations=(CHICAGO,))) == {"US"}


def test_a_page_offers_what_goes_there() -> None:
    cart = a_cart(HOME, ABROAD, FETCHED, destinations=(DE, US))
    assert [each.id for each in seen_from(cart, "").delivery] == ["home", "abroad", "fetched"]
    assert [each.id for each in seen_from(cart, "DE").delivery] == ["home", "fetched"]
    assert [each.id for each in seen_from(cart, "CH").delivery] == ["fetched"]
    assert countries_of(cart) == {"DE", "AT", "US"}
    assert countries_of(a_cart(HOME, FETCHED)) == {"DE", "AT"}
    assert countries_of(a_cart(EVERYWHERE, destinations=(US,))) == {"US"}


def test_an_order_keeps_the_options_that_stay_possible() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    many = structs.replace(HOME, countries=tuple(f"{first}{letter}" for first in "AB" for letter in letters))
    assert offered(a_cart(HOME, ABROAD), "DE") == (HOME,)
    assert offered(a_cart(HOME, FETCHED), "DE") == (HOME, FETCHED)
    assert offered(a_cart(HOME, FETCHED, destinations=(DE,)), "DE") == (HOME,)
    assert offered(a_cart(HOME, FETCHED), "") == (FETCHED,)
    assert offered(a_cart(many), "AT")[0].countries == ("AT",)
    as_many_as_are_kept = structs.replace(HOME, countries=many.countries[:MOST_COUNTRIES])
    assert offered(a_cart(as_many_as_are_kept), "AB") == (as_many_as_are_kept,)
