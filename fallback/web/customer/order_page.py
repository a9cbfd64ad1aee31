"""/orders/{ref}: the page behind a customer's signed link. It shows the order's status and the customer's actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from msgspec import ValidationError, convert
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.cart_token import CART_COOKIE
from fallback.domain.errors import Conflict, Invalid, NotAllowedNow, TryAgain
from fallback.domain.order.lifecycle import holds_cart
from fallback.domain.order.order import Event, Order, Queue
from fallback.domain.order.refused_mail import is_unreachable
from fallback.domain.placement.contract_withdrawal import may_withdraw
from fallback.domain.placement.unpaid import ends_by
from fallback.domain.support.late import Late
from fallback.usecases.checkout.read_cart import read_cart
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.payment.give_card import give_card
from fallback.usecases.payment.return_from_bank import return_from_bank
from fallback.usecases.placement.answer_rival_question import RivalAnswer
from fallback.web.customer import presence
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import Typed, typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, tagged, unchanged, voice_in
from fallback.web.http.problem_words import PROBLEMS
from fallback.web.http.static_files import VERSION
from fallback.web.http.voice import Voice
from fallback.web.purchase import (
    change_forms,
    order_status,
    order_timeline,
    order_view,
    self_service_rows,
    who_was_first,
    withdrawal_rows,
)
from fallback.web.purchase.bodies import CardBody
from fallback.web.purchase.cart_rows import rows_of_order
from fallback.web.purchase.change_forms import Changing
from fallback.web.purchase.checkout_form import CARD_MISSING
from fallback.web.purchase.checkout_rows import card_row, charge_of

blueprint = Blueprint("orders", __name__, url_prefix="/orders")

NO_MORE_CARDS = PROBLEMS["too_many_cards"].text


def address(ref: str, view: str = "orders.show", **more: Any) -> str:
    """A view of the order, with its key, on the host of this request: the public host may be unavailable."""
    return url_for(view, ref=ref, key=container().links.key(ref), **more)


@blueprint.get("/<ref>")
@allow(Rule.ORDER_LINK)
def show(ref: str) -> Response:
    """An open page polls itself with its ETag: it gets 304 while nothing has changed, without rendering the page.

    `silence`: the seconds until the next poll.
    """
    opened = _open(ref)
    return unchanged(opened.tag) or tagged(_filled(opened), opened.tag)


@blueprint.get("/<ref>/back")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK, acts=("GET",))
def back_from_bank(ref: str) -> AnyResponse:
    return_from_bank(container(), ref)
    container().bells.ring(Queue.PAYMENT)
    return redirect(address(ref), 303)


@blueprint.post("/<ref>/payment")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def pay(ref: str) -> AnyResponse:
    try:
        card = convert({"confirmation_token": request.form.get("confirmation_token")}, CardBody)
        return answered(ref, lambda: give_card(container(), ref, card.confirmation_token, "customer"), Queue.PAYMENT)
    except ValidationError:
        return shown(ref, 400, CARD_MISSING)
    except Invalid:
        return shown(ref, 400, NO_MORE_CARDS)


@blueprint.get("/<ref>/cancellation")
@allow(Rule.ORDER_LINK)
def ask_to_cancel(ref: str) -> AnyResponse:
    order = container().ledger.load(ref)
    return asked_to_cancel(order) if order_view.choices(order).cancel else redirect(address(ref), 303)


def asked_to_cancel(order: Order) -> Response:
    ref = order.ref
    addresses = {"page": address(ref), "cancellation": address(ref, "orders.cancel"), "again": request.full_path}
    voice = voice_in(order.locale)
    return page(
        "customer/order/cancel.html",
        voice,
        ref=ref,
        version=order.version,
        addresses=addresses,
        money=order_view.before_cancelling(order, voice),
        again="again" in request.args,
    )


@blueprint.post("/<ref>/cancellation")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def cancel(ref: str) -> AnyResponse:
    """A second click changes nothing; the page shows the current status."""
    try:
        cancel_order(container(), ref, "customer")
    except (NotAllowedNow, Conflict):
        return late(ref)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    # A basket that is already free opens at once; until then the order page shows the progress.
    basket = _basket(container().ledger.load(ref)) if "again" in request.form else None
    return redirect(basket or address(ref), 303)


def shown(ref: str, code: int = 200, word: str | None = None, form: Typed | None = None) -> Response:
    """`word`: a message about the last action, shown first. The customer's input is kept."""
    opened = _open(ref)
    return _filled(opened, code, opened.voice.say(word) if word else "", form)


def answered(ref: str, act: Callable[[], object], *queues: Queue, place: str = "") -> AnyResponse:
    """Act, wake the workers, and redirect to the order's page; or show what happened in the meantime."""
    try:
        act()
    except Late as error:
        return late(ref, error)
    except (NotAllowedNow, Conflict):
        return late(ref)
    for queue in queues:
        container().bells.ring(queue)
    return redirect(address(ref) + place, 303)


def late(ref: str, error: Late | None = None) -> Response:
    """The response to a late form: what happened in the meantime, by whom, and the current status."""
    opened = _open(ref)
    return _filled(opened, 409, who_was_first.sentence(opened.timeline, opened.voice, error))


@dataclass(frozen=True)
class Opened:
    """The content of the page. `here`: agents who view the order; `goodwill`: an amount; `again`: a URL."""

    order: Order
    timeline: Sequence[Event]
    voice: Voice
    here: str
    goodwill: str
    links: Sequence[tuple[str, str]]
    again: str | None

    @property
    def tag(self) -> str:
        """Changes whenever the page would change: with the order, and with time alone."""
        matters = " ".join(matter for matter, _ in self.links)
        said = [
            str(self.order.version),
            self.here,
            self.goodwill,
            matters,
            self.again or "",
            self.voice.locale,
            VERSION,
        ]
        return sha256("\n".join(said).encode()).hexdigest()[:16]


def _open(ref: str) -> Opened:
    built = container()
    order, timeline = who_was_first.as_it_stands(ref)
    voice = voice_in(order.locale)
    return Opened(
        order=order,
        timeline=timeline,
        voice=voice,
        here=presence.at_the_shop(order, voice, presence.stays()),
        goodwill=self_service_rows.goodwill(order, timeline, built, voice),
        links=tuple(change_forms.links(order, built.clock())),
        again=_basket(order),
    )


def _filled(opened: Opened, code: int = 200, word: str = "", form: Typed | None = None) -> Response:
    form = form or typed()
    order, timeline, voice = opened.order, opened.timeline, opened.voice
    ref, config = order.ref, container().config
    return page(
        "customer/order/order.html",
        voice,
        code,
        ref=ref,
        word=word,
        status=order_status.status(order, voice, ends_by(order, timeline, container().unpaid_for)),
        happened=order_timeline.happened(order, timeline, voice),
        ahead=order_status.ahead(order, voice),
        choices=order_view.choices(order),
        cart=rows_of_order(order, voice, config.storefront.shop_url),
        agreed=order_view.agreed(order, voice),
        texts=self_service_rows.texts(order, bool(config.contact_ways.sms_url)),
        kept=order_view.kept(order, container().keep_personal_for, voice),
        card=card_row(charge_of(order.total), order.currency, config),
        here=opened.here,
        tag=opened.tag,
        changing=_changing(opened),
        other_email=address(ref, "order_changes.show", matter="contact") if is_unreachable(order) else "",
        rival=self_service_rows.rival(order),
        goodwill=opened.goodwill,
        talk=self_service_rows.talk(order, timeline, voice),
        form=form,
        written=form.prose if code == 409 else [],
        times=self_service_rows.times(voice),
        ratings=self_service_rows.ratings(order, timeline, voice),
        again=opened.again,
        statements=withdrawal_rows.received(order, voice),
        may_withdraw=may_withdraw(order, container().withdrawal_days, container().clock()),
        addresses=_addresses(order),
    )


def _addresses(order: Order) -> dict[str, str]:
    ref = order.ref
    return {
        "page": address(ref),
        "payment": address(ref, "orders.pay"),
        "cancellation": address(ref, "orders.ask_to_cancel"),
        "withdrawal": address(ref, "withdrawal.show", **({"more": "1"} if order.withdrawal else {})),
        "start_again": address(ref, "orders.ask_to_cancel", again="1"),
        "question": address(ref, "self_service.ask"),
        "text_messages": address(ref, "self_service.choose_text_messages"),
        "goodwill": address(ref, "self_service.goodwill"),
        "ratings": address(ref, "self_service.rate"),
        "same": address(ref, "self_service.answer_about_rival", answer=RivalAnswer.SAME),
        "apart": address(ref, "self_service.answer_about_rival", answer=RivalAnswer.APART),
    }


def _changing(opened: Opened) -> Changing:
    order, voice = opened.order, opened.voice
    links = [(address(order.ref, "order_changes.show", matter=name), voice.say(text)) for name, text in opened.links]
    taking_back = address(order.ref, "order_changes.take_back")
    return Changing(links, change_forms.wanted(order, voice), taking_back, len(opened.timeline))


def _basket(order: Order) -> str | None:
    """Where the same basket can be ordered again, once this order is undone: our checkout, filled in as it was, if the
    browser has the basket."""
    if holds_cart(order):
        return None
    built = container()
    with suppress(Invalid, TryAgain):
        cart = read_cart(built, request.cookies.get(CART_COOKIE, ""))
        if cart.cart_id == order.cart_id:
            return url_for("checkout.show", again=order.ref, key=built.links.key(order.ref))
    return built.config.storefront.shop_url or None
