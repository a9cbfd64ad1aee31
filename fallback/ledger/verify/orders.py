"""Compares each order with its index entries, and each entry with its order, beside a living system.

An order's document and all of its entries are changed by one script. So they are read at one moment, and an order that
was written since its document was decoded is decoded again: what then differs does differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import redis
from msgspec import Struct, structs

from fallback.domain.errors import FallbackError
from fallback.ledger.order import documents
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.order.ledger import ERASED
from fallback.ledger.order.sequence import free_number
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import Command, read
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from fallback.ledger.redis.errors import reachable
from fallback.ledger.redis.packing import unpack
from fallback.ledger.scripts import REINDEX
from fallback.ledger.verify.difference import A_DOCUMENT, Difference
from fallback.ledger.verify.standing import A_SEQUENCE, ALWAYS, Standing, There, compare, people_keys, standing


class _OfCart(Struct):
    cart_id: str


_CART = msgspec.json.Decoder(_OfCart)

# Redis reads the entries of so many orders at one moment, in a millisecond or two.
AT_ONCE = 100
NO_ORDER = Standing()
Additional = Mapping[str, Collection[str]]


class Orders:
    """`repair`: correct each index entry that differs. Nothing is written into an order."""

    def __init__(self, client: redis.Redis, crypto: Crypto, damaged: DamagedOrders, repair: bool) -> None:
        self._redis = client
        self._crypto = crypto
        self._damaged = damaged
        self._repair = repair

    def differences(self, refs: Iterable[str], additional: Additional | None = None) -> Iterator[Difference]:
        """`additional`: sets or strings in which an order was found and may not belong; only they are told."""
        left = list(dict.fromkeys(refs))
        while left:
            page, left = left[:AT_ONCE], left[AT_ONCE:]
            wanted, unreadable = self._wanted(page)
            yield from unreadable
            for ref, there in self._there(wanted, additional or {}).items():
                if there.version != wanted[ref].version:
                    left.append(ref)
                    continue
                found = list(compare(ref, wanted[ref], there))
                if additional is not None:
                    found = [each for each in found if each.key in additional[ref]]
                if found and self._repair and not self._mend(ref, wanted[ref], found):
                    left.append(ref)
                    continue
                yield from (structs.replace(each, mended=self._repair and _can_be_mended(each)) for each in found)

    def misplaced(self, found: Mapping[str, Collection[str]]) -> Iterator[Difference]:
        """`found`: refs with the sets in which they were found."""
        refs = list(found)
        for start in range(0, len(refs), AT_ONCE):
            page = refs[start : start + AT_ONCE]
            wanted, _ = self._wanted(page)
            doubtful = {ref: set(found[ref]) - each.sets - each.named for ref, each in wanted.items()}
            doubtful = {ref: names for ref, names in doubtful.items() if names}
            yield from self.differences(doubtful, doubtful)

    def of_carts(self, found: Mapping[str, Collection[str]]) -> Iterator[Difference]:
        """The same for strings by cart, from as little of each order as that takes: there is one for each."""
        documents_of = self._field(found, "doc")
        own = {ref: _cart_of(document) for ref, document in documents_of.items()}
        doubtful = {ref: names for ref, names in found.items() if set(names) != {own[ref]}}
        yield from self.misplaced(doubtful)

    def of_people(self, found: Mapping[str, Collection[str]]) -> Iterator[Difference]:
        """The same for sets by e-mail address or phone number, of which there are as many."""
        sealed = self._field(found, "who")
        own = {ref: self._people_of(ref, who) for ref, who in sealed.items()}
        doubtful = {ref: names for ref, names in found.items() if not own[ref].issuperset(names)}
        yield from self.misplaced(doubtful)

    def without_order(self, found: Mapping[str, Collection[str]]) -> Iterator[Difference]:
        """The same where the order says nothing more: it only has to be there."""
        with reachable():
            if not found or self._redis.exists(*map(keys.order, found)) == len(found):
                return
        versions = self._field(found, "v")
        missing = {ref: names for ref, names in found.items() if not versions[ref]}
        yield from self.differences(missing, missing)

    # --- details

    def _field(self, refs: Iterable[str], name: str) -> dict[str, bytes]:
        """Empty where there is none."""
        pipeline = self._redis.pipeline(transaction=False)
        for ref in refs:
            pipeline.hget(keys.order(ref), name)
        with reachable():
            return {ref: found or b"" for ref, found in zip(refs, pipeline.execute(), strict=True)}

    def _people_of(self, ref: str, who: bytes) -> set[str]:
        try:
            customer = None if who in (b"", ERASED) else self._crypto.decrypt(who, ref)
        except (msgspec.MsgspecError, Undecryptable):
            return set()
        return {key for group in people_keys(customer, self._crypto) for key in group}

    def _wanted(self, refs: Sequence[str]) -> tuple[dict[str, Standing], list[Difference]]:
        """What the documents say, and those that cannot be read."""
        pipeline = self._redis.pipeline(transaction=False)
        for ref in refs:
            pipeline.hmget(keys.order(ref), "v", "doc", "who", "log")
        with reachable():
            rows = pipeline.execute()
        wanted, unreadable = {}, []
        for ref, row in zip(refs, rows, strict=True):
            try:
                wanted[ref] = self._standing(ref, *row) if any(row) else NO_ORDER
            except (msgspec.MsgspecError, FallbackError, Undecryptable, ValueError, TypeError) as error:
                unreadable.append(Difference(keys.order(ref), ref, A_DOCUMENT, str(error)))
                if not isinstance(error, FallbackError):
                    self._damaged.met(ref, "order_damaged", reason=str(error))
        return wanted, unreadable

    def _standing(
        self, ref: str, version: bytes | None, document: bytes | None, who: bytes | None, log: bytes | None
    ) -> Standing:
        if version is None or document is None or who is None or log is None:
            raise ValueError("a part of it is not there")
        order = documents.decode(document, int(version))
        if order.ref != ref:
            raise ValueError(f"the document of {order.ref}")
        customer = None if who == ERASED else self._crypto.decrypt(who, ref)
        return standing(structs.replace(order, customer=customer), documents.decode_events(log), self._crypto)

    def _there(self, wanted: Mapping[str, Standing], additional: Additional) -> dict[str, There]:
        """All at one moment."""
        refs = list(wanted)
        if not refs:
            return {}
        own = {ref: sorted((wanted[ref].sets | _sets(additional.get(ref, ()))).difference(ALWAYS)) for ref in refs}
        names = {ref: _names(wanted[ref], additional.get(ref, ())) for ref in refs}
        commands: list[Command] = [("ZMSCORE", key, *refs) for key in ALWAYS]
        for ref in refs:
            commands.append(("HGET", keys.order(ref), "v"))
            commands += (("ZSCORE", key, ref) for key in own[ref])
            commands += (("GET", key) for key in names[ref])
        answers = read(self._redis, commands)
        with reachable():  # afterwards: a lease that was read has begun by then
            seconds, micros = self._redis.time()
        columns, rest = answers[: len(ALWAYS)], iter(answers[len(ALWAYS) :])
        found = {}
        for place, ref in enumerate(refs):
            version = next(rest)
            scores = {key: _score(column[place]) for key, column in zip(ALWAYS, columns, strict=True)}
            scores |= {key: _score(next(rest)) for key in own[ref]}
            strings = {key: _text(next(rest)) for key in names[ref]}
            found[ref] = There(_text(version) or "", seconds + micros / 1e6, scores, strings)
        return found

    def _mend(self, ref: str, wanted: Standing, found: Iterable[Difference]) -> bool:
        """False if the order has changed meanwhile."""
        names, arguments = [keys.order(ref)], list[Any]((wanted.version, ref))
        lost = any(each.expected == A_SEQUENCE for each in found)
        sequence = self._free_number(ref, wanted) if lost else 0
        for each in filter(_can_be_mended, found):
            names.append(each.key)
            arguments += _move(wanted, each, sequence)
        with reachable():
            return bool(REINDEX(self._redis.execute_command, names, arguments))

    def _free_number(self, ref: str, wanted: Standing) -> int:
        """The order's own is in no index any more."""
        counter = keys.SEQUENCE if wanted.received == keys.RECEIVED else keys.DRILL_SEQUENCE
        with reachable():
            return free_number(self._redis, ref, counter, wanted.received)


def _move(wanted: Standing, each: Difference, sequence: int) -> tuple[str, float | str]:
    """As in scripts/reindex.lua. `sequence`: for an order that has lost its own."""
    if each.key in wanted.named:
        return "name", ""
    if each.expected is None:
        return ("free" if isinstance(each.found, str) else "take"), ""
    return ("add" if each.found is None else "put"), sequence if each.expected == A_SEQUENCE else each.expected


def _cart_of(document: bytes) -> str | None:
    try:
        return keys.cart(_CART.decode(unpack(document)).cart_id)
    except msgspec.MsgspecError:
        return None


def _can_be_mended(each: Difference) -> bool:
    """Not where two orders claim one name: a person has to look at both."""
    return not (isinstance(each.expected, str) and isinstance(each.found, str))


def by_ref(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Sets and their members, turned round."""
    found = defaultdict[str, set[str]](set)
    for key, ref in pairs:
        found[ref].add(key)
    return dict(found)


def _is_name(key: str) -> bool:
    return key.startswith((keys.cart(""), keys.intent("")))


def _sets(found: Iterable[str]) -> set[str]:
    return {key for key in found if not _is_name(key)}


def _names(wanted: Standing, found: Iterable[str]) -> list[str]:
    return sorted({*wanted.named, *filter(None, (wanted.cart,)), *filter(_is_name, found)})


def _score(value: bytes | None) -> float | None:
    return None if value is None else float(value)


def _text(value: Any) -> str | None:
    return None if value is None else value.decode()
