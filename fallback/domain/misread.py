"""What msgspec says of JSON or TOML that people wrote, in their words: 'a whole number', not `int`."""

from __future__ import annotations

import re

import msgspec

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "int | float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list [...]",
    "object": "an object {...}",
    "null": "nothing",
}
_PLACES = {"`key` in `$`": "a name", "`$[...]`": "a value"}
_EXPECTED = re.compile(r"Expected `([^`]+)`(.*?)(?:, got `([^`]+)`)?")
_LACKS, _HAS = re.compile(r"Object missing required field `(.+)`"), re.compile(r"Object contains unknown field `(.+)`")


def in_words(error: msgspec.DecodeError) -> str:
    """Without a full stop. Values are not quoted."""
    said, _, place = str(error).partition(" - at ")
    where = _PLACES.get(place) or place.strip("`").removeprefix("$").lstrip(".")
    if lacking := _LACKS.fullmatch(said):
        return f"{_path(where, lacking[1])} is missing"
    if unknown := _HAS.fullmatch(said):
        return f"{_path(where, unknown[1])} is not known"
    if expected := _EXPECTED.fullmatch(said):
        wanted, bounds, found = expected.groups()
        given = f", not {_TYPES.get(found, found)}" if found else ""
        said = f"{_TYPES.get(wanted, wanted)}{bounds} is expected{given}"
    return f"{where}: {said}" if where else said


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
