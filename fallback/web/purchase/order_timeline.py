"""What happened to an order, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fallback.domain.order.order import Event, Order
from fallback.web.http.voice import Voice
from fallback.web.purchase import event_words
from fallback.web.purchase.event_words import Mark


@dataclass(frozen=True)
class Happened:
    text: str
    moment: str
    mark: Mark


def happened(order: Order, timeline: Sequence[Event], voice: Voice) -> list[Happened]:
    """Oldest first, without events that customers do not see."""
    shown = [event for event in timeline if event.what in event_words.EVENTS and _concerns(event, order)]
    return [
        Happened(_sentence(each, order, voice), voice.moment(each.at), event_words.mark(each.what)) for each in shown
    ]


def _sentence(event: Event, order: Order, voice: Voice) -> str:
    """The sentence of an event; for a change also the changed parts and the new total."""
    text: str = voice.sentence(event_words.EVENTS[event.what], **event.data)
    words = [voice.say(event_words.CHANGED[each]) for each in _changed(event) if each in event_words.CHANGED]
    text = f"{text}: {', '.join(words)}" if words else text
    return f"{text}. {costs_now(event, order, voice)}" if "before" in event.data else text


def _changed(event: Event) -> list[str]:
    return str(event.data.get("what", "")).split()


def costs_now(event: Event, order: Order, voice: Voice) -> str:
    amount, before = (voice.money(int(event.data[name]), order.currency) for name in ("amount", "before"))
    return voice.say(event_words.COSTS_NOW, amount=amount, before=before)


def _concerns(event: Event, order: Order) -> bool:
    return event.what != "voided" or order.payment.authorized > 0
