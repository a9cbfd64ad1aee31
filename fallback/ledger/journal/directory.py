"""The journal's directory: whose it is, segments, which process writes which, and what was set aside.

shop        FALLBACK_SHOP of those whose journal it is, made by the first process that writes. Without it, as an older
            release left it, the directory is nobody's
*.segment   records in the order of their writes; the process that appends to it holds its lock (flock), so that a
            segment without a lock is complete, whether its process closed it or died
*.new       a file that is not whole yet; the process that makes it holds its lock. One without a lock was left behind:
            the next process that begins removes it
*.damaged   bytes of a segment that are no record; a person decides what becomes of them

The one process that replays holds the lock of the directory; the one that writes just now, that of `shop`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from shlex import quote

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from fallback.ledger.redis.clock import wall
from fallback.ledger.redis.owner import NotRenamed
from fallback.runtime.logs import get_logger

log = get_logger()

PATIENCE, LOOK_EVERY = 5.0, 0.002  # seconds
SHOP, SEGMENT, NEW, DAMAGED = "shop", ".segment", ".new", ".damaged"


class OfAnotherShop(OSError):
    """The directory has another shop's orders, or nobody knows whose. The text says what to do."""

    def __init__(self, directory: Path, owner: str, shop: str) -> None:
        whose, ours = f"has the journal of shop {owner!r}; FALLBACK_SHOP is {shop!r}", "the shop was renamed"
        if not owner:
            whose, ours = "has the journal of a shop whose name was lost: its file 'shop' is empty", f"it is {shop!r}"
        super().__init__(
            errno.EPERM,
            f"{directory} {whose}. Give each shop a directory of its own in FALLBACK_JOURNAL. "
            f"If {ours}: fallback journal rename {quote(owner)}",
        )


class Directory:
    """It belongs to one shop, and to one machine: locks do not reach further."""

    def __init__(self, path: Path, shop: str) -> None:
        self.path, self._shop = path, shop
        self._has_turn = True

    def begin(self) -> None:
        """For a process that will write: make it, if it is not there. Raises OSError if nothing can be written."""
        if not self.path.is_dir():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self.path.parent)
        self.claim()
        self._remove_what_was_left_behind()
        self.try_writing()

    def look(self) -> None:
        """For a process that may only read: as `begin`, but nothing is made."""
        if not self.path.exists():
            raise FileNotFoundError(errno.ENOENT, f"{self.path} is not there: a web process makes it when it starts")
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        self.check()

    def owner(self) -> str | None:
        """None: nobody. Empty: the name was lost."""
        try:
            return (self.path / SHOP).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def check(self) -> None:
        """Raises OfAnotherShop."""
        if (owner := self.owner()) not in (None, self._shop):
            raise OfAnotherShop(self.path, owner, self._shop)

    def claim(self) -> None:
        """It becomes ours if it is nobody's. Raises OfAnotherShop."""
        if self.owner() is None:
            with self._named() as draft, suppress(FileExistsError):  # another process was first
                (self.path / SHOP).hardlink_to(draft)
        self.check()

    def rename(self, old: str) -> None:
        """Raises NotRenamed unless it is that of `old`."""
        if (owner := self.owner()) != old:
            raise NotRenamed(
                f"the journal is of {'no shop yet' if owner is None else f'shop {owner!r}, not of {old!r}'}"
            )
        there = (self.path / SHOP).stat()
        with self._named() as draft:
            os.chown(draft, there.st_uid, there.st_gid)  # root may rename it, and the processes have to read it
            draft.replace(self.path / SHOP)

    @contextmanager
    def _named(self) -> Iterator[Path]:
        """A file with our name, and then the directory with what was made of it, on disk."""
        with self._whole(self._shop.encode()) as draft:
            yield draft
        _sync(self.path)

    def try_writing(self) -> None:
        """Raises OSError if nothing can be written."""
        with self._whole(b""):
            pass

    @contextmanager
    def _whole(self, data: bytes) -> Iterator[Path]:
        """A file with this content, on disk, to be moved to its name."""
        draft, descriptor = self._draft(str(os.getpid()))
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
                yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _draft(self, name: str) -> tuple[Path, int]:
        """A new file that has our lock, and its file descriptor."""
        while True:
            draft = self.path / f"{name}-{token_hex(4)}{NEW}"
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if os.fstat(descriptor).st_nlink:
                    return draft, descriptor
            except OSError:
                os.close(descriptor)
                raise
            os.close(descriptor)  # before it had its lock, another process removed it as one that was left behind

    def _remove_what_was_left_behind(self) -> None:
        for draft in self.path.glob(f"*{NEW}"):
            with suppress(OSError), _locked(draft, os.O_RDONLY) as descriptor:
                if descriptor is not None:
                    draft.unlink()

    def new_segment(self) -> tuple[Path, int]:
        """An empty segment that is ours to write, and its file descriptor. Its name is on disk."""
        made, descriptor = self._draft(f"{wall():%Y%m%dT%H%M%S.%f}-{os.getpid()}")
        path = made.with_suffix(SEGMENT)
        try:
            made.rename(path)  # nobody looks at it before it has its lock
            _sync(self.path)
        except OSError:
            os.close(descriptor)
            made.unlink(missing_ok=True)
            raise
        return path, descriptor

    def segments(self) -> list[Path]:
        """Oldest first."""
        return sorted(self.path.glob(f"*{SEGMENT}"))

    def damaged(self) -> list[Path]:
        return sorted(self.path.glob(f"*{DAMAGED}"))

    def size(self) -> int:
        """In bytes, of all that is there but its owner's name."""
        total = 0
        with os.scandir(self.path) as found:
            for each in found:
                with suppress(FileNotFoundError):  # replayed meanwhile
                    total += each.stat().st_size if each.name != SHOP else 0
        return total

    def disk_free(self) -> int:
        return shutil.disk_usage(self.path).free

    def set_aside(self, segment: Path, begin: int, data: bytes) -> Path:
        """Keep what is no record in a file of its own; the same place is written once."""
        path = segment.with_name(f"{segment.stem}-{begin}{DAMAGED}")
        if not path.exists():
            with self._whole(data) as draft:
                draft.rename(path)
            _sync(self.path)
        return path

    def remove(self, segment: Path) -> None:
        segment.unlink(missing_ok=True)
        _sync(self.path)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """No other process of the machine writes meanwhile: it waits. Raises OfAnotherShop.

        One that is stopped in its turn, or whose disk hangs, keeps the others waiting once. Then they write without a
        turn: of two equal requests each may get a ref, and the replay makes one order of both.
        """
        self.claim()
        descriptor = os.open(self.path / SHOP, os.O_RDONLY)
        try:
            had, self._has_turn = self._has_turn, self._takes_turn(descriptor)
            if had and not self._has_turn:
                log.warning("journal_turn_not_given", waited_s=PATIENCE)
            yield
        finally:
            os.close(descriptor)

    def _takes_turn(self, descriptor: int) -> bool:
        trying = Retrying(
            retry=retry_if_exception_type(BlockingIOError),
            wait=wait_fixed(LOOK_EVERY),
            stop=stop_after_delay(PATIENCE if self._has_turn else 0),
            reraise=True,
        )
        with suppress(BlockingIOError):
            trying(fcntl.flock, descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

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
