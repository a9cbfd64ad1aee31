"""The part of a published GraphQL schema that an adapter's documents use, so that each of them can be validated.

`python -m tests.primaries.published_schema KIND SCHEMA.graphql` writes tests/primaries/<kind>/schema.graphql anew.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from textwrap import fill, indent

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_specified_scalar_type,
    parse,
    visit,
)

HERE = Path(__file__).parent


def documents_of(kind: str) -> tuple[str, ...]:
    found: tuple[str, ...] = import_module(f"fallback.primaries.{kind}.documents").DOCUMENTS
    return found


def schema_of(kind: str) -> GraphQLSchema:
    return build_schema((HERE / kind / "schema.graphql").read_text())


class Used(Visitor):
    """`fields`: of each type, with the arguments that are given; `types`: those that are named besides."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.fields: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.types: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        if parent and not node.name.value.startswith("__"):
            self.fields[parent.name][node.name.value] |= {each.name.value for each in node.arguments or ()}
        if parent:
            self.types.add(parent.name)

    def enter_named_type(self, node: object, *_: object) -> None:
        self.types.add(node.name.value)  # type: ignore[attr-defined]


def part_of(schema: GraphQLSchema, documents: Iterable[str]) -> str:
    info = TypeInfo(schema)
    used = Used(info)
    for document in documents:
        visit(parse(document), TypeInfoVisitor(info, used))
    named = set(used.types) | set(used.fields)
    inputs: set[str] = set()
    for name, fields in used.fields.items():
        there = schema.type_map[name].fields  # type: ignore[attr-defined]
        for field, arguments in fields.items():
            named.add(get_named_type(there[field].type).name)
            inputs |= {get_named_type(there[field].args[each].type).name for each in arguments}
    inputs |= {name for name in named if isinstance(schema.type_map[name], GraphQLInputObjectType)}
    for name in list(inputs):
        inputs |= _within(schema, name, set())
    kept = [
        _printed(schema, schema.type_map[name], used)
        for name in sorted(named | inputs)
        if not is_specified_scalar_type(schema.type_map[name])
    ]
    return "\n\n".join([*_roots(schema), *kept]) + "\n"


def _roots(schema: GraphQLSchema) -> Iterator[str]:
    """Named where they have other names than usual."""
    query, mutation = schema.query_type, schema.mutation_type
    if query and mutation and (query.name, mutation.name) != ("Query", "Mutation"):
        yield f"schema {{\n  query: {query.name}\n  mutation: {mutation.name}\n}}"


def _within(schema: GraphQLSchema, name: str, seen: set[str]) -> set[str]:
    found, kind = {name}, schema.type_map[name]
    if isinstance(kind, GraphQLInputObjectType) and name not in seen:
        seen.add(name)
        for field in kind.fields.values():
            found |= _within(schema, get_named_type(field.type).name, seen)
    return found


def _printed(schema: GraphQLSchema, kind: GraphQLNamedType, used: Used) -> str:
    match kind:
        case GraphQLScalarType():
            return f"scalar {kind.name}"
        case GraphQLEnumType():
            return f"enum {kind.name} {{\n{indent(fill(' '.join(kind.values), 116), '  ')}\n}}"
        case GraphQLInputObjectType():
            fields = "".join(f"  {name}: {field.type}\n" for name, field in kind.fields.items())
            return f"input {kind.name} {{\n{fields}}}"
        case GraphQLUnionType():
            members = [each.name for each in kind.types if each.name in used.types or each.name in used.fields]
            return f"union {kind.name} = {' | '.join(members)}"
        case GraphQLObjectType() | GraphQLInterfaceType():
            word = "interface" if isinstance(kind, GraphQLInterfaceType) else "type"
            return f"{word} {kind.name} {{\n" + "".join(_fields(kind, used)) + "}"
    raise TypeError(kind)


def _fields(kind: GraphQLObjectType | GraphQLInterfaceType, used: Used) -> Iterator[str]:
    for name, arguments in used.fields[kind.name].items():
        field = kind.fields[name]
        # What must be given is kept, though a document may have forgotten it.
        required = {each for each, argument in field.args.items() if str(argument.type).endswith("!")}
        given = ", ".join(f"{each}: {field.args[each].type}" for each in sorted(arguments | required))
        yield f"  {name}{f'({given})' if given else ''}: {field.type}\n"


def main(kind: str, published: str) -> None:
    text = Path(published).read_text()
    part = part_of(build_schema(text, assume_valid=True), documents_of(kind))
    head = (HERE / kind / "about.txt").read_text()
    (HERE / kind / "schema.graphql").write_text("".join(f"# {line}\n" for line in head.splitlines()) + "\n" + part)


if __name__ == "__main__":
    main(*sys.argv[1:])
