"""Request parameters: decode Stripe's form encoding with brackets, and validate them as Stripe does.

The parameters of an endpoint are read from the types of the official library, so that a misspelt or removed parameter
is rejected as Stripe rejects it (`parameter_unknown`).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ops.demo.stripe_sandbox.errors import invalid_parameter
from ops.demo.stripe_sandbox.store import Json

PARTS = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
EVERYWHERE = {"expand", "key", "client_secret", "_stripe_version"}


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """`a[b][0]=x` becomes {"a": {"b": ["x"]}}; `a[]=x` appends."""
    tree: Json = {}
    for name, value in pairs:
        shape = PARTS.match(name)
        if shape is None:
            raise invalid_parameter(f"Invalid parameter name: {name}", name)
        _plant(tree, [shape[1], *re.findall(r"\[([^\[\]]*)\]", shape[2])], value, name)
    return {name: _lists(value) for name, value in tree.items()}


def _plant(tree: Json, path: list[str], value: str, name: str) -> None:
    *parents, leaf = path
    for part in parents:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise invalid_parameter(f"Invalid parameter: {name}", name)
    tree[leaf or str(len(tree))] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


def check_known(params: Json, known: Iterable[str]) -> None:
    unknown = sorted(params.keys() - set(known) - EVERYWHERE)
    if unknown:
        raise invalid_parameter(f"Received unknown parameter: {unknown[0]}", unknown[0], "parameter_unknown")


def text(params: Json, name: str) -> str | None:
    value = params.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid_parameter(f"Invalid string: {value}", name)
    return value


def required(params: Json, name: str) -> str:
    value = text(params, name)
    if value is None:
        raise invalid_parameter(f"Missing required param: {name}.", name, "parameter_missing")
    if not value:
        raise invalid_parameter(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{name}' cannot be unset.",
            name,
            "parameter_invalid_empty",
        )
    return value


def choice(params: Json, name: str, options: Sequence[str]) -> str | None:
    value = text(params, name)
    if value is not None and value not in options:
        raise invalid_parameter(f"Invalid {name}: must be one of {', '.join(options)}", name)
    return value


def integer(params: Json, name: str, *, minimum: int = 0) -> int | None:
    value = text(params, name)
    if value is None:
        return None
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise invalid_parameter(f"Invalid integer: {value}", name, "parameter_invalid_integer")
    if int(value) < minimum:
        message = f"This value must be greater than or equal to {minimum}."
        raise invalid_parameter(message, name, "parameter_invalid_integer")
    return int(value)


def boolean(params: Json, name: str) -> bool | None:
    value = choice(params, name, ("true", "false"))
    return None if value is None else value == "true"


def mapping(params: Json, name: str) -> Json | None:
    """A nested object. An empty string means 'unset', as everywhere in Stripe's API."""
    value = params.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, dict):
        raise invalid_parameter("Invalid object", name)
    return value


def metadata(params: Json, before: dict[str, str]) -> dict[str, str]:
    """The metadata after the request; an empty value removes its key. Limits of the page 'Metadata'."""
    if params.get("metadata") == "":
        return {}
    after = before | (mapping(params, "metadata") or {})
    after = {key: value for key, value in after.items() if value != ""}
    if len(after) > 50:
        raise invalid_parameter("You can have up to 50 metadata keys.", "metadata")
    for key, value in after.items():
        if not isinstance(value, str) or len(value) > 500:
            raise invalid_parameter(f"Metadata values can have up to 500 characters ({key}).", f"metadata[{key}]")
        if len(key) > 40:
            raise invalid_parameter(f"Metadata keys can have up to 40 characters ({key}).", "metadata")
    return after
