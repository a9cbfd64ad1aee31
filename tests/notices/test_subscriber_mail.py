"""The mails about the shop's return."""

from __future__ import annotations

import pytest

from fallback.domain.storefront import Storefront
from fallback.domain.support.subscriptions import Subscription
from fallback.notices.message import compose_for_subscriber
from tests.builders import NOW

LINK = "https://pay.example/status/subscription/n4me"
SHOP = Storefront(shop_name="Harbour Books", shop_url="https://shop.example/", withdrawal_days=0)


@pytest.mark.parametrize(
    ("confirmed", "locale", "subject", "leads_to"),
    [
        (False, "en-GB", "Shall we tell you when the shop is back?", LINK),
        (True, "en-GB", "The shop is back", "https://shop.example/"),
        (True, "de-AT", "Der Shop ist wieder da", "https://shop.example/"),
    ],
)
def test_the_mail_asks_or_tells_and_is_taken_back_with_one_click(
    confirmed: bool, locale: str, subject: str, leads_to: str
) -> None:
    who = Subscription(email="iris@example.org", locale=locale, asked_at=NOW, confirmed=confirmed)
    mail = compose_for_subscriber(who, who.email, LINK, "orders@pay.example", SHOP)
    assert mail["Subject"] == subject
    assert mail["List-Unsubscribe"] == f"<{LINK}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body
        assert leads_to in body.get_content()
