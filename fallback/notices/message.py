"""A notice as a mail: text from templates/mail/<kind>.txt, as plain text and HTML, in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any, NamedTuple

from msgspec import structs

from fallback.domain.checkout.drafts import Draft
from fallback.domain.errors import Refused
from fallback.domain.money import Money
from fallback.domain.order import texts_by_people
from fallback.domain.order.concern import lost
from fallback.domain.order.exposure import waits_for_stock
from fallback.domain.order.grants import GrantState
from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, headline, is_free, next_word_by, pays_by
from fallback.domain.order.links import Links
from fallback.domain.order.notices import is_handed_to
from fallback.domain.order.order import Customer, Notice, NoticeKind, Order
from fallback.domain.order.withdrawal import WithdrawalState
from fallback.domain.payment import refunds
from fallback.domain.payment.set_aside import SetAside, set_aside
from fallback.domain.placement.contract_withdrawal import may_withdraw, what_follows
from fallback.domain.placement.rivals import is_about_payment, open_rival
from fallback.domain.storefront import Storefront
from fallback.domain.support.accounts import Account
from fallback.domain.support.subscriptions import Subscription
from fallback.i18n import address_lines, billing_lines, environment, language_of, translations

# `Payment.decline` also records failures that no bank declined.
NOT_DECLINED = {
    "authorization_expired": "authorization_expired",
    "authorization_cancelled": "authorization_cancelled",
    "card_token_expired": "card_expired",
    "amount_raised": "costs_more",
    "payment_method_customer_decline": "not_completed",
    "payment_method_provider_decline": "not_completed",
    "payment_intent_payment_attempt_expired": "not_completed",
}

# Colleagues know the shop: its storefront is shown to customers only.
NO_STOREFRONT = Storefront(withdrawal_days=0)

# A summary links to the first of its orders; the list in the console has all.
MOST_NAMED = 20


def compose(
    order: Order,
    customer: Customer,
    notice: Notice,
    links: Links,
    mail_from: str,
    zone: tzinfo = UTC,
    storefront: Storefront = NO_STOREFRONT,
) -> EmailMessage:
    """`links` open the order's page. Raises Refused for an address that no mail can be sent to."""
    facts = _facts(order, customer, notice) | {"zone": zone, "storefront": storefront}
    if may_withdraw(order, storefront.withdrawal_days, notice.due_at) and facts["in_full"]:
        facts["withdrawal"] = links.order(order.ref, "withdrawal")
    ways = [(words, links.order(order.ref, view)) for words, view in _ways(notice).items()]
    further = [(ref, links.order(ref)) for ref in notice.refs]
    message = _with_headers(customer.email, links.mails.of(order.ref, notice.id), mail_from, storefront.shop_name)
    return _written(message, notice.kind, order.locale, facts, texts_by_people.read(order, notice.said), ways, further)


def compose_invitation(
    draft: Draft, email: str, link: str, mail_from: str, storefront: Storefront = NO_STOREFRONT
) -> EmailMessage:
    """`link` opens the draft on its customer's device. Raises Refused for an address that no mail can be sent to."""
    facts = {"customer": draft, "ref": "", "in_full": False, "locale": draft.locale, "storefront": storefront}
    id = make_msgid(domain="").strip("<@>")
    message = _with_headers(email, id, mail_from, storefront.shop_name)
    return _written(message, "draft", draft.locale, facts, "", [("button", link)], [])


def compose_for_subscriber(
    subscription: Subscription, email: str, link: str, mail_from: str, storefront: Storefront = NO_STOREFRONT
) -> EmailMessage:
    """`link`: where the subscription is confirmed or taken back. Raises as `compose`."""
    back, locale = subscription.confirmed, subscription.locale
    facts = {"customer": {"name": ""}, "ref": "", "in_full": False, "locale": locale, "storefront": storefront}
    message = _with_headers(email, make_msgid(domain="").strip("<@>"), mail_from, storefront.shop_name)
    # One click in the mail program is enough, without a page (RFC 8058).
    message["List-Unsubscribe"] = f"<{link}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    ways = [("button", storefront.shop_url or link)] if back else [("button", link)]
    return _written(message, "shop_back" if back else "subscription", locale, facts, "", ways, [])


def compose_for_owner(
    owner: Account,
    order: Order,
    notice: Notice,
    links: Links,
    mail_from: str,
    language: str,
    zone: tzinfo = UTC,
    all_theirs: Sequence[Order] = (),
) -> EmailMessage:
    """The mail to an order's owner: what to do, and by when; nothing about the customer. Raises as `compose`.

    With `all_theirs` it is a summary of these orders instead, the most urgent first.
    """
    message = _with_headers(owner.email or "", links.mails.of(order.ref, notice.id), mail_from)
    if all_theirs:
        facts = {"customer": owner, "ref": "", "in_full": False, "locale": language, "zone": zone}
        facts |= {"count": len(all_theirs), "by": next_word_by(all_theirs[0])}
        further = [(each.ref, links.console(each.ref)) for each in all_theirs[:MOST_NAMED]]
        return _written(message, "summary", language, facts, "", [("button", links.my_work())], further)
    asked = [grant for grant in order.grants if grant.state is GrantState.ASKED]
    handed = order.handover if is_handed_to(order, notice.owner) else None
    facts = {
        "customer": owner,
        "ref": order.ref,
        "in_full": False,
        "locale": language,
        "zone": zone,
        "handed_by": handed.by if handed else "",
        "by": handed.accept_by if handed else next_word_by(order),
        "asked": [(grant.who, Money(grant.amount, order.currency)) for grant in asked],
        "all_asked": Money(sum(grant.amount for grant in asked), order.currency),
        "holds": [
            translations(language).gettext(HOLD_NAMES[hold.code])
            for hold in order.holds
            if not asked or hold.code is not HoldCode.REFUND_ASKED
        ],
    }
    return _written(message, notice.kind, language, facts, "", [("button", links.console(order.ref))], [])


Way = tuple[str, str]


def _written(
    message: EmailMessage,
    kind: str,
    locale: str,
    facts: dict[str, Any],
    personal: str,
    ways: list[Way],
    further: list[Way],
) -> EmailMessage:
    """The message with its text. `ways`: template blocks with a link's words, and the links; `further`: more blocks."""
    language = language_of(locale)
    env = environment(language)
    words = env.get_template(f"mail/{kind}.txt")
    context = words.new_context(facts)

    def block(name: str) -> str:
        return "".join(words.blocks[name](context)).strip()

    facts = {"storefront": NO_STOREFRONT, "withdrawal": ""} | facts
    facts |= {
        "paragraphs": [line for text in (personal, block("body")) for line in text.splitlines() if line.strip()],
        "buttons": [*((block(name), link) for name, link in ways), *further],
    }
    message["Subject"] = " ".join(block("subject").split())
    # Quoted-printable reaches ASCII-only servers, and stays readable where it is not decoded.
    message.set_content(env.get_template("mail/layout.txt").render(facts), cte="quoted-printable")
    html = env.get_template("mail/layout.html").render(facts, subject=message["Subject"])
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = language
    return message


def _ways(notice: Notice) -> dict[str, str]:
    """The views of the order that a mail links to, by the template block with the link's words."""
    if notice.kind is NoticeKind.POSSIBLE_RIVAL:
        return {"button": "rival/same", "other_button": "rival/apart"}
    return {"button": ""}


def _facts(order: Order, customer: Customer, notice: Notice) -> dict[str, Any]:
    def money(amount: int) -> Money:
        return Money(amount, order.currency)

    sums = set_aside(order) or SetAside(0, 0, 0)
    # A reader of mail at an address that was wrong, or is no longer the customer's, learns nothing more about the
    # order; the name may be that of a person who has taken it over.
    left = notice.kind is NoticeKind.ADDRESS_LEFT
    # A receipt shows what was stated, and goes to the address that was stated.
    receipt = notice.kind is NoticeKind.WITHDRAWAL
    return {
        "ref": order.ref,
        "in_full": not left and not receipt,
        "number": order.placement.number,
        "locale": order.locale,
        "customer": structs.replace(customer, name="") if left else customer,
        "rival": rival.detail if (rival := open_rival(order)) else "",
        "maybe_paid": is_about_payment(order),
        "address": address_lines(customer.address, order.locale),
        "billing": billing_lines(customer, order.locale),
        "situation": _situation(order, notice),
        "was_set_aside": order.payment.authorized > 0,
        "was_taken": order.payment.captured > 0,
        "costs_nothing": is_free(order),
        "given_up": order.cancel_asked or order.placement.state in GIVEN_UP,
        "next_word_by": next_word_by(order),
        "pay_by": pays_by(order),
        "aside": money(sums.aside),
        "rest": money(sums.released),
        "to_take": money(sums.to_take),
        "outgrown": money(order.payment.outgrown),
        "taken": money(order.payment.captured),
        "goes_back": money(refunds.difference(order)),
        "refunded": money(order.payment.refunded),
        "came_back": money(order.payment.undecided),
        "lines": [(line.quantity, line.title, money(line.quantity * line.unit_price)) for line in order.lines],
        "late": ", ".join(line.title for line in order.lines if line.sku in waits_for_stock(order)),
        "discounts": [(discount.title, money(-discount.amount)) for discount in order.discounts],
        "delivery": order.delivery,
        "delivery_price": money(order.delivery.price),
        "tax": money(order.tax.amount),
        "tax_is_included": order.tax.included,
        "total": order.total,
        "withdrawn": _withdrawn(order, notice),
    }


class Withdrawn(NamedTuple):
    """The statement that a notice confirms. `follows`: what comes of it; None: nothing, as the order was undone."""

    at: datetime
    name: str
    lines: Sequence[tuple[int, str]]
    follows: WithdrawalState | None


def _withdrawn(order: Order, notice: Notice) -> Withdrawn | None:
    if order.withdrawal is None:
        return None
    for each in order.withdrawal.statements:
        if each.email == notice.to:
            lines = [(line.quantity, line.title) for line in each.lines]
            return Withdrawn(each.at, texts_by_people.read(order, each.name), lines, what_follows(order))
    return None


def _situation(order: Order, notice: Notice) -> str:
    """The variant of a kind's text: the state of the payment, or why the customer is needed."""
    payment = order.payment
    if notice.kind is NoticeKind.RECEIVED:
        if order.cancel_asked or order.placement.state in GIVEN_UP:
            return "changed"
        return "free" if is_free(order) else payment.state
    if notice.kind is NoticeKind.NEXT_WORD:
        codes = {hold.code for hold in order.holds}
        return codes.pop() if codes in ({HoldCode.REFUND_ASKED}, {HoldCode.WITHDRAWAL}) else headline(order)
    if notice.kind is NoticeKind.CANCELLED:
        if lost(order.concerns):
            return "taken_back"
        return "unpaid" if payment.pay_by and payment.pay_by <= notice.due_at else ""
    if payment.next_action_url:
        return "bank_asks"
    if payment.decline is None:
        return "no_card"
    if payment.decline.code in NOT_DECLINED:
        return NOT_DECLINED[payment.decline.code]
    return "declined_for_now" if payment.decline.advice == "soft" else "declined"


def _with_headers(email: str, id: str, mail_from: str, shop_name: str = "") -> EmailMessage:
    """`shop_name` writes where the sender's address names nobody.

    `id`: the same for each try: a mail server or program that receives it twice shows it once (RFC 5322, 3.6.4).
    """
    sender_name, sender = parseaddr(mail_from)
    message = EmailMessage(policy=SMTP if email.isascii() else SMTP.clone(utf8=True))
    message["From"] = Address(sender_name or shop_name, addr_spec=sender)
    try:
        message["To"] = email
    except (IndexError, ValueError) as error:  # an encoded word that the parser fails at; a line break
        raise Refused("bad_address") from error
    if [address.addr_spec for address in message["To"].addresses] != [email]:
        raise Refused("bad_address")  # read as a header it names somebody else, or several
    message["Message-ID"] = f"<{id}@{sender.rpartition('@')[2]}>"
    # What Postmark names in its report of a bounce instead (https://postmarkapp.com/support/article/1125).
    message["X-PM-Metadata-mail"] = id
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    return message
