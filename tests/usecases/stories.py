"""What happens to an order, told from its beginning to its end, and the calls that are made on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from fallback.domain.checkout.requests import ChangeOrder, ShippingAddress, WithdrawContract
from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.primary import PAYMENTS, Duplicates
from tests.builders import wanted
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import World

DECLINED = "pm_card_visa_chargeDeclined"
ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))


class Story(NamedTuple):
    """`points`: the calls, named as in points.py."""

    ends: Headline
    happens: tuple[Callable[[World], None], ...]
    points: tuple[str, ...]
    duplicates: Duplicates = Duplicates.ENFORCED


def orders(card: str | None) -> Callable[[World], None]:
    return lambda world: world.a_customer_orders(card)


def a_while(world: World) -> None:
    world.time_passes(timedelta(minutes=5))


def the_shop_is_away(world: World) -> None:
    world.time_passes(timedelta(minutes=5), Queue.PAYMENT, Queue.NOTICE)


def the_customer_withdraws(world: World) -> None:
    world.the_customer_withdraws(WithdrawContract("Iris Murdoch", "iris@example.org", (1,)))


def their_bank_agrees(world: World) -> None:
    if world.gateway.intents[world.intent_id].state is IntentState.NEEDS_CUSTOMER:
        world.the_bank_asks_and_the_customer(passes=True)
    world.stripe_says(PaymentNews.AUTHORIZED)


def it_lapses(world: World) -> None:
    if world.gateway.intents[world.intent_id].state is IntentState.AUTHORIZED:
        world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.VOIDED)


def the_customer_gives_another(world: World) -> None:
    world.the_customer_gives(VISA)


def the_shop_wants_to_hear_of_payments(world: World) -> None:
    world.primary.can |= {PAYMENTS}


def the_customer_cancels(world: World) -> None:
    world.the_customer_cancels()


def the_customer_moves(world: World) -> None:
    world.the_customer_changes(ELSEWHERE)


def a_rival_is_there(world: World) -> None:
    world.a_rival()


def the_shop_loses_its_answer(world: World) -> None:
    if not world.primary.calls["place"]:
        world.primary.fail_next("place", OutcomeUnknown("no answer"))
    while not world.order.placement.sent:
        world.time_passes(timedelta(seconds=5))


def it_is_not_there_and_waits_for_a_person(world: World) -> None:
    world.primary.fail_next("rivals", Refused("too_many_orders"))
    a_while(world)


def it_comes_there_late(world: World) -> None:
    if not world.orders_there:
        world.primary.put(wanted(world.order))


def an_unpaid_rival_is_there(world: World) -> None:
    world.a_rival(paid=False)


def an_agent_gives_a_part_back(world: World) -> None:
    world.an_agent_gives_back(1_000)


AUTHORIZING = (
    "authorize_payment: ledger.commit create begins",
    "authorize_payment: gateway.create",
    "authorize_payment: ledger.commit came back",
    "authorize_payment: ledger.commit confirm begins",
    "authorize_payment: gateway.confirm",
)
ORDERED = ("place_order: ledger.accept", *AUTHORIZING)
AUTHORIZED = "authorize_payment: ledger.commit authorized"
ANOTHER_CARD = (
    "give_card: ledger.commit card_given",
    "authorize_payment: ledger.commit confirm begins",
    "authorize_payment: gateway.confirm",
    AUTHORIZED,
)
MAILED = (
    "send_notice: mailer.deliver",
    "send_notice: ledger.commit handing over",
    "send_notice: ledger.commit notice_sent",
)
LOOKED = "follow_payment: gateway.retrieve"
RIVALS = "reconcile_order: primary.rivals"
LOST = (
    RIVALS,
    "reconcile_order: ledger.commit place begins",
    "reconcile_order: primary.place",
    "reconcile_order: ledger.commit placement_unknown",
)
# Ever more rarely until the attempt's time is over: only then is 'not there' believed.
LOOKED_FOR = ("reconcile_order: primary.find", "reconcile_order: ledger.commit came back")
HANDED_OVER = (
    RIVALS,
    "reconcile_order: ledger.commit place begins",
    "reconcile_order: primary.place",
    "reconcile_order: ledger.commit placed",
    "reconcile_order: primary.read",
    "reconcile_order: ledger.commit verified",
    "reconcile_order: ledger.commit capture begins",
    "reconcile_order: gateway.capture",
    "reconcile_order: ledger.commit captured",
    *MAILED,
)
REPORTED = (
    "report_to_primary: ledger.commit report begins",
    "report_to_primary: primary.payment_changed",
    "report_to_primary: ledger.commit payment_reported",
)
WITHDRAWN = (
    "withdraw_from_contract: ledger.commit contract_withdrawn",
    "report_to_primary: ledger.commit report begins",
    "report_to_primary: primary.withdrawn",
    "report_to_primary: ledger.commit withdrawal_reported",
    *MAILED,
)
VOIDED = (
    "void_payment: ledger.commit void begins",
    "void_payment: gateway.void",
    "void_payment: ledger.commit voided",
    *MAILED,
)

STORIES = {
    "paid at once": Story(
        Headline.SETTLED,
        (orders(VISA), a_while),
        (*ORDERED, AUTHORIZED, *MAILED, *HANDED_OVER),
    ),
    "paid at once, to a primary that only searches": Story(
        Headline.SETTLED,
        (orders(VISA), a_while),
        (*ORDERED, AUTHORIZED, *MAILED, *HANDED_OVER),
        Duplicates.SEARCH,
    ),
    "paid at once, to a primary that hears of it": Story(
        Headline.SETTLED,
        (the_shop_wants_to_hear_of_payments, orders(VISA), a_while),
        (*ORDERED, AUTHORIZED, *MAILED, *HANDED_OVER[:-3], *REPORTED, *MAILED),
    ),
    "withdrawn from the contract, to a primary that hears of it": Story(
        Headline.SETTLED,
        (orders(VISA), a_while, the_customer_withdraws, a_while),
        (*ORDERED, AUTHORIZED, *MAILED, *HANDED_OVER, *WITHDRAWN),
    ),
    "paid later": Story(
        Headline.SETTLED,
        (orders(None), a_while, the_customer_gives_another, a_while),
        (ORDERED[0], *MAILED, ANOTHER_CARD[0], *AUTHORIZING, AUTHORIZED, *HANDED_OVER),
    ),
    "declined, then a good card": Story(
        Headline.SETTLED,
        (orders(DECLINED), a_while, the_customer_gives_another, a_while),
        (
            *ORDERED,
            "authorize_payment: ledger.commit declined",
            *MAILED,
            *MAILED,
            *ANOTHER_CARD,
            *HANDED_OVER,
        ),
    ),
    "their bank asks": Story(
        Headline.SETTLED,
        (orders(THREE_D_SECURE), a_while, their_bank_agrees, a_while),
        (
            *ORDERED,
            "authorize_payment: ledger.commit bank_asks",
            *MAILED,
            *MAILED,
            "receive_payment_event: ledger.commit heard_authorized",
            LOOKED,
            "follow_payment: ledger.commit authorized",
            *HANDED_OVER,
        ),
    ),
    "their authorization lapses": Story(
        Headline.SETTLED,
        (orders(VISA), the_shop_is_away, it_lapses, the_shop_is_away, the_customer_gives_another, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            "receive_payment_event: ledger.commit heard_voided",
            LOOKED,
            "follow_payment: ledger.commit authorization_lapsed",
            *MAILED,
            ANOTHER_CARD[0],
            *AUTHORIZING,
            AUTHORIZED,
            *HANDED_OVER,
        ),
    ),
    "cancelled before it was placed": Story(
        Headline.CANCELLED,
        (orders(DECLINED), a_while, the_customer_cancels, a_while),
        (
            *ORDERED,
            "authorize_payment: ledger.commit declined",
            *MAILED,
            *MAILED,
            "cancel_order: ledger.commit cancel_asked, cancelled",
            *VOIDED,
        ),
    ),
    "cancelled after it was settled": Story(
        Headline.REFUNDED,
        (orders(VISA), a_while, the_customer_cancels, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            *HANDED_OVER,
            "cancel_order: ledger.commit cancel_asked",
            "withdraw_order: primary.cancel",
            "withdraw_order: ledger.commit cancelled",
            "void_payment: ledger.commit refund begins",
            "void_payment: gateway.refund",
            "void_payment: ledger.commit refunded",
            *MAILED,
        ),
    ),
    "cancelled while the shop's answer is lost": Story(
        Headline.CANCELLED,
        (orders(VISA), the_shop_is_away, the_shop_loses_its_answer, the_customer_cancels, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            *LOST,
            *(3 * LOOKED_FOR),
            "cancel_order: ledger.commit cancel_asked",
            *(3 * ("withdraw_order: primary.find", "withdraw_order: ledger.commit came back")),
            "withdraw_order: primary.cancel",
            "withdraw_order: ledger.commit cancelled",
            *VOIDED,
        ),
    ),
    "came late, and was given up before it was seen": Story(
        Headline.CANCELLED,
        (
            orders(VISA),
            the_shop_is_away,
            the_shop_loses_its_answer,
            it_is_not_there_and_waits_for_a_person,
            it_comes_there_late,
            the_customer_cancels,
            a_while,
        ),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            *LOST,
            *(6 * LOOKED_FOR),
            RIVALS,
            "reconcile_order: ledger.commit on_hold",
            "keep_promise: ledger.commit owner_given",
            "cancel_order: ledger.commit cancel_asked, cancelled",
            "void_payment: ledger.commit void begins",
            "void_payment: gateway.void",
            "void_payment: ledger.commit voided",
            "undo_late: primary.find",
            "undo_late: primary.cancel",
            "undo_late: ledger.commit late_undone",
            *MAILED,
        ),
    ),
    "settled, then a part is given back": Story(
        Headline.SETTLED,
        (orders(VISA), a_while, an_agent_gives_a_part_back, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            *HANDED_OVER,
            "grant_refund: ledger.commit refund_granted",
            "refund_payment: ledger.commit grant begins",
            "refund_payment: gateway.refund",
            "refund_payment: ledger.commit refunded",
            *MAILED,
        ),
    ),
    "changed after it was settled": Story(
        Headline.SETTLED,
        (orders(VISA), a_while, the_customer_moves, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            *HANDED_OVER,
            "change_order: ledger.commit change_asked",
            "amend_order: ledger.commit amend begins",
            "amend_order: primary.amend",
            "amend_order: primary.read",
            "amend_order: ledger.commit amended",
            *MAILED,
        ),
    ),
    "a rival is there": Story(
        Headline.MERGED,
        (orders(VISA), the_shop_is_away, a_rival_is_there, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            RIVALS,
            "reconcile_order: ledger.commit merged",
            *VOIDED,
        ),
    ),
    "an unpaid rival is there": Story(
        Headline.SETTLED,
        (orders(VISA), the_shop_is_away, an_unpaid_rival_is_there, a_while),
        (
            *ORDERED,
            AUTHORIZED,
            *MAILED,
            RIVALS,
            "reconcile_order: primary.cancel_unpaid",
            "reconcile_order: ledger.commit rival_cancelled",
            *HANDED_OVER[1:],
        ),
    ),
}
