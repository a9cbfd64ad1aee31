"""Compares the orders of an incident with our indexes, the payment provider and the shop.

Orders change meanwhile. An apparent difference is checked once more, on both sides, before it is reported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

from fallback.domain.errors import Refused, UnknownOrder, Unreadable
from fallback.domain.incident.balance import Count, Difference, DifferenceCode, Fate, Figures, Side
from fallback.domain.incident.incident import Span
from fallback.domain.incident.lost_orders import must_not_be_there, should_be_there
from fallback.domain.incident.ports import Books
from fallback.domain.incident.watching import Watch, unwatched
from fallback.domain.money import Money
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order, PlacementState
from fallback.domain.outage.beside import SideQuestion
from fallback.domain.payment.gateway import Intent, PaymentGateway
from fallback.domain.placement.matching import CANCELLED, PrimaryOrder, differences

# The clocks of the payment provider, of the shop and ours may differ.
CLOCK_SKEW = timedelta(minutes=5)
AT_ONCE = 200
# A list may be slightly outdated. This many refs are checked one by one; if the shop has none of them, the list is
# trusted for the others too, rather than asking a shop that has just come back a thousand times.
ASKED_SINGLY = 50


# --- our own indexes


def with_indexes(
    count: Count, spans: Collection[Span], accepted: int, incident: str, books: Books, ledger: Ledger
) -> list[Difference]:
    found = [Difference(Side.LEDGER, DifferenceCode.INDEX, ref) for ref in _misplaced(count, spans, books)]
    if accepted != len(count.figures):
        found.append(
            Difference(Side.LEDGER, DifferenceCode.LOST, detail=f"{accepted} accepted, {len(count.figures)} there")
        )
    # Grants booked to standby are from all time, not only from the days that are counted.
    for (kind, currency), ours in count.booked.items() if incident != NO_INCIDENT else ():
        booked = ledger.booked(kind, incident, currency).amount
        if booked != ours:
            detail = f"{kind}: {Money(ours, currency)} granted, {Money(booked, currency)} booked"
            found.append(Difference(Side.LEDGER, DifferenceCode.BOOKED, detail=detail))
    return found


def _misplaced(count: Count, spans: Collection[Span], books: Books) -> list[str]:
    counts: Counter[Headline] = Counter()
    for span in spans:
        counts.update(books.by_headline(span))
    suspects: set[str] = set()
    for each in counts.keys() | count.by_headline.keys():
        if counts[each] != count.by_headline[each]:
            listed = set[str]().union(*(books.listed(span, each) for span in spans))
            suspects |= listed ^ {ref for ref, figures in count.figures.items() if figures.headline is each}
    return books.misplaced(sorted(suspects))


# --- the payment provider


def with_provider(
    all_figures: Mapping[str, Figures],
    gateway: PaymentGateway,
    books: Books,
    ledger: Ledger,
    since: datetime,
    watch: Watch = unwatched,
) -> list[Difference]:
    charges: defaultdict[str, list[Intent]] = defaultdict(list)
    for ref, intent in watch(Side.PROVIDER, gateway.listed(since - CLOCK_SKEW)):
        if intent.captured:
            charges[ref].append(intent)
    found: list[Difference] = []
    for ref, figures in all_figures.items():
        mine = charges.pop(ref, [])
        if _sums(mine) != (figures.captured, figures.refunded) or _kept(mine) > 1:
            for order in _as_it_is(ref, books, ledger):
                found += _at_provider(order, mine, gateway)
    return found + [
        Difference(Side.PROVIDER, DifferenceCode.STRANGER, ref) for ref in charges if not _is_there(ref, ledger)
    ]


def _at_provider(order: Order, listed: Iterable[Intent], gateway: PaymentGateway) -> Iterator[Difference]:
    """The order and its intents as they are now; they may differ while a call is under way."""
    payment = order.payment
    if payment.attempt:
        return
    ids = {intent.id for intent in listed} | ({payment.intent} if payment.intent else set())
    intents = list(_known_to(gateway, sorted(ids)))
    captured, refunded = _sums(intents)
    if _kept(intents) > 1:
        yield Difference(Side.PROVIDER, DifferenceCode.TWICE, order.ref, ", ".join(intent.id for intent in intents))
    elif captured != payment.captured:
        yield Difference(Side.PROVIDER, DifferenceCode.CAPTURED, order.ref, _both(payment.captured, captured, order))
    elif refunded != payment.refunded:
        yield Difference(Side.PROVIDER, DifferenceCode.REFUNDED, order.ref, _both(payment.refunded, refunded, order))


def _known_to(gateway: PaymentGateway, ids: Iterable[str]) -> Iterator[Intent]:
    for each in ids:
        with suppress(Refused):
            yield gateway.retrieve(each)


def _sums(intents: Iterable[Intent]) -> tuple[int, int]:
    taken = [(intent.captured, intent.refunded) for intent in intents if intent.captured]
    return sum(captured for captured, _ in taken), sum(refunded for _, refunded in taken)


def _kept(intents: Iterable[Intent]) -> int:
    """How many charges were not refunded."""
    return sum(intent.captured > intent.refunded for intent in intents)


def _both(ours: int, theirs: int, order: Order) -> str:
    return f"{Money(ours, order.currency)} here, {Money(theirs, order.currency)} there"


def _is_there(ref: str, ledger: Ledger) -> bool:
    try:
        return bool(ledger.load(ref))
    except UnknownOrder:
        return False
    except Unreadable:  # the sheet says that one is lacking
        return True


def _as_it_is(ref: str, books: Books, ledger: Ledger) -> list[Order]:
    """Without personal data if only those cannot be read; empty if nothing can."""
    try:
        return [ledger.load(ref)]
    except Unreadable:
        return books.orders([ref])


# --- the shop


def with_shop(
    all_figures: Mapping[str, Figures],
    primary: SideQuestion,
    books: Books,
    ledger: Ledger,
    since: datetime,
    watch: Watch = unwatched,
) -> list[Difference]:
    """Orders on hold are not compared, since their hold names the problem; nor are those under way."""
    there: set[str] = set()
    standing: dict[str, str] = {}
    several: defaultdict[str, set[str]] = defaultdict(set)
    found: list[Difference] = []
    listed_there = watch(Side.SHOP, primary.placed_since(since - CLOCK_SKEW))
    ours = ((each.ref, each) for each in listed_there if each.ref and each.ref in all_figures)
    while page := list(islice(ours, AT_ONCE)):
        orders = {order.ref: order for order in books.orders([ref for ref, _ in page])}
        for ref, listed in page:
            there.add(ref)
            if listed.status != CANCELLED and (first := standing.setdefault(ref, listed.number)) != listed.number:
                several[ref] |= {first, listed.number}
            order = orders.get(ref)  # None: it was damaged since it was counted
            if order and _is_compared(all_figures[ref]) and _in_shop(order, listed):
                found += _in_shop_now(ref, primary, books, ledger)
    found += [_several(ref, numbers) for ref, numbers in several.items() if _is_compared(all_figures[ref])]
    gone = (ref for ref, each in all_figures.items() if _is_compared(each) and _belongs(each) and ref not in there)
    return found + [Difference(Side.SHOP, DifferenceCode.MISSING, ref) for ref in really_missing(primary, gone)]


def really_missing(primary: SideQuestion, refs: Iterable[str]) -> Iterator[str]:
    """Of the refs that the shop's list omits: those that it does not have when asked one by one."""
    believed = True
    for number, ref in enumerate(refs):
        if (believed and number >= ASKED_SINGLY) or primary.find(ref) is None:
            yield ref
        else:
            believed = False


def _several(ref: str, numbers: set[str]) -> Difference:
    """Where the shop does not refuse duplicates itself, a late request may have made a second order of a ref."""
    detail = f"orders: 1 agreed, {len(numbers)} there ({', '.join(sorted(numbers))})"
    return Difference(Side.SHOP, DifferenceCode.DIFFERENT, ref, detail)


def _is_compared(figures: Figures) -> bool:
    return figures.fate not in (Fate.HELD, Fate.UNNAMED, Fate.UNDER_WAY)


def _belongs(figures: Figures) -> bool:
    return figures.placement is PlacementState.VERIFIED and figures.fate is not Fate.REFUNDED


def _in_shop_now(ref: str, primary: SideQuestion, books: Books, ledger: Ledger) -> list[Difference]:
    orders, there = _as_it_is(ref, books, ledger), primary.find(ref)
    different = [_in_shop(order, there) for order in orders if there]
    return [each for each in different if each]


def _in_shop(order: Order, there: PrimaryOrder) -> Difference | None:
    if must_not_be_there(order, there):
        return Difference(Side.SHOP, DifferenceCode.STILL_THERE, order.ref, there.number)
    different = differences(order, there)
    if not should_be_there(order) or order.amendment or not different:
        return None
    return Difference(Side.SHOP, DifferenceCode.DIFFERENT, order.ref, "; ".join(different))
