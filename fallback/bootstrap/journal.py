"""Tends the journal in each web process: notices that the ledger is away, keeps the mode for then, and replays."""

from __future__ import annotations

import atexit
from socket import gethostname
from threading import Event, Thread
from typing import Protocol

from fallback.domain.errors import TryAgain
from fallback.domain.outage.last_mode import LastMode
from fallback.domain.outage.ports import Modes
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.redis.readiness import CHECK_EVERY_SECONDS, Readiness
from fallback.runtime.logs import get_logger
from fallback.usecases.checkout import replay_journal as replaying
from fallback.usecases.checkout.replay_journal import replay_journal

LOOK_EVERY = 0.5
ENDS_WITHIN = 5.0

log = get_logger()


class Deps(replaying.Deps, Protocol):
    @property
    def heartbeats(self) -> Heartbeats: ...

    @property
    def last_mode(self) -> LastMode | None: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def readiness(self) -> Readiness: ...


def tend(deps: Deps) -> int:
    """Customers use the result of this look, so that none of them waits for a ledger that does not answer.

    Returns how many entries were replayed.
    """
    journal = deps.journal
    if journal is None:
        return 0
    problems = deps.readiness.problems(LOOK_EVERY if journal.away else CHECK_EVERY_SECONDS - 2 * LOOK_EVERY)
    journal.look()  # before orders go to the ledger again: what is in the journal is not to be ordered once more
    journal.away = bool(problems)
    if journal.away:
        return 0
    try:
        if deps.last_mode:
            deps.last_mode.note(deps.modes.read(), deps.clock())
        try:
            return replay_journal(deps)
        finally:  # also while a bug stops the replay
            if sign := journal.state().sign:
                deps.heartbeats.journal_has(gethostname(), sign, deps.clock())
    except TryAgain:
        journal.away = True
        return 0


def keep_tending(deps: Deps) -> None:
    """Start a thread that tends the journal until this process ends."""
    if deps.journal is None:
        return
    stopped = Event()

    def run() -> None:
        while not stopped.wait(LOOK_EVERY):
            try:
                tend(deps)
            except Exception as error:  # the thread outlives a bug, and says so
                log.error("journal_not_tended", exc_info=error)

    thread = Thread(target=run, name="journal", daemon=True)
    thread.start()
    atexit.register(_finish, stopped, thread)


def _finish(stopped: Event, thread: Thread) -> None:
    stopped.set()
    thread.join(ENDS_WITHIN)
