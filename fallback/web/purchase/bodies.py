"""Request bodies with a card, as a token of the payment provider."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.json import Decoder

from fallback.domain.checkout.requests import CardPayment, PlaceOrder
from fallback.payments.tokens import TOKEN


class CardBody(CardPayment, frozen=True, forbid_unknown_fields=True):
    """`confirmation_token`: the token that the browser got for the card."""

    confirmation_token: Annotated[str, Meta(pattern=TOKEN)]


class OrderBody(PlaceOrder, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders. `payment` is a card or the word 'later': then a link to pay is sent."""

    payment: CardBody | Literal["later"]


class GiveCard(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders/{ref}/payment."""

    payment: CardBody


# Made at import, as in domain/checkout/requests.py.
PLACE_ORDER = Decoder(OrderBody)
GIVE_CARD = Decoder(GiveCard)
