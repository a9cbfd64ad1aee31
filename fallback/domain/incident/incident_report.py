"""The report on an incident, for people who were not there: what was saved, what it cost, what happened."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from fallback.domain.incident.balance import Amounts, Balance, Fate, Side
from fallback.domain.incident.incident import Entry, Incident, IncidentEvent
from fallback.domain.money import Money
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.unread import unread_note

WORDS = {
    IncidentEvent.SWITCHED: "switched",
    IncidentEvent.FAILED: "the shop failed a customer's request, and we took the order",
    IncidentEvent.QUIET: "the shop no longer failed customers",
    IncidentEvent.NOTED: "noted",
    IncidentEvent.HALTED: "the drain was halted",
    IncidentEvent.LIFTED: "the drain was resumed",
    IncidentEvent.CLOSED: "closed",
}
FATES = {
    Fate.SETTLED: "settled",
    Fate.MERGED: "merged with an order in the shop",
    Fate.CANCELLED: "cancelled before it was paid",
    Fate.REFUNDED: "cancelled and refunded",
    Fate.HELD: "held by a named person",
    Fate.UNNAMED: "on hold without a named owner",
    Fate.UNDER_WAY: "in progress",
}

SIDES = {Side.LEDGER: "The ledger", Side.PROVIDER: "The payment provider", Side.SHOP: "The shop"}


def as_markdown(incident: Incident, balance: Balance | None) -> str:
    """`balance`: the last count, None if there was none."""
    happened = ["## Timeline", "", *_happened(incident), ""] if incident.timeline else []
    sheet = _sheet(balance) if balance else ["Not counted yet."]
    return "\n".join([*_head(incident), "", *sheet, "", *happened])


def titled(incident_id: str) -> str:
    return "Standby" if incident_id == NO_INCIDENT else f"Incident {incident_id}"


def _head(incident: Incident) -> Iterator[str]:
    yield f"# {titled(incident.id)}"
    yield ""
    yield incident.reason
    yield ""
    yield f"- From {incident.began:%Y-%m-%d %H:%M} UTC to {_moment(incident)}"
    if incident.ended:
        yield f"- Duration: {str(incident.ended - incident.began).partition('.')[0]} (hours:minutes:seconds)"
    yield f"- People: {', '.join(incident.people) or 'nobody'}"


def _moment(incident: Incident) -> str:
    return f"{incident.ended:%Y-%m-%d %H:%M} UTC" if incident.ended else "now: it lasts"


def _sheet(balance: Balance) -> Iterator[str]:
    undone = balance.fates[Fate.CANCELLED].orders + balance.fates[Fate.MERGED].orders
    yield "## Result and cost"
    yield ""
    yield " ".join([f"Counted at {balance.counted_at:%Y-%m-%d %H:%M} UTC.", *unread_note(balance.unread)])
    yield ""
    yield f"- {balance.captured.orders} orders taken, over {money(balance.captured.amounts)}"
    yield f"- {balance.fates[Fate.SETTLED].orders} of them settled: {money(balance.fates[Fate.SETTLED].amounts)}"
    yield f"- Refunded: {money(balance.given_back)}; goodwill among the grants: {money(balance.goodwill)}"
    yield f"- Disputed or under review: {balance.doubted.orders} orders, {money(balance.doubted.amounts)}"
    yield f"- Lost to disputes: {balance.lost.orders} orders, {money(balance.lost.amounts)}"
    for side, found in (("below", balance.below_price), ("above", balance.above_price)):
        if found.orders:
            yield f"- Placed {side} the shop's prices of the day: {found.orders} orders, {money(found.amounts)}"
    if balance.late.orders:
        yield f"- May be late, since stock may not suffice: {balance.late.orders} orders, {money(balance.late.amounts)}"
    if balance.not_authorized:
        yield f"- Not authorized yet: {money(balance.not_authorized)}"
    for code, count in sorted(balance.refused.items()):
        yield f"- Requests refused as {code}: {count}"
    yield f"- Cancelled before any money was captured: {undone} orders"
    half, most = _seconds(balance.word.median), _seconds(balance.word.p90)
    yield f"- First message to the customer: within {half} for half of them, within {most} for nine of ten"
    yield ""
    yield "| outcome | orders | money |"
    yield "|---|---:|---:|"
    for fate, words in FATES.items():
        yield f"| {words} | {balance.fates[fate].orders} | {money(balance.fates[fate].amounts)} |"
    yield f"| **captured** | {balance.captured.orders} | {money(balance.captured.amounts)} |"
    yield ""
    yield f"Differences: {len(balance.differences)}"
    for each in balance.differences:
        yield f"- {each.ref or '-'}: {each.side} {each.code} {each.detail}".rstrip()
    for side, why in balance.unasked.items():
        yield f"- {SIDES[side]} did not answer: {why}"


def _happened(incident: Incident) -> Iterator[str]:
    for entry in incident.timeline:
        text = " ".join(entry.text.split())
        yield f"- {entry.at:%Y-%m-%d %H:%M:%S} {entry.who}: {what_happened(entry)}{f': {text}' if text else ''}"


def what_happened(entry: Entry) -> str:
    return f"{WORDS[entry.what]} to {entry.mode}" if entry.mode else WORDS[entry.what]


def money(amounts: Amounts) -> str:
    return ", ".join(str(Money(amount, each)) for each, amount in sorted(amounts.items())) or "0"


def _seconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds:.0f} s"


COLUMNS = ("incident", "counted_at", "what", "currency", "orders", "amount")


def as_csv(balance: Balance) -> str:
    """A line for each fate and currency, one for orders that are in none, and one for each sum of money.

    Amounts in minor units.
    """
    written = StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    begins = (balance.incident, balance.counted_at.isoformat())
    for name, each in (("captured", balance.captured), *balance.fates.items()):
        for currency in sorted(each.amounts) or [""]:
            lines.writerow([*begins, name, currency, each.orders, each.amounts.get(currency, 0)])
    if balance.unread:
        lines.writerow([*begins, "unread", "", balance.unread, ""])
    sums = {"taken": balance.taken, "given_back": balance.given_back, "goodwill": balance.goodwill}
    sums |= {"doubted": balance.doubted.amounts, "lost": balance.lost.amounts}
    sums |= {"below_price": balance.below_price.amounts, "above_price": balance.above_price.amounts}
    for name, amounts in sums.items():
        for currency, amount in sorted(amounts.items()):
            lines.writerow([*begins, name, currency, "", amount])
    return written.getvalue()
