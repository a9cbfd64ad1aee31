"""How records stand in a file of the journal: each in a frame that shows whether it is whole.

frame: 4 bytes that mark its beginning, 4 the length of the payload, 4 a CRC-32 of length and payload, then the payload
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from struct import Struct as Layout
from typing import NamedTuple
from zlib import crc32

MARK = b"\xfbJr1"
_HEAD = Layout(">4sII")
_LENGTH = Layout(">I")
# An order with all its lines and texts has less; a larger figure is a damaged one.
LONGEST = 4 * 2**20
BLOCK = 2**16


class Frame(NamedTuple):
    """A whole record, from byte `begin` to `end` of the file."""

    begin: int
    end: int
    payload: bytes


class Gap(NamedTuple):
    """Bytes that are no whole record. `torn`: the file ends in the middle of one, because its write was cut off."""

    begin: int
    end: int
    torn: bool


class OnDisk:
    """A file as the bytes that it had when it was opened, read as far as they are asked for.

    Not by mmap: a process that touches a page which the disk does not give, or which was cut off meanwhile, is killed.
    Raises OSError; what was cut off reads as zeros, as if it had never been written.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._size = descriptor, os.fstat(descriptor).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        begin, end, _ = part.indices(self._size)
        return os.pread(self._descriptor, end - begin, begin).ljust(end - begin, b"\0")

    def find(self, wanted: bytes, begin: int) -> int:
        for first in range(begin, self._size, BLOCK):
            found = self[first : first + BLOCK + len(wanted) - 1].find(wanted)
            if found >= 0:
                return first + found
        return -1


def framed(payload: bytes) -> bytes:
    length = len(payload)
    return _HEAD.pack(MARK, length, crc32(payload, crc32(_LENGTH.pack(length)))) + payload


def frames(data: bytes | OnDisk, begin: int = 0) -> Iterator[Frame | Gap]:
    """All records from `begin` on, and what stands between them."""
    while begin < len(data):
        found = _frame_at(data, begin) or _gap_at(data, begin)
        yield found
        begin = found.end


def _frame_at(data: bytes | OnDisk, begin: int) -> Frame | None:
    if len(data) - begin < _HEAD.size:
        return None
    mark, length, check = _HEAD.unpack(data[begin : begin + _HEAD.size])
    end = begin + _HEAD.size + length
    if mark != MARK or length > LONGEST or end > len(data):
        return None
    payload = data[begin + _HEAD.size : end]
    whole = crc32(payload, crc32(_LENGTH.pack(length))) == check
    return Frame(begin, end, payload) if whole else None


def _gap_at(data: bytes | OnDisk, begin: int) -> Gap:
    """What cannot be read from `begin` to the next whole record, or to the end."""
    following = data.find(MARK, begin + 1)
    while following >= 0:
        if _frame_at(data, following):
            return Gap(begin, following, torn=False)
        following = data.find(MARK, following + 1)
    return Gap(begin, len(data), _is_cut_off(data[begin:]))


def _is_cut_off(rest: bytes) -> bool:
    """Whether it is the beginning of a record, or nothing that was ever written."""
    if not rest.strip(b"\0"):
        return True
    if len(rest) < _HEAD.size:
        return rest.startswith(MARK[: len(rest)])
    mark, length, _ = _HEAD.unpack(rest[: _HEAD.size])
    return bool(mark == MARK and len(rest) < _HEAD.size + length)
