"""What is stored in Redis under which name: keys, fields of documents, values of enums, and events of timelines.

`python -m tests.ledger.stored_names` adds what is new to stored_names.txt. It takes nothing out of it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
from msgspec import NODEFAULT
from msgspec import inspect as types

import fallback.ledger
from fallback.domain.order.order import Order
from fallback.domain.payment import inbox
from fallback.ledger.redis import keys
from fallback.web.console.order.timeline import SENTENCES

FILE = Path(__file__).with_suffix(".txt")
LIMITS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "tz")


def read() -> dict[str, str]:
    """Each name with what is known of it: its type, and how it may be left out."""
    return dict(_parted(line) for line in FILE.read_text().splitlines())


def found() -> dict[str, str]:
    lines = {*_keys(), *(f"event {what}" for what in SENTENCES)}
    for decoder in decoders():
        kind = types.type_info(decoder.type)
        for each in kind.types if isinstance(kind, types.UnionType) else (kind,):
            lines.update(_lines(_root(each), each))
    return dict(sorted(_parted(line) for line in lines))


def decoders() -> list[msgspec.json.Decoder[Any]]:
    """Those of the ledger, and the one in the domain for what the ledger keeps sealed."""
    names = [module.name for module in pkgutil.walk_packages(fallback.ledger.__path__, "fallback.ledger.")]
    modules = [inbox, *map(importlib.import_module, names)]
    values = (value for module in modules for value in vars(module).values())
    return [value for value in values if isinstance(value, msgspec.json.Decoder)]


def without_default(now: dict[str, str], before: dict[str, str]) -> list[str]:
    """New fields of documents that are stored already: those who read an older one find nothing there."""
    stored = {name.rpartition(".")[0] for name, rest in before.items() if rest}
    new = {name: rest for name, rest in now.items() if rest and name not in before}
    return [name for name, rest in new.items() if name.rpartition(".")[0] in stored and " = " not in rest]


def record() -> None:
    FILE.write_text("".join(f"{name}{rest}\n" for name, rest in sorted((found() | read()).items())))


# --- documents


def _lines(path: str, kind: types.Type) -> Iterator[str]:
    """One line for a name: its type, and the value that stands for it where it is left out."""
    match kind:
        case types.StructType():
            for field in kind.fields:
                inside = f"{path}.{field.encode_name}"
                yield f"{inside}: {_word(field.type)}{_otherwise(field)}"
                if getattr(field.type, "cls", None) is not Order:  # it has a decoder of its own
                    yield from _lines(inside, field.type)
        case types.EnumType():
            yield from (f"{path} is {member.value}" for member in kind.cls)
        case types.UnionType():
            for each in kind.types:
                yield from _lines(path, each)
        case types.DictType():
            yield from _lines(f"{path} key", kind.key_type)
            yield from _lines(f"{path}{{}}", kind.value_type)
        case types.CollectionType():
            yield from _lines(f"{path}[]", kind.item_type)
        case types.TupleType():
            for place, each in enumerate(kind.item_types):
                yield f"{path}[{place}]: {_word(each)}"
                yield from _lines(f"{path}[{place}]", each)
        case types.CustomType() | types.AnyType():
            raise NotImplementedError(f"{path}: {kind}")


def _root(kind: types.Type) -> str:
    if isinstance(kind, types.TupleType):
        return "(" + ", ".join(_word(each) for each in kind.item_types) + ")"
    return _root(kind.item_type) if isinstance(kind, types.CollectionType) else typing.cast(Any, kind).cls.__name__


def _word(kind: types.Type) -> str:
    match kind:
        case types.StructType():
            return "object"
        case types.EnumType():
            return "one of"
        case types.UnionType():
            return " | ".join(_word(each) for each in kind.types)
        case types.DictType():
            return f"{{{_word(kind.key_type)}: {_word(kind.value_type)}}}"
        case types.CollectionType():
            return f"[{_word(kind.item_type)}]"
    limits = ((name, getattr(kind, name, None)) for name in LIMITS)
    said = ", ".join(f"{name} {limit}" for name, limit in limits if limit is not None)
    return type(kind).__name__.removesuffix("Type").lower() + (f" ({said})" if said else "")


def _otherwise(field: types.Field) -> str:
    if field.required:
        return ""
    default = field.default_factory() if field.default is NODEFAULT else field.default
    return f" = {msgspec.json.encode(default).decode()}"


# --- keys


def _keys() -> Iterator[str]:
    for name, value in vars(keys).items():
        if name.isupper():
            yield f"key {value}"
        elif inspect.isfunction(value) and value.__module__ == keys.__name__:
            yield from _key(value)


def _key(build: Any) -> Iterator[str]:
    """Its pattern, and the values of enums that are part of it."""
    hints = typing.get_type_hints(build)
    names = list(inspect.signature(build).parameters)
    pattern = build(*(f"<{name}>" for name in names))
    yield f"key {pattern}"
    for name in names:
        if issubclass(hints[name], Enum):
            yield from (f"key {pattern} with {name} {member.value}" for member in hints[name])


def _parted(line: str) -> tuple[str, str]:
    """The name of a key may have a colon, which no space follows."""
    name, colon, rest = line.partition(": ")
    return name, colon + rest


if __name__ == "__main__":
    record()
