"""The books: all orders of an incident by a full scan, and the indexes' view of them. No personal data is read.

Also stores results of counts and audits: the last balance sheet of each incident, requests for a recount, the last
audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Damaged
from fallback.domain.incident.audit import Audit
from fallback.domain.incident.balance import Balance
from fallback.domain.incident.incident import Span
from fallback.domain.incident.running_totals import RunningTotals
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Event, Order
from fallback.ledger.order import documents
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.order.sequence import accepted_before
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import Command, read, write
from fallback.ledger.redis.errors import reachable

PAGE = 500
_BALANCE = msgspec.json.Decoder(Balance)
_AUDIT = msgspec.json.Decoder(Audit)
_TILL = msgspec.json.Decoder(RunningTotals)


class RedisBooks:
    """Implements incident.ports.Books. `whole`: it raises Damaged instead of leaving an order out."""

    def __init__(self, client: redis.Redis, damaged: DamagedOrders | None = None, whole: bool = False) -> None:
        self._redis = client
        self._damaged = damaged or DamagedOrders(client)
        self._whole = whole

    # --- the scan

    def accepted(self, span: Span) -> int:
        with reachable():
            newest = cast(bytes | None, self._redis.get(keys.SEQUENCE))
        upto = int(newest or 0) if span.upto is None else span.upto
        return max(0, upto - span.after)

    def scan(self, span: Span) -> Iterator[tuple[Order, list[Event]]]:
        low = span.after
        high = "+inf" if span.upto is None else span.upto
        while True:
            with reachable():
                found = self._redis.zrange(
                    keys.RECEIVED, f"({low!r}", high, byscore=True, offset=0, num=PAGE, withscores=True
                )
            page = cast(list[tuple[bytes, float]], found)
            if not page:
                return
            yield from self._told([ref.decode() for ref, _ in page])
            low = int(page[-1][1])

    def orders(self, refs: Sequence[str]) -> list[Order]:
        return [order for order, _ in self._told(refs)]

    def since(self, moment: datetime) -> Span:
        with reachable():
            return Span(accepted_before(self._redis, moment))

    def _told(self, refs: Sequence[str]) -> Iterator[tuple[Order, list[Event]]]:
        """Omits refs that do not exist, and damaged orders: a balance sheet then lacks as many as were accepted."""
        pipeline = self._redis.pipeline(transaction=False)
        for ref in refs:
            pipeline.hmget(keys.order(ref), "v", "doc", "log")
        with reachable():
            rows = pipeline.execute()
        for ref, (version, document, lines) in zip(refs, rows, strict=True):
            try:
                if version is not None:
                    yield self._read(ref, document, version, lines)
            except Damaged:
                if self._whole:
                    raise

    def _read(
        self, ref: str, document: bytes | None, version: bytes = b"0", lines: bytes | None = None
    ) -> tuple[Order, list[Event]]:
        with self._damaged.reading(ref):
            return documents.decode(document, int(version)), documents.decode_events(lines)

    # --- the indexes

    def by_headline(self, span: Span) -> dict[Headline, int]:
        pipeline = self._redis.pipeline(transaction=False)
        for each in Headline:
            pipeline.zcount(keys.headline(each), f"({span.after}", "+inf" if span.upto is None else span.upto)
        with reachable():
            counts = dict(zip(Headline, pipeline.execute(), strict=True))
        return {each: count for each, count in counts.items() if count}

    def listed(self, span: Span, each: Headline) -> set[str]:
        upto = "+inf" if span.upto is None else span.upto
        with reachable():
            refs = self._redis.zrangebyscore(keys.headline(each), f"({span.after}", upto)
        return {ref.decode() for ref in cast(list[bytes], refs)}

    def misplaced(self, refs: Sequence[str]) -> list[str]:
        """Each order is read together with its indexes, so that one that moves meanwhile is not reported."""
        return [ref for ref in refs if not self._is_where_it_belongs(ref)]

    def _is_where_it_belongs(self, ref: str) -> bool:
        scores: list[Command] = [("ZSCORE", keys.headline(each), ref) for each in Headline]
        document, *places = read(self._redis, [("HGET", keys.order(ref), "doc"), *scores])
        if document is None:
            return False
        listed = [each for each, place in zip(Headline, places, strict=True) if place is not None]
        try:
            order, _ = self._read(ref, document)
            return listed == [headline(order)]
        except Damaged:  # nobody knows where it belongs
            return False

    # --- stored results

    def keep(self, balance: Balance) -> None:
        write(self._redis, ("SET", keys.balance(balance.incident), msgspec.json.encode(balance)))

    def balance(self, incident_id: str) -> Balance | None:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.balance(incident_id)))
        return _BALANCE.decode(document) if document else None

    def ask(self, incident_id: str) -> None:
        write(self._redis, ("SADD", keys.RECOUNTS, incident_id))

    def asked(self) -> list[str]:
        with reachable():
            return [name.decode() for name in cast(set[bytes], self._redis.smembers(keys.RECOUNTS))]

    def answered(self, incident_id: str) -> None:
        with reachable():
            self._redis.srem(keys.RECOUNTS, incident_id)

    def keep_audit(self, audit: Audit) -> None:
        write(self._redis, ("SET", keys.AUDIT, msgspec.json.encode(audit)))

    def last_audit(self) -> Audit | None:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.AUDIT))
        return _AUDIT.decode(document) if document else None

    def keep_running_totals(self, totals: RunningTotals) -> None:
        write(self._redis, ("SET", keys.TILL, msgspec.json.encode(totals)))

    def last_running_totals(self) -> RunningTotals | None:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.TILL))
        return _TILL.decode(document) if document else None
