"""`fallback clock`: rings the bell of every queue with due work, and runs the other periodic rounds.

Several may run; for each round one of them is the leader.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial

from fallback.bootstrap.container import Container
from fallback.bootstrap.start import begin
from fallback.domain.order.order import Queue
from fallback.ledger.redis.leases import Leases
from fallback.runtime import logs, traces
from fallback.runtime.stop_signal import StopSignal
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.oncall.note_minute import note_minute
from fallback.usecases.order.erase_overdue import erase_overdue
from fallback.usecases.payment.read_inbox import sweep_inbox
from fallback.usecases.support.renew_links import renew_links
from fallback.usecases.support.tell_subscribers import follow_subscriptions
from workers.alerting import Alerting
from workers.announcing import Announcing
from workers.bookkeeping import Bookkeeping
from workers.drills import DrillRounds
from workers.probing import Probing
from workers.rounds import Rounds

log = logs.get_logger(process="clock")

# Another clock takes over so many seconds after the leader died: a few ticks, so that one slow tick changes nothing.
LEASE_SECONDS = 5.0
# Longer than a probe and the pause after it, so that the leader stays leader and nobody else probes.
LOOK_MARGIN = 5.0
# Longer than most rounds. If a round takes longer, another clock may run it too, which is harmless.
PATIENT_LEASE = 45.0


def tick(container: Container) -> None:
    """Raises TryAgain while the ledger is down. Bells first: what the rest may meet does not keep due work waiting."""
    for queue in Queue:
        if container.ledger.count_due(queue):
            container.bells.ring(queue)
    now = container.clock()
    if container.invitation_mails.count_due(now) or container.subscriptions.count_due(now):
        container.bells.ring(Queue.NOTICE)
    renew_links(container)
    follow_mode(container)


def rounds(container: Container, leases: Leases) -> Iterator[Rounds]:
    config, alerting = container.config, Alerting(container)
    look = config.fallback_probe_seconds + config.fallback_probe_patience + LOOK_MARGIN
    # These are also the names of the leases, so they must stay the same across releases.
    yield Rounds("clock", partial(tick, container), leases, every=1, lease=LEASE_SECONDS)
    yield Rounds("lookout", Probing(container).once, leases, every=config.fallback_probe_seconds, lease=look)
    yield Rounds("telling", alerting.once, leases, every=2, lease=PATIENT_LEASE, ended=alerting.ended)
    yield Rounds("announcing", Announcing(container).once, leases, every=1, lease=PATIENT_LEASE)
    yield Rounds("drills", DrillRounds(container).once, leases, every=1, lease=PATIENT_LEASE)
    yield Rounds("books", Bookkeeping(container).once, leases, every=2, lease=PATIENT_LEASE)
    yield Rounds("subscriptions", partial(follow_subscriptions, container), leases, every=15, lease=PATIENT_LEASE)
    yield Rounds("damaged", container.looking_again.once, leases, every=60, lease=PATIENT_LEASE)
    yield Rounds("erasing", partial(erase_overdue, container), leases, every=60, lease=PATIENT_LEASE)
    yield Rounds("inbox", partial(sweep_inbox, container), leases, every=3600, lease=PATIENT_LEASE)
    # Short enough that a minute's figures include its last seconds.
    yield Rounds("minutes", partial(note_minute, container), leases, every=5, lease=PATIENT_LEASE)


def main() -> None:
    container = Container(begin("clock"), traces.start("clock"), serves=True)
    container.metrics_store.keep_writing()
    stop = StopSignal(signal.SIGTERM, signal.SIGINT)
    going = list(rounds(container, Leases(container.redis)))
    for each in going:
        each.start()
    stop.wait()
    for each in going:
        each.ask_to_stop()
    for each in going:
        each.stop()
    log.info("stopped", reason="asked by a signal")


if __name__ == "__main__":
    main()
