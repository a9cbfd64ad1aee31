"""The self-service part of the order page: questions and answers, a possible rival, ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fallback.bootstrap.container import Container
from fallback.domain.order import texts_by_people
from fallback.domain.order.grants import GrantKind
from fallback.domain.order.lifecycle import ENDED, headline
from fallback.domain.order.order import Event, Order
from fallback.domain.order.ratings import Part
from fallback.domain.order.text_messages import number_of, reaches
from fallback.domain.payment.refunds import own_goodwill
from fallback.domain.placement.rivals import is_about_payment, open_rival, question_of
from fallback.domain.support.late import is_help
from fallback.domain.support.promises import was_late
from fallback.domain.support.questions import TimeOfDay, open_question
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase.question_form import TIMES

ANSWER_BY = N_("We will reply by %(when)s. We continue to process your order in the meantime.")
RATINGS = {
    Part.HELP: N_("Were you helped?"),
    Part.PRODUCT: N_("Is it what you wanted to buy?"),
    Part.POLICY: N_("Were the rules fair to you?"),
}


@dataclass(frozen=True)
class Word:
    """A question or an answer. `phone`, `when`: where and when to call the customer; empty if no call is wanted."""

    text: str
    moment: str
    ours: bool
    phone: str
    when: str


@dataclass(frozen=True)
class Talk:
    """`by` says until when we answer; None while nothing is asked. `open`: whether the customer may ask."""

    words: list[Word]
    by: str | None
    open: bool


@dataclass(frozen=True)
class RatingRow:
    """`good`: the earlier rating; None if there is none."""

    part: str
    question: str
    good: bool | None


@dataclass(frozen=True)
class RivalQuestion:
    """`maybe_paid`: the question is whether it is paid in the shop; otherwise, whether both are wanted.

    `about`: the question, which goes with the answer, so that it answers no other one.
    """

    maybe_paid: bool
    about: str


def rival(order: Order) -> RivalQuestion | None:
    """The open question about another order, or None."""
    hold = open_rival(order)
    return RivalQuestion(is_about_payment(order), question_of(hold)) if hold and not order.cancel_asked else None


def goodwill(order: Order, timeline: Sequence[Event], built: Container, voice: Voice) -> str:
    """The amount that the customer may claim; empty if none. Redis is asked only if we were late."""
    if not was_late(timeline, built.clock()):
        return ""
    booked = built.ledger.booked(GrantKind.GOODWILL, built.incidents.of(order.ref), order.currency)
    amount = own_goodwill(order, timeline, booked, built.policy, built.clock())
    return voice.money(amount, order.currency) if amount else ""


def talk(order: Order, timeline: Sequence[Event], voice: Voice) -> Talk:
    hold = open_question(order)
    words = [_word(order, event, voice) for event in timeline if event.what in ("asked_for_a_person", "answered")]
    by = voice.say(ANSWER_BY, when=voice.moment(hold.next_word_by)) if hold else None
    return Talk([word for word in words if word.text], by, order.customer is not None)


def _word(order: Order, event: Event, voice: Voice) -> Word:
    to_be_called = "phone" in event.data
    return Word(
        text=texts_by_people.read(order, int(event.data["said"])),
        moment=voice.moment(event.at),
        ours=event.what == "answered",
        phone=texts_by_people.read(order, int(event.data["phone"])) if to_be_called else "",
        when=voice.say(TIMES[TimeOfDay(str(event.data["when"]))]) if to_be_called else "",
    )


def times(voice: Voice) -> list[tuple[str, str]]:
    return [(time, voice.say(words)) for time, words in TIMES.items()]


def ratings(order: Order, timeline: Sequence[Event], voice: Voice) -> list[RatingRow]:
    """Offered to those whom an agent has helped, once they have the answer or the order has ended."""
    if not any(map(is_help, timeline)):
        return []
    if headline(order) not in ENDED and not any(event.what == "answered" for event in timeline):
        return []
    return [RatingRow(part, voice.say(text), _good(order, part)) for part, text in RATINGS.items()]


def _good(order: Order, part: Part) -> bool | None:
    figure: int | None = getattr(order.rated, part)
    return None if figure is None else bool(figure)


@dataclass(frozen=True)
class Texts:
    """Text messages: whether they are sent, could be, and the number."""

    on: bool
    offered: bool
    number: str


def texts(order: Order, has_gateway: bool) -> Texts:
    number = number_of(order.customer)
    on = reaches(order.customer)
    return Texts(on, has_gateway and bool(number) and not on, number)
