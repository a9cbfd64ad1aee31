"""The clock: rings the bells of all queues that have something due, sends links to who has lost them, and looks after
the primary (workers/lookout.py).

Several may run; one of them leads.
"""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress

from fallback import logs
from fallback.bootstrap import Container
from fallback.config import Config
from fallback.domain.errors import TryAgain
from fallback.domain.order import Queue
from fallback.ledger.leases import Leases
from workers import bookkeeping, drills
from workers.bookkeeping import Bookkeeping
from workers.drills import Drills
from workers.lookout import LookingOut
from workers.rounds import Rounds
from workers.telling import LOOK_SECONDS, Telling

LEASE = "clock"
# Another takes over so many seconds after the leader died: a few of its ticks, so that a slow one does not change it.
LEASE_SECONDS = 5.0
TICK_SECONDS = 1.0
ERASE_SECONDS = 60.0
# Short enough that a minute ends with what it brought.
NOTE_SECONDS = 5.0

log = logs.get_logger(process="clock")


def tick(container: Container, leases: Leases) -> None:
    """Raises TryAgain while the ledger is away."""
    if leases.hold(LEASE, LEASE_SECONDS):
        now = container.clock()
        container.renew_links()
        container.follow_mode()
        for queue in Queue:
            if container.ledger.count_due(queue, now):
                container.bells.ring(queue)
        if container.invitation_mails.count_due(now):
            container.bells.ring(Queue.NOTICE)


def run(container: Container, leases: Leases) -> None:
    away = False
    while True:
        try:
            tick(container, leases)
        except TryAgain as error:
            if not away:
                log.warning("ledger_away", exc_info=error)
            away = True
        else:
            if away:
                log.info("ledger_back")
            away = False
        time.sleep(TICK_SECONDS)


def main() -> None:
    config = Config.from_env()
    logs.configure(config.log_level)
    container = Container(config)
    leases = Leases(container.redis)
    looking = LookingOut(container, leases)
    telling = Telling(container, leases)
    alerts = Rounds("telling", LOOK_SECONDS, telling.once)
    books = Rounds("books", bookkeeping.LOOK_SECONDS, Bookkeeping(container, leases).once)
    drilling = Drills(container, leases)
    exercise = Rounds("drills", drills.LOOK_SECONDS, drilling.once)
    erasing = Rounds("erasing", ERASE_SECONDS, container.erase_overdue)
    minutes = Rounds("minutes", NOTE_SECONDS, container.note_minute)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    container.tallies.keep_writing()
    looking.start()
    alerts.start()
    books.start()
    erasing.start()
    exercise.start()
    minutes.start()
    try:
        run(container, leases)
    finally:
        looking.stop()
        alerts.stop()
        books.stop()
        erasing.stop()
        exercise.stop()
        minutes.stop()
        drilling.give_up()
        telling.give_up()
        with suppress(TryAgain):
            leases.release(LEASE)


if __name__ == "__main__":
    main()
