"""The customer whom the shop knew when it signed the cart: the claim `customer` of the cart token."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Short = Annotated[str, Meta(min_length=1, max_length=120)]
Long = Annotated[str, Meta(min_length=1, max_length=200)]


class SavedAddress(Struct, frozen=True):
    """As the shop has it. It only fills the form in, where the customer corrects it."""

    line1: Long
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$", max_length=2)]
    name: Short | None = None
    line2: Long | None = None
    city: Short | None = None
    region: Short | None = None
    postal_code: Annotated[str, Meta(min_length=1, max_length=20)] | None = None


class SignedIn(Struct, frozen=True):
    """`id`: of the account, as the shop's order system names it. Personal data: only ever stored encrypted."""

    id: Long
    email: Annotated[str, Meta(min_length=3, max_length=254)] | None = None
    name: Short | None = None
    phone: Annotated[str, Meta(min_length=1, max_length=30)] | None = None
    addresses: Annotated[tuple[SavedAddress, ...], Meta(max_length=10)] = ()
