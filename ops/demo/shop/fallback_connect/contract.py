"""The request bodies of the HTTP contract, validated. Amounts are integers in minor units of `currency`."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Text = Annotated[str, Meta(min_length=1, max_length=255)]
Amount = Annotated[int, Meta(ge=0, le=10**12)]


class Line(Struct):
    sku: Text
    quantity: Annotated[int, Meta(ge=1, le=10_000)]
    unit_price: Amount
    title: str = ""


class Discount(Struct):
    title: str
    amount: Amount


class Slot(Struct):
    id: Text


class Delivery(Struct):
    id: Text
    price: Amount
    slot: Slot | None = None

    @property
    def method_code(self) -> str:
        """Oscar's code of the shipping method: the option, with its slot if it has one."""
        return f"{self.id}/{self.slot.id}" if self.slot else self.id


class Contact(Struct):
    name: Text
    email: Text
    phone: str | None = None


class Address(Struct):
    name: Text
    line1: Text
    city: Text
    postal_code: Annotated[str, Meta(max_length=64)]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    line2: Annotated[str, Meta(max_length=255)] | None = None
    region: Annotated[str, Meta(max_length=255)] | None = None


class Payment(Struct):
    provider: Text
    reference: str | None
    state: Text


class WantedOrder(Struct):
    """PUT orders/{ref}"""

    ref: Annotated[str, Meta(min_length=1, max_length=64)]
    cart_id: Annotated[str, Meta(min_length=1, max_length=128)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    lines: Annotated[list[Line], Meta(min_length=1)]
    delivery: Delivery
    total: Amount
    contact: Contact
    shipping_address: Address
    received_at: str
    payment: Payment
    discounts: list[Discount] = []
    note: str | None = None

    @property
    def goods_total(self) -> int:
        """The price of the items after discounts."""
        return sum(line.quantity * line.unit_price for line in self.lines) - sum(
            discount.amount for discount in self.discounts
        )


class PaymentNow(Struct):
    """PUT orders/{ref}/payment: how the payment stands, whole. `number` only grows."""

    number: Annotated[int, Meta(ge=1)]
    state: Text
    captured: Amount
    refunded: Amount
    reference: str | None = None


class WithdrawnLine(Struct):
    sku: Text
    title: Text
    quantity: Annotated[int, Meta(ge=1)]


class Statement(Struct):
    received_at: str
    name: str
    email: str
    lines: list[WithdrawnLine]


class WithdrawalNow(Struct):
    """PUT orders/{ref}/withdrawal: all that the customer withdrew from. `number`: how many statements there are."""

    number: Annotated[int, Meta(ge=1)]
    statements: list[Statement]


class Amendment(Struct):
    """PATCH orders/{ref}: absent fields stay unchanged."""

    lines: Annotated[list[Line], Meta(min_length=1)] | UnsetType = UNSET
    shipping_address: Address | UnsetType = UNSET
    delivery: Delivery | UnsetType = UNSET
    total: Amount | UnsetType = UNSET
    contact: Contact | UnsetType = UNSET
    amendment: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
