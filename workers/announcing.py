"""Sends announcements of orders to the shop's other software."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fallback.bootstrap.container import Container
from fallback.domain.order.announcements import Receiver
from fallback.usecases.order.send_announcement import is_given_up, note_away, send_announcement

# Few enough for one round to be over before the lease of the clock's leader ends, even if each takes its longest.
MOST, AT_ONCE = 100, 16


class Announcing:
    def __init__(self, container: Container) -> None:
        self._container = container

    def once(self) -> None:
        """Raises TryAgain while the ledger is down."""
        receivers = self._container.receivers
        self._container.announcements.keep_only(list(receivers))
        for receiver in receivers.values():
            self._serve(receiver)

    def _serve(self, receiver: Receiver) -> None:
        """The first goes alone: if the receiver is away, the others wait without a try of their own."""
        container, now = self._container, self._container.clock()
        away = container.announcements.away().get(receiver.name)
        if away and away.until > now:
            return
        due = container.announcements.due(receiver.name, now, MOST)
        due = [each for each in due if not is_given_up(container, receiver, each)]
        if not due:
            return
        first, *others = due
        failed = send_announcement(container, receiver, first)
        note_away(container, receiver, failed)
        if failed is None and others:
            with ThreadPoolExecutor(AT_ONCE) as threads:
                list(threads.map(partial(send_announcement, container, receiver), others))
