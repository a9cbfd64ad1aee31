"""The promises of the house, checked by comparing the books of all sides. Each rule says in a sentence what is broken.

Nothing here asks how far an order has come: what is still on its way breaks no promise.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from fallback.domain.order.grants import BY_PEOPLE, GrantKind, GrantState
from fallback.domain.order.lifecycle import ENDED, GIVEN_UP, Headline, headline, holds_cart
from fallback.domain.order.order import Event, NoticeKind, NoticeState, Order, PaymentState, PlacementState
from fallback.domain.placement.matching import PrimaryOrder, differences
from tests.crash.books import Books, Money

WITH_MONEY = {"requires_capture", "succeeded"}
# The other kinds may be right more than once: a second card can be declined too, a refund can come in parts.
ONCE = {NoticeKind.RECEIVED, NoticeKind.PLACED, NoticeKind.MERGED, NoticeKind.CANCELLED}
UNSENT = {NoticeState.QUEUED, NoticeState.DROPPED, NoticeState.FAILED}
# As often as the timeline says it.
ONCE_EACH = {NoticeKind.CHANGED: ("amended", "changed"), NoticeKind.NOT_CHANGED: ("change_taken_back",)}
# What the timeline says for good, and the placements that agree with it.
FOR_GOOD = {
    "cancelled": {PlacementState.CANCELLED},
    "merged": {PlacementState.MERGED},
    "verified": {PlacementState.VERIFIED, PlacementState.CANCELLED},
}
EVERYWHERE = "all orders"


class Finding(NamedTuple):
    """A promise that is broken. `ref` is EVERYWHERE where it is not one order's."""

    ref: str
    what: str


class Sides(NamedTuple):
    """One order as each side has it. `standing`: what the shop has of it and did not cancel; `mails`: notice ids."""

    order: Order
    timeline: list[Event]
    money: Money
    standing: list[PrimaryOrder]
    mails: list[str]


def check(acknowledged: Iterable[str], books: Books) -> list[Finding]:
    """Empty if every promise holds. `acknowledged`: the refs that customers were given."""
    missing = sorted(set(acknowledged) - books.orders.keys())
    findings = [Finding(ref, "was acknowledged, and the ledger does not have it") for ref in missing]
    findings += strangers(books)
    for sides in _sides(books):
        findings += [Finding(sides.order.ref, what) for rule in RULES for what in rule(sides)]
    return findings + one_order_for_a_purchase(books) + sums(books)


def _sides(books: Books) -> Iterator[Sides]:
    standing, mailed = defaultdict(list), defaultdict(list)
    for there in books.shop:
        if there.status != "cancelled":
            standing[there.ref].append(there)
    for message_id in books.mails:
        ref, notice = _named(message_id)
        mailed[ref].append(notice)
    for ref, order in books.orders.items():
        money = books.money.get(ref, Money())
        yield Sides(order, books.timelines.get(ref, []), money, standing[ref], mailed[ref])


def _named(message_id: str) -> tuple[str, str]:
    """The ref and the notice's id."""
    ref, _, rest = message_id.strip("<>").partition(".")
    return ref, rest.partition(".")[0]


# --- one order


def is_given_up(order: Order) -> bool:
    """The shop must not have it: whatever it had of it was to be cancelled."""
    return order.placement.state in GIVEN_UP or headline(order) is Headline.REFUNDED


def in_the_shop_once(sides: Sides) -> Iterator[str]:
    order, standing = sides.order, sides.standing
    if len(standing) > 1:
        yield f"stands in the shop {len(standing)} times"
    if is_given_up(order) and standing:
        yield f"is {headline(order)}, and still stands in the shop"
    if headline(order) is not Headline.SETTLED:
        return
    if not standing:
        yield "is settled, and the shop does not have it"
    for there in standing:
        for different in differences(order, there):
            yield f"the shop has it otherwise than agreed: {different}"


def money_once(sides: Sides) -> Iterator[str]:
    order, money = sides.order, sides.money
    if money.captures > 1:
        yield f"was captured {money.captures} times"
    usable = [intent for intent in money.intents if intent.status != "canceled"]
    paid = [intent for intent in usable if intent.status in WITH_MONEY]
    if len(usable) > 1:
        yield f"has {len(usable)} intents, {len(paid)} of them with money"
    if money.currency and money.currency.upper() != order.currency:
        yield f"is paid in {money.currency}, not in {order.currency}"


def money_as_agreed(sides: Sides) -> Iterator[str]:
    order, money = sides.order, sides.money
    stripe, ours = (money.captured, money.refunded), (order.payment.captured, order.payment.refunded)
    known = order.payment.state is not PaymentState.UNKNOWN and order.payment.attempt is None
    if known and stripe != ours:
        yield f"Stripe took and gave back {stripe}, the ledger says {ours}"
    agreed = order.payment.amount + given_back(order, GrantKind.DIFFERENCE), given_back(order, *GrantKind)
    if headline(order) is Headline.SETTLED and stripe != agreed:
        yield f"is settled for {order.payment.amount}, and Stripe took and gave back {stripe}"
    if headline(order) in ENDED and money.authorized:
        yield f"is {headline(order)}, and {money.authorized} are still set aside"
    given_up = headline(order) in ENDED and headline(order) is not Headline.SETTLED
    if given_up and money.captured != money.refunded:
        yield f"is {headline(order)}, and {money.captured - money.refunded} were kept"


def given_back(order: Order, *kinds: GrantKind) -> int:
    return sum(grant.amount for grant in order.grants if grant.state is GrantState.MADE and grant.kind in kinds)


def captured_after_verified(sides: Sides) -> Iterator[str]:
    said = [event.what for event in sides.timeline]
    before = said[: said.index("captured")] if "captured" in said else said
    if (sides.money.captured or "captured" in said) and "verified" not in before:
        yield "was captured before it was verified"


def timeline_and_document_agree(sides: Sides) -> Iterator[str]:
    """They part when somebody wrote over what another had written."""
    said, order = {event.what for event in sides.timeline}, sides.order
    if "cancel_asked" in said and not order.cancel_asked:
        yield "was asked to be cancelled, and the order has forgotten it"
    for what, states in FOR_GOOD.items():
        if what in said and order.placement.state not in states:
            yield f"was {what}, and is {order.placement.state}"


def mailed_once(sides: Sides) -> Iterator[str]:
    notices = {notice.id: notice for notice in sides.order.notices}
    for id_, times in Counter(sides.mails).items():
        if times > 1:
            yield f"mail {id_} went out {times} times"
        if id_ not in notices:
            yield f"mail {id_} is of no notice"
        elif notices[id_].state in UNSENT:
            yield f"mail {id_} ({notices[id_].kind}) went out, and is said to be {notices[id_].state}"
    kinds = Counter(notices[id_].kind for id_ in set(sides.mails) & notices.keys())
    for kind in ONCE:
        if kinds[kind] > 1:
            yield f"the customer was told '{kind}' {kinds[kind]} times"
    said = Counter(event.what for event in sides.timeline)
    for kind, words in ONCE_EACH.items():
        happened = sum(said[what] for what in words)
        if kinds[kind] > happened:
            yield f"the customer was told '{kind}' {kinds[kind]} times, and it happened {happened} times"
    for notice in notices.values():
        if notice.state is NoticeState.SENT and notice.id not in sides.mails:
            yield f"mail {notice.id} ({notice.kind}) is said to be sent, and nobody has it"


RULES: tuple[Callable[[Sides], Iterator[str]], ...] = (
    in_the_shop_once,
    money_once,
    money_as_agreed,
    captured_after_verified,
    timeline_and_document_agree,
    mailed_once,
)


# --- all orders


def strangers(books: Books) -> list[Finding]:
    """What goes by a ref of ours without being in the ledger, and money that goes by none."""
    mailed = {_named(message_id)[0] for message_id in books.mails}
    sides = {
        "Stripe has an intent for it": set(books.money),
        "the shop has it": {there.ref for there in books.shop if there.ref},
        "a customer had mail about it": {ref for ref in mailed if re.match("FB-", ref)},
    }
    found = [
        Finding(ref, f"{what}, and the ledger does not")
        for what, refs in sides.items()
        for ref in sorted(refs - books.orders.keys())
    ]
    if books.money_without_ref:
        found.append(Finding(EVERYWHERE, f"Stripe has {books.money_without_ref} intents without a ref"))
    return found


def must_not_be_there(books: Books) -> list[str]:
    """The numbers in the shop of what stands there by a ref of ours, and was given up here or is not known here."""
    ours = [there for there in books.shop if there.ref and there.status != "cancelled"]
    known = books.orders
    return [there.number for there in ours if there.ref not in known or is_given_up(known[there.ref])]


def one_order_for_a_purchase(books: Books) -> list[Finding]:
    """In the ledger, and among what stands in the shop, whoever took it."""
    ours, theirs = defaultdict(list), defaultdict(list)
    for order in books.orders.values():
        if holds_cart(order):
            ours[order.cart_id].append(order.ref)
    for there in books.shop:
        if there.status != "cancelled":
            theirs[there.cart_id].append(there.number)
    found = [(cart, refs, "the ledger has") for cart, refs in ours.items()]
    found += [(cart, numbers, "the shop has") for cart, numbers in theirs.items() if cart in ours]
    return [
        Finding(ours[cart][0], f"{who} {len(names)} orders for its cart: {', '.join(sorted(names))}")
        for cart, names, who in found
        if len(names) > 1
    ]


def sums(books: Books) -> list[Finding]:
    """What came to an end: Stripe's money, the agreed totals and the shop's totals are the same, to the cent."""
    ended = {ref: order for ref, order in books.orders.items() if headline(order) in ENDED}
    agreed, taken, there = Counter[str](), Counter[str](), Counter[str]()
    for ref, order in ended.items():
        money = books.money.get(ref, Money())
        settled = headline(order) is Headline.SETTLED
        taken[order.currency] += money.captured - money.refunded
        agreed[order.currency] += order.payment.amount if settled else 0
        # What people gave back of it is not a discount of the shop's.
        taken[order.currency] += given_back(order, *BY_PEOPLE) if settled else 0
    for shop_order in books.shop:
        if shop_order.ref in ended and shop_order.status != "cancelled":
            there[shop_order.currency] += shop_order.total
    return [
        Finding(EVERYWHERE, f"{currency}: agreed {agreed[currency]}, Stripe {taken[currency]}, shop {there[currency]}")
        for currency in agreed.keys() | taken.keys() | there.keys()
        if not agreed[currency] == taken[currency] == there[currency]
    ]
