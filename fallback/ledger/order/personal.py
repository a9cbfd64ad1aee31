"""Personal data in Redis: orders that have kept theirs too long, and texts about people outside of orders.

Checkout forms and webhooks without an order are found by reading all of them: at most a few thousand, for a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import redis

from fallback.domain.support.subscriptions import Subscriptions
from fallback.ledger.checkout.drafts import Drafts
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable
from fallback.ledger.support.remarks import Remarks


class RedisPersonalData:
    """Implements order.erasing.PersonalData."""

    def __init__(
        self, client: redis.Redis, ledger: RedisLedger, drafts: Drafts, remarks: Remarks, subscriptions: Subscriptions
    ) -> None:
        self._redis = client
        self._ledger = ledger
        self._drafts = drafts
        self._remarks = remarks
        self._subscriptions = subscriptions

    def overdue(self, before: datetime, most: int) -> list[str]:
        with reachable():
            refs = self._redis.zrangebyscore(keys.KEPT, "-inf", before.timestamp(), 0, most)
        return [ref.decode() for ref in cast(list[bytes], refs)]

    def forget(self, words: Iterable[str]) -> int:
        wanted = {word.casefold() for word in words}
        forms = {draft.cart_id for word in words for draft in self._drafts.find(word)}
        for cart_id in forms:
            self._drafts.drop(cart_id)
        remarks = self._remarks.drop(lambda remark: _names(remark.text, wanted))
        unclaimed = self._ledger.unclaimed()
        events = [event_id for event_id, payload in unclaimed.items() if _names(payload.decode(), wanted)]
        self._ledger.drop_unclaimed(events)
        theirs = [name for name, each in self._subscriptions.each() if each.email.casefold() in wanted]
        for name in theirs:
            self._subscriptions.change(name, lambda _: None)
        return len(forms) + remarks + len(events) + len(theirs)

    def forget_on_disk(self) -> str:
        """Rewrite Redis' append-only log without the deleted data.

        Returns why that is impossible, or an empty string.
        """
        try:
            with reachable():
                self._redis.bgrewriteaof()
        except redis.ResponseError as error:  # it is being rewritten already; or a hosted Redis does this itself
            return str(error)
        return ""


def _names(text: str, wanted: Iterable[str]) -> bool:
    return any(word in text.casefold() for word in wanted)
