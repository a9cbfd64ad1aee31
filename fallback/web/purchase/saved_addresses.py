"""What the shop knows of a customer who is signed in there: the form filled in with it, and their other addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fallback.domain.order.order import Address
from fallback.domain.order.signed_in import SavedAddress, SignedIn
from fallback.i18n import address_lines
from fallback.web.http.voice import Voice
from fallback.web.purchase.checkout_address import fields_of
from fallback.web.purchase.checkout_form import CheckoutForm

# The field of a button: the place of an address among those that the shop saved.
SAVED = "saved_address"


def form_for(form: CheckoutForm, who: SignedIn, there: Callable[[str], bool]) -> CheckoutForm:
    """With the contact and the first address. `there`: whether the cart goes to a country."""
    known = {f"contact.{name}": getattr(who, name) or "" for name in ("email", "name", "phone")}
    form = replace(form, values={**form.values, **known})
    first = next((saved for saved in who.addresses if there(saved.country)), None)
    return _with(form, first) if first else form


def form_with_saved(form: CheckoutForm, who: SignedIn | None, place: str) -> CheckoutForm:
    """With the address that the customer chose; as it is if there is none at this place any more."""
    chosen = [saved for number, saved in enumerate(who.addresses if who else ()) if str(number) == place]
    return _with(form, chosen[0]) if chosen else form


def others(
    form: CheckoutForm, who: SignedIn | None, there: Callable[[str], bool], voice: Voice
) -> list[tuple[int, str]]:
    """Places and lines of the saved addresses that the cart goes to, without the one that is filled in."""
    return [
        (number, ", ".join(address_lines(_address(saved), voice.locale)))
        for number, saved in enumerate(who.addresses if who else ())
        if there(saved.country) and _with(form, saved) != form
    ]


def _with(form: CheckoutForm, saved: SavedAddress) -> CheckoutForm:
    address = fields_of(_address(saved))
    if saved.name == form.values["contact.name"]:
        address["shipping_address.name"] = ""
    return replace(form, values={**form.values, **address})


def _address(saved: SavedAddress) -> Address:
    return Address(
        name=saved.name or "",
        line1=saved.line1,
        line2=saved.line2,
        city=saved.city or "",
        region=saved.region,
        postal_code=saved.postal_code,
        country=saved.country,
    )
