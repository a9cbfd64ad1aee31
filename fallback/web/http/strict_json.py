"""Request bodies: JSON (RFC 8259), read strictly. Invalid input is refused with its field."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec
from flask import request
from msgspec import Struct

from fallback.domain.card_numbers import (
    SHORTEST,
    is_card_in_phone_field,
    looks_like_card_number,
    may_hold_card_number,
)
from fallback.domain.errors import Invalid
from fallback.web.http.problems import Problem
from fallback.web.http.security import body

Body = TypeVar("Body", bound=Struct)
# Signed content of the shop, and ids that programs make, may contain any digits.
BY_PROGRAMS = frozenset({"about", "cart_token", "message_id"})
PHONE = "phone"
JSON = "application/json"
_STRINGS = re.compile(r'"([^"]*)"(\s*:)?')
_WRITTEN_BY_PROGRAMS = re.compile(rf'("(?:{"|".join(sorted(BY_PROGRAMS))})"\s*:\s*)"[^"]*"')
# msgspec's messages: "Object missing required field `email` - at `$.contact`".
# Ours are long, and name invisible characters by showing them.
_REGEX = re.compile(r"matching regex '.*'", re.DOTALL)
_PATH = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?", re.DOTALL)
_NAMED = re.compile(
    r"Object (?:(?:missing required|contains unknown) field `(?P<name>.*)`"
    r"|has an invalid field `(?P<invalid>\w+)`: (?P<why>.*))",
    re.DOTALL,
)


def read_json(decoder: msgspec.json.Decoder[Body]) -> Body:
    """The request's body, decoded. Raises Problem 415 or Invalid, which names the field."""
    if request.mimetype != JSON:
        raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
    return decode(decoder, body())


def decode(decoder: msgspec.json.Decoder[Body], raw: bytes) -> Body:
    """Raises Invalid, which names the field."""
    try:
        decoded = decoder.decode(raw)
        text = raw.decode()
        if not _is_harmless(text):
            _LOOKING_THROUGH.decode(text)
    except msgspec.DecodeError as error:
        refuse(str(error))
    except RecursionError:
        refuse("The JSON is nested too deeply.")
    except UnicodeError:
        refuse("The text is not valid UTF-8.")
    except CardNumber as found:
        detail = "This looks like a card number. Please leave it out. Send card details only with the payment form."
        raise Invalid(_path_to(found.text, json.loads(raw)), "card_number", detail) from None
    return decoded


class CardNumber(Exception):
    """`text` looks like a card number."""

    def __init__(self, text: str) -> None:
        super().__init__("a card number")
        self.text = text


def _is_harmless(text: str) -> bool:
    """Whether a glance at the whole text, valid JSON, shows that looking through its objects would find nothing.

    Without a backslash every quotation mark begins or ends a string.
    """
    if "\\" in text:
        return False
    rest = _WRITTEN_BY_PROGRAMS.sub(r"\1", text)
    names = [name for name, colon in _STRINGS.findall(rest) if colon]
    return len(set(names)) == len(names) and not may_hold_card_number(rest)


def _look_through(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Called for each object, inner ones first. It refuses what typed decoding does not notice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        refuse("A name occurs twice in one object.")
    for name, value in pairs:
        if type(value) is not str or len(value) < SHORTEST or name in BY_PROGRAMS:
            continue
        if is_card_in_phone_field(value) if name == PHONE else looks_like_card_number(value):
            raise CardNumber(value)
    return found


_LOOKING_THROUGH = json.JSONDecoder(object_pairs_hook=_look_through)


def _path_to(text: str, tree: dict[str, Any]) -> str:
    """The path of the text, such as 'contact.name'."""
    for name, value in tree.items():
        if value == text:
            return name
        inner = _path_to(text, value) if isinstance(value, dict) else ""
        if inner:
            return f"{name}.{inner}"
    return ""


def refuse(message: str) -> NoReturn:
    """Raises Invalid with the field that msgspec's message names."""
    match = _PATH.fullmatch(message)
    what, field = (match["what"], match["field"]) if match else (message, None)
    named = _NAMED.fullmatch(what)
    path = [part for part in (field, named and (named["name"] or named["invalid"])) if part]
    raise Invalid(
        ".".join(path) or "body",
        "invalid",
        (named and named["why"]) or _REGEX.sub("that matches the `pattern` in /openapi.json", what),
    )
