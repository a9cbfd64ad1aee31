"""How the console shows a balance sheet: its rows, its differences, what is lacking, and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from fallback.domain.incident.balance import Amounts, Balance, Difference, DifferenceCode, Fate, Missing, Side, unpaid
from fallback.domain.order.exposure import Refusal
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.lifecycle import Headline
from fallback.web.console.charts import Bar, bars
from fallback.web.console.desk.report import clock
from fallback.web.http.voice import N_, Voice

FATES = {
    Fate.SETTLED: N_("Settled"),
    Fate.MERGED: N_("Merged with an order in the shop"),
    Fate.CANCELLED: N_("Cancelled before it was paid"),
    Fate.REFUNDED: N_("Cancelled and refunded"),
    Fate.HELD: N_("On hold, with a named owner"),
    Fate.UNNAMED: N_("On hold, without a named owner"),
    Fate.UNDER_WAY: N_("In progress"),
}
# The list filter that shows these orders; those in progress have several headlines.
HEADLINES = {
    Fate.SETTLED: Headline.SETTLED,
    Fate.MERGED: Headline.MERGED,
    Fate.CANCELLED: Headline.CANCELLED,
    Fate.REFUNDED: Headline.REFUNDED,
    Fate.HELD: Headline.ON_HOLD,
    Fate.UNNAMED: Headline.ON_HOLD,
}
SIDES = {Side.LEDGER: N_("Our records"), Side.PROVIDER: N_("Stripe"), Side.SHOP: N_("The shop")}
CODES = {
    DifferenceCode.LOST: N_("Accepted orders are missing"),
    DifferenceCode.INDEX: N_("An index disagrees with the order"),
    DifferenceCode.NOT_TAKEN: N_("Settled, but not paid in full"),
    DifferenceCode.OWED: N_("Settled, but more was captured than it costs"),
    DifferenceCode.KEPT: N_("Cancelled, but not fully refunded"),
    DifferenceCode.BOOKED: N_("The amount booked differs from the amount granted"),
    DifferenceCode.CAPTURED: N_("A different amount was captured there"),
    DifferenceCode.REFUNDED: N_("A different amount was refunded there"),
    DifferenceCode.TWICE: N_("Charged more than once"),
    DifferenceCode.STRANGER: N_("A charge without an order in our records"),
    DifferenceCode.MISSING: N_("Missing there"),
    DifferenceCode.DIFFERENT: N_("Different there"),
    DifferenceCode.STILL_THERE: N_("Cancelled, but still open there"),
}
LACKING = {
    Missing.AN_END: N_("The incident is still open. It ends when the mode returns to standby."),
    Missing.A_COUNT: N_("Not counted yet."),
    Missing.A_NEW_COUNT: N_("The count is out of date: orders have changed or time has passed. Count again."),
    Missing.UNDER_WAY: N_("Orders in progress: %(count)s. Each has to end or get a named owner."),
    Missing.UNNAMED: N_("Orders on hold without a named owner: %(count)s. Assign them."),
    Missing.DIFFERENCES: N_("Differences: %(count)s. Correct each, then count again."),
    Missing.PROVIDER: N_("Stripe did not answer. Count again when it does."),
    Missing.SHOP: N_("The shop did not answer. Count again when it does."),
}
REFUSED = {
    Refusal.SOLD_OUT: N_("Requests refused: sold out"),
    Refusal.PAY_FIRST: N_("Requests refused: above the limit for unpaid orders"),
}
UNPAID = N_(
    "Of these, waiting for payment: %(count)s. Their customers are reminded; orders not paid in time end automatically."
)
# A page that lists more is of no use on a phone; the command lists all.
DIFFERENCES_SHOWN = 200


@dataclass(frozen=True)
class SheetRow:
    """`address`: of the list of these orders, or empty. `open`: these orders keep the incident open."""

    name: str
    orders: int
    money: str
    address: str
    open: bool


@dataclass(frozen=True)
class DifferenceRow:
    ref: str
    side: str
    what: str
    detail: str


@dataclass(frozen=True)
class Sheet:
    counted: str
    rows: list[SheetRow]
    captured: SheetRow
    differences: list[DifferenceRow]
    left_out: int
    unasked: list[str]


def sheet(balance: Balance, voice: Voice) -> Sheet:
    shown = balance.differences[:DIFFERENCES_SHOWN]
    return Sheet(
        counted=voice.moment(balance.counted_at),
        rows=[_sheet_row(fate, balance, voice) for fate in Fate],
        captured=SheetRow(
            voice.say("Orders taken"), balance.captured.orders, money(balance.captured.amounts, voice), "", open=False
        ),
        differences=[_difference_row(each, voice) for each in shown],
        left_out=len(balance.differences) - len(shown),
        unasked=[voice.say(SIDES[side]) for side in balance.unasked],
    )


def _sheet_row(fate: Fate, balance: Balance, voice: Voice) -> SheetRow:
    found, headline = balance.fates[fate], HEADLINES.get(fate)
    listed = found.orders and headline and balance.incident != NO_INCIDENT
    address = url_for("desk.orders", incident=balance.incident, headline=headline) if listed else ""
    wrong = fate in (Fate.UNNAMED, Fate.UNDER_WAY) and found.orders > 0
    return SheetRow(voice.say(FATES[fate]), found.orders, money(found.amounts, voice), address, wrong)


def _difference_row(each: Difference, voice: Voice) -> DifferenceRow:
    return DifferenceRow(each.ref, voice.say(SIDES[each.side]), voice.say(CODES[each.code]), each.detail)


def lacking_sentences(lacking: Mapping[Missing, int], balance: Balance | None, voice: Voice) -> list[str]:
    sentences: list[str] = [voice.say(LACKING[what], count=count) for what, count in lacking.items()]
    if Missing.UNDER_WAY in lacking and (count := unpaid(balance)):
        sentences.append(voice.say(UNPAID, count=count))
    return sentences


def figures(balance: Balance, voice: Voice) -> Iterator[tuple[str, str]]:
    """Result and cost."""
    yield voice.say("Orders taken"), str(balance.captured.orders)
    yield voice.say("Value"), money(balance.captured.amounts, voice)
    yield voice.say("Value settled"), money(balance.fates[Fate.SETTLED].amounts, voice)
    yield voice.say("Refunded"), money(balance.given_back, voice)
    yield voice.say("Goodwill granted"), money(balance.goodwill, voice)
    yield voice.say("Disputed or under review"), money(balance.doubted.amounts, voice)
    yield voice.say("Lost to disputes"), money(balance.lost.amounts, voice)
    if balance.below_price.orders or balance.above_price.orders:
        yield voice.say("Below the shop's prices of the day"), money(balance.below_price.amounts, voice)
        yield voice.say("Above the shop's prices of the day"), money(balance.above_price.amounts, voice)
    if balance.late.orders:
        yield voice.say("Orders that may be late"), f"{balance.late.orders} ({money(balance.late.amounts, voice)})"
    if balance.not_authorized:
        yield voice.say("Not authorized yet"), money(balance.not_authorized, voice)
    for code, count in balance.refused.items():
        yield voice.say(REFUSED[Refusal(code)]), str(count)
    given_up = balance.fates[Fate.CANCELLED].orders + balance.fates[Fate.MERGED].orders
    yield voice.say("Orders cancelled before payment"), str(given_up)
    yield voice.say("Time to first message, median"), clock(balance.word.median)
    yield voice.say("Time to first message, 90th percentile"), clock(balance.word.p90)


def pictures(balance: Balance, voice: Voice) -> list[tuple[str, Markup]]:
    """Each chart with its title. The figures are beside them."""
    became, word = voice.say("Outcome of the orders"), voice.say("From order to first mail")
    of_fates = [
        Bar(voice.say(name), each.orders, each.orders, str(each.orders))
        for fate, name in FATES.items()
        if (each := balance.fates[fate]).orders
    ]
    half, most = balance.word.median, balance.word.p90
    both = voice.say("Median – 90th percentile")
    of_words = [Bar(both, half or 0, most or 0, f"{clock(half)} – {clock(most)}")] if balance.word.count else []
    return [
        (became, bars("became", became, _said(of_fates), of_fates)),
        (word, bars("word", word, _said(of_words), of_words)),
    ]


def _said(drawn: Sequence[Bar]) -> str:
    return "; ".join(f"{bar.label}: {bar.text}" for bar in drawn)


def money(amounts: Amounts, voice: Voice) -> str:
    return ", ".join(voice.money(amount, currency) for currency, amount in sorted(amounts.items())) or "–"
