"""What we ask of systems with a published GraphQL schema is valid there."""

from __future__ import annotations

import pytest
from graphql import build_schema, parse, validate

from fallback.primaries import KINDS
from tests.primaries.published_schema import HERE, documents_of, part_of, schema_of

PUBLISHED = sorted(path.parent.name for path in HERE.glob("*/schema.graphql"))


def test_there_are_published_schemas() -> None:
    assert "saleor" in PUBLISHED
    assert set(PUBLISHED) <= KINDS.keys()


@pytest.mark.parametrize("kind", PUBLISHED)
def test_each_document_is_valid_in_the_published_schema(kind: str) -> None:
    schema = schema_of(kind)
    assert [error for document in documents_of(kind) for error in validate(schema, parse(document))] == []


@pytest.mark.parametrize("kind", PUBLISHED)
def test_the_part_that_is_kept_is_the_part_that_the_documents_use(kind: str) -> None:
    text = (HERE / kind / "schema.graphql").read_text()
    assert text.partition("\n\n")[2] == part_of(build_schema(text), documents_of(kind))


def test_a_field_that_is_not_there_is_found() -> None:
    [error] = validate(schema_of("saleor"), parse('{ order(externalReference: "FB-1") { id nmber } }'))
    assert "nmber" in error.message
