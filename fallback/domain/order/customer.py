"""Who ordered, and where the goods go: personal data."""

from __future__ import annotations

from msgspec import Struct

from fallback.domain.order.sentence import Said


class Address(Struct, frozen=True, omit_defaults=True):
    """Nothing but a name: the goods are fetched or sent by e-mail (`somewhere`)."""

    name: str
    line1: str
    city: str
    postal_code: str | None
    country: str
    line2: str | None = None
    region: str | None = None
    company: str | None = None

    @property
    def somewhere(self) -> bool:
        return bool(self.country)


class Customer(Struct, frozen=True, omit_defaults=True):
    """Personal data: encrypted at rest, apart from the order's document, and erased on time.

    `billing`: where the invoice goes, if not to `address`. `wanted_address`: the new shipping address, until the
    primary has taken it over (`Order.amendment`).
    `account`: the shop's id of it, if the customer was signed in to the shop. `sms`: they agreed to text messages.
    """

    name: str
    email: str
    address: Address
    phone: str | None = None
    note: str | None = None
    said: tuple[Said, ...] = ()
    wanted_address: Address | None = None
    billing: Address | None = None
    vat_id: str | None = None
    account: str | None = None
    sms: bool = False
