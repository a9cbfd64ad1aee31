"""The mails about the shop's return."""

from __future__ import annotations

import pytest

from fallback.domain.checkout.mail_addresses import readable
from fallback.domain.errors import Refused
from fallback.domain.storefront import Storefront
from fallback.domain.support.subscriptions import Subscription
from fallback.notices.message import compose_for_subscriber
from tests.builders import NOW

LINK = "https://pay.example/status/subscription/n4me"
SHOP = Storefront(shop_name="Harbour Books", shop_url="https://shop.example/", withdrawal_days=0)


# The form takes them, but Python's parser of headers fails at them.
@pytest.mark.parametrize("email", ["=?utf-8?q?=40?=a@example.com", "=?utf-8?q?=40?=a日@example.com"])
def test_an_address_that_no_header_can_name_is_refused(email: str) -> None:
    assert readable(email) == email
    who = Subscription(email=email, locale="en", asked_at=NOW)
    with pytest.raises(Refused) as refusal:
        compose_for_subscriber(who, email, LINK, "orders@pay.example", SHOP)
    assert refusal.value.code == "bad_address"


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
