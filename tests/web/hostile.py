"""A world in which every stored text is hostile: it closes whatever it stands in, and would be an element then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft, Look
from fallback.domain.checkout.invitations import Invited
from fallback.domain.incident.audit import Audit, Halt
from fallback.domain.incident.balance import Count, Difference, DifferenceCode, Side
from fallback.domain.incident.incident import Entry, Incident, IncidentEvent
from fallback.domain.oncall.drill import Drill, DrillOutcome
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.cart import DeliveryOption, Discount
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Address, Decline, Event, Order, PaymentState, Placement, PlacementState
from fallback.domain.order.sentence import Said
from fallback.domain.order.withdrawal import Statement, Withdrawal, WithdrawalState, WithdrawnLine
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.domain.payment.policy import Policy
from fallback.domain.storefront import Storefront
from fallback.domain.support.accounts import Person, Role
from fallback.domain.support.claims import ask, take
from fallback.domain.support.saved_replies import Replies, ReplyChange, ReplyEvent, SavedReply
from fallback.domain.support.subscriptions import Subscription
from fallback.ledger.support.remarks import Remark
from fallback.usecases.outage.write_to_customers import announce_maintenance, publish_note
from fallback.web.purchase.event_words import EVENTS
from tests.builders import BOOK, CUSTOMER, NOW, SLOT, STANDARD, a_hold, a_payment, an_order
from tests.fakes.pace import a_rule
from tests.web import world
from tests.web.html import Page

HOSTILE = "'\">--></textarea></title></script></style><hostile>{{ 7*7 }}&lt;%s"
# Where the owner of an address confirms that they want a mail.
SUBSCRIBER = "subscriber"
# Who looks at it all: names of people are checked where they come in.
ANN = "Ann"
# What has no text of people in it: names for machines, and what is checked where it comes in.
FIXED = {"ref", "cart_id", "currency", "locale", "country", "email", "intent", "id", "reason", "advice", "code", "what"}
FIGURES = {"said": 4, "amount": 100}
SAID = ("asked", "tried", "promised", "question", "note", "sentence")


def hostile(thing: Any) -> Any:
    """The same with this text wherever people, the shop or Stripe write."""
    if isinstance(thing, msgspec.Struct):
        changed = {}
        for name in thing.__struct_fields__:
            value = getattr(thing, name)
            changed[name] = HOSTILE if type(value) is str and value and name not in FIXED else hostile(value)
        return replace(thing, **{name: value for name, value in changed.items() if name not in FIXED})
    if isinstance(thing, dict):
        return {name: HOSTILE if type(value) is str else hostile(value) for name, value in thing.items()}
    return tuple(map(hostile, thing)) if isinstance(thing, tuple) else thing


def a_grant(number: int, state: GrantState, kind: GrantKind) -> Grant:
    return Grant(
        id=number, kind=kind, amount=200, reason="late", who="Ann", at=NOW, incident="I-1", state=state, said=6
    )


def order_in(payment: PaymentState, placement: PlacementState, *holds: HoldCode, **changes: Any) -> Order:
    customer = replace(
        CUSTOMER,
        phone="+44 1482 300300",
        note="Ring twice",
        said=tuple(Said(number, text) for number, text in enumerate(SAID, 1)),
        wanted_address=Address("Iris Murdoch", "2 Quay", "Hull", "HU1 1AA", "GB", line2="Rear", region="East"),
    )
    order = an_order(
        customer=customer,
        payment=replace(a_payment(payment), decline=Decline("lost_card", "never")),
        options=(DeliveryOption("standard", "Standard", 495, ()), DeliveryOption("courier", "Courier", 790, (SLOT,))),
        placement=Placement(state=placement, id="7", number="100007"),
        holds=tuple(replace(a_hold(code, "BK-1"), said=4) for code in holds),
        **changes,
    )
    return hostile(order)


def orders() -> list[Order]:
    P, L = PaymentState, PlacementState
    handover = Handover(to="Jo", by="Ann", accept_by=NOW, asked=1, tried=2, promised=3)
    wanted = Amendment(who="Ann", since=NOW, what="lines delivery address", lines=(BOOK,), delivery=STANDARD, said=6)
    goods = (WithdrawnLine(BOOK.sku, BOOK.title, 1, BOOK.quantity),)
    withdrawn = Withdrawal(WithdrawalState.BY_HAND, (Statement("a key", NOW, goods, 6, 6),))
    grants = (a_grant(1, GrantState.ASKED, GrantKind.GOODWILL), a_grant(2, GrantState.GRANTED, GrantKind.REFUND))
    return [
        order_in(P.AUTHORIZED, L.WAITING, *HoldCode, handover=handover, callback=Callback(5, NOW), owner="Ann"),
        order_in(P.CAPTURED, L.VERIFIED, grants=grants, withdrawal=withdrawn),
        order_in(P.AUTHORIZED, L.VERIFIED, amendment=wanted),
        order_in(P.ACTION_REQUIRED, L.WAITING),
        order_in(P.CAPTURED, L.VERIFIED, discounts=(Discount("Summer", 100),)),
        order_in(P.AUTHORIZED, L.WAITING),
        order_in(P.VOIDED, L.MERGED),
        order_in(P.VOIDED, L.CANCELLED, last_word=6, cart_id="basket-17"),
        replace(order_in(P.ACTION_REQUIRED, L.WAITING, handover=handover, owner="Ann"), owner=ANN),
        given_to(ANN, order_in(P.AUTHORIZED, L.WAITING, handover=handover, owner="Ann")),
    ]


def given_to(name: str, order: Order) -> Order:
    assert order.handover
    return replace(order, owner=name, handover=replace(order.handover, to=name))


def timeline() -> list[Event]:
    """A line of each kind, with this text for whatever its sentence names."""
    named = re.findall(r"%\((\w+)\)s", "".join(EVENTS.values()))
    return [Event(NOW, what, HOSTILE, dict.fromkeys(named, HOSTILE) | FIGURES) for what in EVENTS]


def is_page(answer: TestResponse) -> bool:
    return answer.mimetype == "text/html" and not answer.location


def looked_through(answer: TestResponse) -> str:
    """The text of a page on which nothing of it is markup."""
    if not is_page(answer):
        return answer.text
    page = Page(answer)
    assert page.all("hostile") == [], answer.request.path
    assert "<hostile" not in answer.text, answer.request.path
    return " ".join([page.text, *(value for element in page.elements for value in element.attributes.values())])


def policy_of(container: Container) -> Policy:
    policy = container.policy
    return replace(policy, customer=hostile(policy.customer), reasons=hostile(policy.reasons))


def a_cart_token(cart_id: str = "basket-17") -> str:
    """What the shop has signed: it may name its goods as it likes."""
    deliveries = [each | {"title": HOSTILE} for each in (world.STANDARD, world.COURIER)]
    goods = {"lines": [world.BOOKS | {"title": HOSTILE}], "discounts": [{"title": HOSTILE, "amount": 0}]}
    return world.signed(world.a_cart(cart_id=cart_id, delivery=deliveries, **goods))


def a_draft(cart_id: str = "basket-17") -> Draft:
    draft = Draft(cart_id=cart_id, cart_token=a_cart_token(cart_id), locale="en", since=NOW, seen_at=NOW)
    return replace(draft, name=HOSTILE, email="iris@example.org", phone=HOSTILE)


def fill(container: Container, kept: Sequence[Order]) -> None:
    """With these orders, and whatever else is stored of an outage beside them."""
    container.policy = policy_of(container)
    container.config = replace(container.config, storefront=Storefront(shop_name=HOSTILE))
    for order in map(container.ledger.keep, kept):
        container.ledger.commit(order, order, timeline())
    *_, first, second = kept
    container.claims.change(first.ref, lambda _: take(None, HOSTILE, NOW))
    container.claims.change(second.ref, lambda _: ask(take(None, ANN, NOW), HOSTILE, NOW))
    news = Unclaimed("evt_1", HOSTILE, HOSTILE, HOSTILE, NOW)
    container.ledger.keep_unclaimed(news.id, pack(news))
    for draft in (a_draft(), a_draft("basket-18")):
        container.drafts.save(draft)
    container.drafts.record(Look(NOW, HOSTILE, ("basket-17",)))
    publish_note(container, HOSTILE, None, HOSTILE)
    announce_maintenance(container, (NOW + timedelta(hours=1), NOW + timedelta(hours=2)), HOSTILE, HOSTILE)
    container.subscriptions.change(SUBSCRIBER, lambda _: Subscription(email=HOSTILE, locale="en", asked_at=NOW))
    container.invitation_mails.keep("basket-17", Invited(HOSTILE, NOW, NOW))
    container.duty.begin(Person(HOSTILE, Role.AGENT), NOW)
    container.remarks.add(Remark(NOW, HOSTILE, HOSTILE))
    reply, log = SavedReply(1, HOSTILE, HOSTILE), (ReplyChange(NOW, HOSTILE, ReplyEvent.ADDED, HOSTILE),)
    container.saved_replies.change(lambda _: Replies((reply,), log, 1))
    an_outage(container)


def an_outage(container: Container) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, HOSTILE, HOSTILE))
    entry = Entry(NOW, IncidentEvent.NOTED, HOSTILE, HOSTILE)
    began = NOW - timedelta(days=1)
    incident = Incident(id="I-1", reason=HOSTILE, began=began, after=0, followed=NOW, timeline=(entry,))
    container.incidents.open(incident)
    wrong = Difference(Side.SHOP, DifferenceCode.DIFFERENT, "", HOSTILE)
    balance = Count(incident.id, ()).balance(NOW, 0, [wrong], {Side.PROVIDER: HOSTILE})
    container.books.keep(balance)
    container.books.keep_audit(Audit(NOW, NOW, why_not=HOSTILE))
    container.halts.halt(Halt(NOW, HOSTILE, HOSTILE))
    container.drills.begin(Drill(id="d", began=NOW, who=HOSTILE, outcome=DrillOutcome.FAILED, why=HOSTILE))
    container.pace.decide(a_rule(who=HOSTILE, why=HOSTILE))
