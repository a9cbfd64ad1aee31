"""Reads settings from the environment into a struct: what cannot be used, or is no setting, becomes a line of words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import EnumType
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from fallback.domain.misread import in_words, unreadable
from fallback.primaries import KINDS
from fallback.primaries.kind import Kind

OWN_PREFIX, PRIMARY_PREFIX, FROM_FILE = "FALLBACK_", "PRIMARY_", "_FILE"


def given_settings(settings: type[Struct], environ: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """What the environment says of these settings; `problems` gets a line for each that cannot be used."""
    given: dict[str, Any] = {}
    for field in msgspec.structs.fields(settings):
        if field.type is Struct:
            continue
        if part := _part(field):
            given[field.name] = part(**given_settings(part, environ, problems))
            continue
        name = field.encode_name.upper()
        try:
            text = _text(name, environ)
        except ValueError as error:
            problems.append(f"{name}{FROM_FILE}: {error}")
            continue
        if not text and field.required:
            problems.append(f"{name} is missing.")
            continue
        if text is None:
            continue
        try:
            given[field.name] = msgspec.convert(_parsed(text, field.type), field.type, strict=False)
        except (msgspec.DecodeError, ValueError) as error:
            problems.append(_refused(name, text, field.type, error))
    return given


def names(settings: type[Struct]) -> dict[str, bool]:
    """The settings by their names in the environment, with those of parts, and whether each is required."""
    found: dict[str, bool] = {}
    for field in msgspec.structs.fields(settings):
        if part := _part(field):
            found |= names(part)
        elif field.type is not Struct:
            found[field.encode_name.upper()] = field.required
    return found


def _text(name: str, environ: Mapping[str, str]) -> str | None:
    """From the file that NAME_FILE names, if NAME itself is not set: where secrets come as files, as with Docker.

    Raises ValueError.
    """
    path = environ.get(f"{name}{FROM_FILE}")
    if path is None:
        return environ.get(name)
    if name in environ:
        raise ValueError(f"{name} is set too; set one of them.")
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {unreadable(error)}.") from error


def unknown_names(environ: Mapping[str, str], ours: type[Struct], kind: Kind | None) -> list[str]:
    """A line for each name that looks like one of `ours` or of the kind of shop, and is neither."""
    known = names(ours)
    of_the_kind = [*names(kind.settings), *(name for name in known if name.startswith(PRIMARY_PREFIX))] if kind else []
    problems = []
    for name in (name.removesuffix(FROM_FILE) for name in environ):
        if name.startswith(OWN_PREFIX) and name not in known:
            problems.append(f"{name} is not a setting.{_meant(name, known)}")
        if kind and name.startswith(PRIMARY_PREFIX) and name not in (*known, *of_the_kind):
            hint = _of_other_kinds(name) or _meant(name, of_the_kind)
            problems.append(f"{name} is not a setting of PRIMARY_KIND={kind.name}.{hint}")
    return problems


def _of_other_kinds(name: str) -> str:
    kinds = [kind.name for kind in KINDS.values() if name in names(kind.settings)]
    return f" It is one of {' and '.join(kinds)}." if kinds else ""


def _part(field: FieldInfo) -> type[Struct] | None:
    """The struct of a field that has settings of its own. Those of the kind of shop (a bare Struct) are read apart."""
    type_ = field.type
    return type_ if isinstance(type_, type) and issubclass(type_, Struct) and type_ is not Struct else None


def _meant(name: str, known: Iterable[str]) -> str:
    """What begins alike for all of them does not count: nobody means FALLBACK_SHOP by FALLBACK_FOO."""
    prefix, _, rest = name.partition("_")
    rests = [each.removeprefix(f"{prefix}_") for each in known if each.startswith(f"{prefix}_")]
    return "".join(f" Did you mean {prefix}_{similar}?" for similar in get_close_matches(rest, rests, 1))


def _refused(name: str, text: str, type_: Any, error: Exception) -> str:
    """JSON is not quoted: it may have keys."""
    if get_origin(type_) is not dict:
        return f"{name} is {text!r}: {_expected(type_)} is expected."
    return f"{name}: {in_words(error) if isinstance(error, msgspec.DecodeError) else error}."


def _expected(type_: Any) -> str:
    listed = tuple(type_) if isinstance(type_, EnumType) else get_args(type_) if get_origin(type_) is Literal else ()
    if listed:
        return f"one of {', '.join(listed)}"
    if type_ is bool:
        return "true or false"
    plain, *limits = get_args(type_) if get_origin(type_) is Annotated else (type_,)
    if plain is str:
        return "a text"
    [limit] = limits or (Meta(),)
    most = " to" if limit.ge is not None else " and at most"
    bounds = {" from": limit.ge, " above": limit.gt, most: limit.le}
    said = "".join(f"{word} {bound}" for word, bound in bounds.items() if bound is not None)
    return f"a {'whole ' if plain is int else ''}number{said}"


def _parsed(text: str, type_: Any) -> Any:
    if type_ == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return msgspec.json.decode(text or "{}") if get_origin(type_) is dict else text
