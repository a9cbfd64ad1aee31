"""She reads how much of her money is on its way back, with the sentence of the person who gave it."""

from __future__ import annotations

import pytest

from fallback.domain.order import Notice, NoticeKind, PaymentState
from fallback.domain.said import say
from fallback.notices.message import compose
from tests.builders import NOW, a_payment, an_order
from tests.notices.test_message import LINKS, SENDER, text


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "We have sent money back to the card that you paid with: €10.00 so far, of the €30.93 that you paid."),
        ("de", "bisher 10,00 € von den 30,93 €, die Sie bezahlt haben."),
    ],
)
def test_a_part_that_went_back_is_told_in_figures(locale: str, says: str) -> None:
    order = an_order(payment=a_payment(PaymentState.CAPTURED, refunded=1_000), locale=locale)
    order, word = say(order, "sentence", "Sorry that it took so long.")
    assert order.customer
    notice = Notice(id="3", kind=NoticeKind.MONEY_BACK, due_at=NOW, said=word)

    for part in ("plain", "html"):
        said = text(compose(order, order.customer, notice, LINKS, SENDER), part)
        assert says in said
        assert "Sorry that it took so long." in said
