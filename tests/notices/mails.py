"""Mails about one order, as they are sent."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from fallback.domain.order.links import Links
from fallback.domain.order.order import (
    Notice,
    NoticeKind,
    Order,
    Payment,
    PaymentState,
)
from fallback.notices.message import compose
from tests.builders import NOW, an_order

REF = "FB-7K3M-92QX-5"
LINKS = Links(["a-secret-of-the-tests-of-mails-0123456789"], "https://pay.example")
LINK = LINKS.order(REF)
SENDER = "orders@pay.example"


def the_mail(kind: NoticeKind, order: Order | None = None, **changes: Any) -> EmailMessage:
    order = order or an_order(ref=REF, **changes)
    assert order.customer
    return compose(order, order.customer, Notice(id="3", kind=kind, due_at=NOW), LINKS, SENDER)


def text(mail: EmailMessage, subtype: str = "plain") -> str:
    part = mail.get_body((subtype,))
    assert part
    return " ".join(part.get_content().split()).replace("\N{NO-BREAK SPACE}", " ")


def paying(state: PaymentState, **changes: Any) -> Payment:
    return Payment(amount=3093, state=state, **changes)
