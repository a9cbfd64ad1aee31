"""The journal's directory: segments, which process writes which, and what was set aside.

*.segment   records in the order of their writes; the process that appends to it holds its lock (flock), so that a
            segment without a lock is complete, whether its process closed it or died
*.new       a segment before its process has the lock
*.damaged   bytes of a segment that are no record; a person decides what becomes of them

The one process that replays holds the lock of the directory.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from fallback.ledger.redis.clock import wall

SEGMENT, NEW, DAMAGED = ".segment", ".new", ".damaged"


class Directory:
    """It belongs to one machine: locks do not reach further."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(path.parent)

    def try_writing(self) -> None:
        """Raises OSError if nothing can be written."""
        trial = self.path / f"{os.getpid()}-{token_hex(4)}{NEW}"
        descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(descriptor)
        trial.unlink()

    def new_segment(self) -> tuple[Path, int]:
        """An empty segment that is ours to write, and its file descriptor. Its name is on disk."""
        name = f"{wall():%Y%m%dT%H%M%S.%f}-{os.getpid()}-{token_hex(4)}"
        made, path = self.path / f"{name}{NEW}", self.path / f"{name}{SEGMENT}"
        descriptor = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            made.rename(path)  # nobody looks at it before it has its lock
            _sync(self.path)
        except OSError:
            os.close(descriptor)
            raise
        return path, descriptor

    def segments(self) -> list[Path]:
        """Oldest first."""
        return sorted(self.path.glob(f"*{SEGMENT}"))

    def damaged(self) -> list[Path]:
        return sorted(self.path.glob(f"*{DAMAGED}"))

    def size(self) -> int:
        """In bytes, of all that is there."""
        total = 0
        with os.scandir(self.path) as found:
            for each in found:
                with suppress(FileNotFoundError):  # replayed meanwhile
                    total += each.stat().st_size
        return total

    def disk_free(self) -> int:
        return shutil.disk_usage(self.path).free

    def set_aside(self, segment: Path, begin: int, data: bytes) -> Path:
        """Keep what is no record in a file of its own; the same place is written once."""
        path = segment.with_name(f"{segment.stem}-{begin}{DAMAGED}")
        if not path.exists():
            descriptor = os.open(path.with_suffix(NEW), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            path.with_suffix(NEW).rename(path)
            _sync(self.path)
        return path

    def remove(self, segment: Path) -> None:
        segment.unlink(missing_ok=True)
        _sync(self.path)

    @contextmanager
    def replaying(self) -> Iterator[bool]:
        """Whether we are the one who replays now."""
        with _locked(self.path, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
            yield descriptor is not None

    @contextmanager
    def complete(self, segment: Path) -> Iterator[int | None]:
        """Its file descriptor, once no process writes to it any more; else None."""
        with _locked(segment, os.O_RDONLY) as descriptor:
            yield descriptor


def _sync(directory: Path) -> None:
    """A file's name is on disk once its directory is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path, flags: int) -> Iterator[int | None]:
    descriptor = os.open(path, flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield descriptor
    finally:
        os.close(descriptor)
