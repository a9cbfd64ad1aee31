"""Texts that people write about an order are personal: stored with the customer's data; the timeline holds only ids."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.card_numbers import looks_like_card_number
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.order import Order
from fallback.domain.order.sentence import Said
from fallback.domain.plain_text import shows, visible

LONGEST = 2_000  # characters
LONGEST_REASON = 300
MOST = 200


def say(order: Order, field: str, text: str) -> tuple[Order, int]:
    """The order with this text, and the id by which the timeline refers to it (`data={"said": id}`).

    Raises Invalid with `field` if the text is empty, too long or contains a card number, NotAllowedNow once the
    personal data is erased.
    """
    text = checked(field, text)
    if order.customer is None:
        raise NotAllowedNow("erased", "say")
    said = order.customer.said
    if len(said) >= MOST:
        raise NotAllowedNow("full", "say")
    word = Said(len(said) + 1, text)
    return structs.replace(order, customer=structs.replace(order.customer, said=(*said, word))), word.id


def checked(field: str, text: str, longest: int = LONGEST) -> str:
    """The text without invisible characters; also one that is not about an order. Raises Invalid as `say` does."""
    text = visible(text).strip()
    if not shows(text):
        raise Invalid(field, "empty", "Please write something.")
    if len(text) > longest:
        raise Invalid(field, "too_long", f"At most {longest} characters.")
    if looks_like_card_number(text):
        raise Invalid(field, "card_number", "Please leave card numbers out.")
    return text


def reason(field: str, text: str) -> str:
    """Why somebody on call acts, in one line. Raises Invalid as `say` does."""
    return checked(field, " ".join(text.split()), LONGEST_REASON)


def say_if_any(order: Order, field: str, text: str) -> tuple[Order, int]:
    """The same for an optional text: empty text has id 0."""
    return say(order, field, text) if shows(text) else (order, 0)


def read(order: Order, said: int) -> str:
    """The text with this id; empty once the personal data is erased."""
    words = order.customer.said if order.customer else ()
    return next((word.text for word in words if word.id == said), "")
