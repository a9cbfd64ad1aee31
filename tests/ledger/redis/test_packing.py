"""Documents are stored compressed, and what was stored stays readable."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.ledger.order import documents
from fallback.ledger.redis.packing import DICTIONARY, pack, unpack
from tests.builders import an_order

ORDER = an_order()


def test_the_dictionary_stays_as_it_is() -> None:
    """Every order that is stored was compressed with it, and names it by this checksum."""
    assert zlib.adler32(DICTIONARY) == 0xAA8859E5
    assert documents.encode(ORDER)[2:6] == zlib.adler32(DICTIONARY).to_bytes(4, "big")


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_every_document_is_read_as_it_was_written(content: object) -> None:
    document = msgspec.json.encode({"content": content})
    assert unpack(pack(document)) == document


def test_an_order_takes_less_than_half() -> None:
    document = unpack(documents.encode(ORDER))
    assert 2 * len(documents.encode(ORDER)) < len(document)


def test_an_order_of_an_earlier_release_is_not_compressed() -> None:
    assert documents.decode(unpack(documents.encode(ORDER)), ORDER.version) == documents.decode(
        documents.encode(ORDER), ORDER.version
    )


def test_a_script_adds_to_it_without_reading_it() -> None:
    late = documents.decode(documents.encode(ORDER) + b',"late":["BK-1"]}', ORDER.version)
    assert (late.ref, late.late) == (ORDER.ref, ("BK-1",))


@pytest.mark.parametrize(
    "damaged",
    [
        unpack(documents.encode(ORDER)).replace(b'"ref":"F', b'"ref":"\xff'),
        documents.encode(ORDER) + b',"late":["BK-\xff"]}',
    ],
)
def test_bytes_that_are_no_text_are_the_same_error(damaged: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        documents.decode(damaged, ORDER.version)


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (documents.encode(ORDER)[:-1], "^the document is cut short$"),
        (documents.encode(ORDER)[:2] + b"????", "^Error -3 while setting zdict"),
        (b'{"ref":"\xff"}', "can't decode byte 0xff in position 8"),
    ],
)
def test_what_is_wrong_with_it_is_told(damaged: bytes, words: str) -> None:
    with pytest.raises(msgspec.DecodeError, match=words):
        unpack(damaged)


def test_a_damaged_document_is_an_error_wherever_it_is_cut() -> None:
    stored = documents.encode(ORDER)
    for end in range(len(stored)):
        with pytest.raises(msgspec.MsgspecError):
            documents.decode(stored[:end], ORDER.version)
