"""Bodies are JSON (RFC 8259) taken strictly: what is odd is named and refused, never guessed at."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec
from flask import request
from msgspec import Struct

from fallback.domain.card_numbers import looks_like_card_number
from fallback.domain.errors import Invalid
from fallback.web.problems import Problem

Body = TypeVar("Body", bound=Struct)
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?$", re.DOTALL)


def read_json(decoder: msgspec.json.Decoder[Body]) -> Body:
    """The request's body, decoded. Raises Problem 415 or Invalid, which names the field."""
    if request.mimetype != "application/json":
        raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
    raw = request.get_data()
    try:
        body = decoder.decode(raw)
        strings = json.loads(raw, object_pairs_hook=_no_duplicates)
    except msgspec.DecodeError as error:
        _refuse(str(error))
    except RecursionError:
        _refuse("The JSON is nested too deeply.")
    except UnicodeError:
        _refuse("The text is not valid UTF-8.")
    refuse_card_numbers(strings)
    return body


def refuse_card_numbers(value: Any, field: str = "") -> None:
    """Raise Invalid for the first text that looks like a card number; tokens that Stripe or the shop signed may."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("cart_token", "confirmation_token"):
                refuse_card_numbers(inner, f"{field}.{name}" if field else name)
    elif isinstance(value, str) and looks_like_card_number(value):
        detail = "This looks like a card number. Please leave it out: card details go to the payment form only."
        raise Invalid(field, "card_number", detail)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse("A name stands twice in one object.")
    return found


def _refuse(message: str) -> NoReturn:
    match = _PATH.match(message)
    what, field = (match["what"], match["field"]) if match else (message, None)
    raise Invalid(field or "body", "invalid", what)
