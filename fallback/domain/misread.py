"""What is wrong with JSON or TOML that people wrote, in their words: 'a whole number', not `int`."""

from __future__ import annotations

import re

import msgspec

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list [...]",
    "object": "an object {...}",
    "null": "nothing",
}
_PATTERNS = {
    "^[A-Z]{3}$": "three capitals (EUR)",
    "^[A-Z]{2}$": "two capitals (DE)",
    "^[a-z]{2}$": "two small letters (en)",
    "^[a-z_]{1,40}$": "small letters and _, at most 40",
}
_SIGNS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_EXPECTED = re.compile(r"Expected `([^`]+)`(.*?)(?:, got `([^`]+)`)?")
_BOUND, _PATTERN = re.compile(r" (of length )?([<>]=?) (\S+)"), re.compile(r" matching regex '(.*)'")
_LACKS, _HAS = re.compile(r"Object missing required field `(.+)`"), re.compile(r"Object contains unknown field `(.+)`")
_NONE_OF_THEM = re.compile(r"Invalid enum value .*")


def in_words(error: msgspec.DecodeError) -> str:
    """Without a full stop. Values are not quoted."""
    if not isinstance(error, msgspec.ValidationError):
        return f"it is no JSON: {str(error).removeprefix('JSON is malformed: ')}"
    said, _, place = str(error).partition(" - at ")
    where = _where(place)
    if lacking := _LACKS.fullmatch(said):
        return f"{_path(where, lacking[1])} is missing"
    if unknown := _HAS.fullmatch(said):
        return f"{_path(where, unknown[1])} is not known"
    if expected := _EXPECTED.fullmatch(said):
        wanted, limits, found = expected.groups()
        given = f", not {_kinds(found)}" if found else ""
        said = f"{_kinds(wanted)}{_limits(wanted, limits)} is expected{given}"
    elif _NONE_OF_THEM.fullmatch(said):
        said = "this word is not one of those that are known"
    return f"{where}: {said}" if where else said


def unreadable(error: OSError | UnicodeDecodeError) -> str:
    """Why a file gave no text. Without a full stop; it is not named."""
    return "it is not in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror)


def _where(place: str) -> str:
    """`$.limits.agent`, `key` in `$.a`, or `$.a[...]` for a value in it."""
    name, _, inside = place.replace("`", "").rpartition(" in ")
    path = inside.removeprefix("$").removeprefix(".")
    what = "a name" if name else "a value" if path.endswith("[...]") else ""
    path = path.removesuffix("[...]")
    return f"{what} in {path}" if what and path else what or path


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _kinds(types: str) -> str:
    """A field that may be left out also takes `null`."""
    return " or ".join(_TYPES.get(each, each) for each in types.removesuffix(" | null").split(" | "))


def _limits(type_: str, said: str) -> str:
    if pattern := _PATTERN.fullmatch(said):
        return f" of {_PATTERNS.get(pattern[1], f'the form {pattern[1]}')}"
    if said == " of length >= 1":
        return " that is not empty"
    if bound := _BOUND.fullmatch(said):
        of_length, sign, figure = bound.groups()
        unit = (" characters" if type_.startswith("str") else " entries") if of_length else ""
        return f" of {_SIGNS[sign]} {figure.removesuffix('.0')}{unit}"
    return said
