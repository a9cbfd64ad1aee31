"""The filters of the order list: chips with counts, fields, and URLs that keep the selection.

A filter is a field of `ledger.order.views.OrderFilter`, read in desk.py, and a line in `_words`; it is shown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from fallback.domain.incident.incident import Incident
from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.holds import HoldCode
from fallback.ledger.order.views import Counts, OrderFilter, Place
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import order_words

AGES = {
    1: N_("one hour"),
    4: N_("four hours"),
    24: N_("one day"),
    72: N_("three days"),
    168: N_("one week"),
}
# The length of an incident's reason in the list of options.
SHORT = 40


@dataclass(frozen=True)
class Shown:
    """What the list shows, and to whom. `older` in hours and `incident`: the sources of `wanted.before` and `.span`."""

    wanted: OrderFilter
    older: int
    incident: str
    me: str


@dataclass(frozen=True)
class Chip:
    address: str
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Option:
    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Fields:
    """`kept`: what the chips chose, for hidden fields."""

    kept: list[tuple[str, str]]
    holds: list[Option]
    ages: list[Option]
    incidents: list[Option]
    owner: str


def chips(shown: Shown, counts: Counts, voice: Voice) -> list[Chip]:
    """All, those waiting for an update, the viewer's own, and each headline with orders. One is chosen at a time."""
    wanted = shown.wanted
    plain = not (wanted.promised or wanted.headline or wanted.owner == shown.me)
    found = [
        _chip(shown, voice.say("All"), sum(counts.headlines.values()), plain),
        _chip(shown, voice.say("Waiting for an update"), counts.promised, wanted.promised, promised="1"),
        _chip(shown, voice.say("Mine"), counts.owned, wanted.owner == shown.me, owner=shown.me),
    ]
    for each, count in counts.headlines.items():
        if count or each is wanted.headline:
            name = voice.say(order_words.NAMES[each])
            found.append(_chip(shown, name, count, each is wanted.headline, headline=each))
    return found


def _chip(shown: Shown, name: str, count: int, chosen: bool, **chooses: str) -> Chip:
    kept = {name: value for name, value in _words(shown).items() if name in ("hold", "older", "incident")}
    return Chip(_url("desk.orders", kept | chooses), name, count, chosen)


def fields(shown: Shown, counts: Counts, incidents: Sequence[Incident], voice: Voice) -> Fields:
    words = _words(shown)
    return Fields(
        kept=[(name, words[name]) for name in ("promised", "headline") if name in words],
        holds=list(_hold_options(shown.wanted.hold, counts, voice)),
        ages=[Option(str(hours), voice.say(name), hours == shown.older) for hours, name in AGES.items()],
        incidents=[
            Option(each.id, f"{each.id} {each.reason[:SHORT]}", each.id == shown.incident) for each in incidents
        ],
        owner=shown.wanted.owner,
    )


def _hold_options(chosen: HoldCode | None, counts: Counts, voice: Voice) -> Iterator[Option]:
    for code, count in counts.holds.items():
        if count or code is chosen:
            yield Option(code, f"{voice.say(HOLD_NAMES[code])} ({count})", code is chosen)


def address(endpoint: str, shown: Shown, after: Place | None = None) -> str:
    """The same filters, and where the page before ended."""
    words = _words(shown) | ({"after": f"{after.score!r}~{after.ref}"} if after else {})
    return _url(endpoint, words)


def _words(shown: Shown) -> dict[str, str]:
    """The filters that are chosen, as desk.py reads them."""
    wanted = shown.wanted
    words = {
        "promised": "1" if wanted.promised else "",
        "headline": wanted.headline,
        "hold": wanted.hold,
        "owner": wanted.owner,
        "older": str(shown.older or ""),
        "incident": shown.incident,
    }
    return {name: value for name, value in words.items() if value}


def _url(endpoint: str, words: Mapping[str, str]) -> str:
    return url_for(endpoint, _external=False, **words)
