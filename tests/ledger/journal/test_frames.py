"""A record is read as it was written, or not at all; what is no record is named by its place."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from tempfile import TemporaryFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fallback.ledger.journal import frames as reading
from fallback.ledger.journal.frames import LONGEST, MARK, Frame, Gap, OnDisk, framed, frames

PAYLOADS = st.lists(st.binary(max_size=40) | st.just(MARK) | st.just(framed(b"in another")), min_size=1, max_size=6)


def read(data: bytes) -> tuple[list[bytes], list[Gap]]:
    found = list(frames(data))
    assert [each.begin for each in found[:1]] == [0] * bool(data)
    assert all(before.end == after.begin for before, after in pairwise(found))
    assert not found or found[-1].end == len(data)
    whole = [each.payload for each in found if isinstance(each, Frame)]
    return whole, [each for each in found if isinstance(each, Gap)]


@settings(max_examples=40)
@given(PAYLOADS)
def test_records_are_read_as_they_were_written(payloads: list[bytes]) -> None:
    assert read(b"".join(map(framed, payloads))) == (payloads, [])


@settings(max_examples=40)
@given(PAYLOADS, st.data())
def test_a_file_that_was_cut_off_anywhere_loses_its_last_record(payloads: list[bytes], data: st.DataObject) -> None:
    written = b"".join(map(framed, payloads))
    cut = data.draw(st.integers(len(written) - len(framed(payloads[-1])), len(written) - 1))
    whole, gaps = read(written[:cut])
    assert whole[: len(payloads) - 1] == payloads[:-1]
    if whole == payloads[:-1]:  # the last one may have a record in it
        assert [gap.torn for gap in gaps] == [True] * (len(gaps))
        assert sum(gap.end - gap.begin for gap in gaps) == cut - len(b"".join(map(framed, payloads[:-1])))


@settings(max_examples=40)
@given(PAYLOADS, st.data())
def test_a_wrong_byte_costs_the_record_it_is_in_and_no_other(payloads: list[bytes], data: st.DataObject) -> None:
    written = bytearray(b"".join(map(framed, payloads)))
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] ^= data.draw(st.integers(1, 255))
    ends = list(accumulate(len(framed(payload)) for payload in payloads))
    hit = bisect_right(ends, place)
    whole, gaps = read(bytes(written))
    assert whole[:hit] == payloads[:hit]
    assert whole[len(whole) - (len(payloads) - hit - 1) :] == payloads[hit + 1 :]
    assert gaps


@settings(max_examples=60)
@example(MARK + MARK, 0)
@given(st.lists(st.sampled_from([b"\0", MARK[:2], MARK, b"x"]), max_size=30).map(b"".join), st.integers(0, 40))
def test_a_file_is_searched_in_pieces_as_its_bytes_are_at_once(content: bytes, begin: int) -> None:
    with TemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BLOCK", 5)
        file.write(content)
        file.flush()
        assert OnDisk(file.fileno()).find(MARK, begin) == content.find(MARK, begin)


def test_what_is_cut_off_after_a_file_was_opened_reads_as_if_it_was_never_written() -> None:
    with TemporaryFile() as file:
        file.write(b"abcdef")
        file.flush()
        opened = OnDisk(file.fileno())
        file.truncate(2)
        assert (opened[0:4], opened[3:9], len(opened)) == (b"ab\0\0", b"\0\0\0", 6)


def test_every_cut_of_one_record_is_torn() -> None:
    record = framed(b"an order")
    for cut in range(1, len(record)):
        assert list(frames(record[:cut])) == [Gap(0, cut, torn=True)]


def test_a_record_behind_a_single_byte_is_found() -> None:
    record = framed(b"an order")
    assert list(frames(b"x" + record))[1:] == [Frame(1, 1 + len(record), b"an order")]


def test_letters_that_are_no_record_were_not_cut_off() -> None:
    assert list(frames(b"X" * 20)) == [Gap(0, 20, torn=False)]


@pytest.mark.parametrize("rest", [b"\0", b"\0" * 4096])
def test_space_that_was_never_written_is_torn(rest: bytes) -> None:
    record = framed(b"an order")
    assert list(frames(record + rest))[1:] == [Gap(len(record), len(record) + len(rest), torn=True)]


@pytest.mark.parametrize("payload", [b"an order", b""])
def test_a_whole_record_with_a_wrong_byte_is_damaged_even_if_it_is_the_last(payload: bytes) -> None:
    record = bytearray(framed(payload))
    record[-1] ^= 1
    assert list(frames(bytes(record))) == [Gap(0, len(record), torn=False)]


def test_the_longest_record_is_read_and_no_longer_one() -> None:
    longest, longer = framed(bytes(LONGEST)), framed(bytes(LONGEST + 1))
    assert [type(each) for each in frames(longest + longer)] == [Frame, Gap]


def test_a_length_that_no_record_has_is_not_believed() -> None:
    record = MARK + (LONGEST + 1).to_bytes(4, "big") + b"\0\0\0\0" + framed(b"an order")
    assert [type(each) for each in frames(record)] == [Gap, Frame]
