"""An invitation opens one saved form, as long as that exists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.drafts import Draft, Invitations
from tests.builders import NOW

NEW, OLD = "the-new-secret-of-the-invitations-012", "the-old-secret-of-the-invitations-012"
DRAFT = Draft(cart_id="basket/17 ü", cart_token="e30", locale="en", since=NOW, seen_at=NOW, email="iris@example.org")


def invitation(draft: Draft = DRAFT, *secrets: str) -> str:
    return Invitations(secrets or (NEW,), "https://pay.example/").link(draft).rpartition("/")[2]


def test_a_link_leads_to_the_checkout_and_names_its_draft() -> None:
    assert Invitations((NEW,), "https://pay.example/").link(DRAFT).startswith("https://pay.example/checkout/drafts/")
    assert Invitations((NEW,), "").read(invitation()) == ("basket/17 ü", NOW)


def test_a_link_that_was_sent_opens_its_draft_in_each_later_release() -> None:
    sent = "WyJiYXNrZXQvMTcgw7wiLDE3OTUyNTUyMDAuMF0.-wMC4N8X_WJfmaFyFf9M343Gy6JPpnXqBy_2zKT8-nA"
    assert invitation() == sent
    assert Invitations((NEW,), "https://pay.example/X").link(DRAFT) == f"https://pay.example/X/checkout/drafts/{sent}"


def test_a_signature_has_256_bits() -> None:
    assert len(invitation().rpartition(".")[2]) == 43


def test_the_contact_does_not_stand_in_the_link() -> None:
    assert invitation() == invitation(replace(DRAFT, email="other@example.org", phone="+44 1482 300300"))


def test_the_next_draft_of_a_cart_has_another_link() -> None:
    assert invitation() != invitation(replace(DRAFT, since=NOW + timedelta(days=1)))


@pytest.mark.parametrize("changed", ["", "x", invitation() + "x", invitation(DRAFT, OLD)])
def test_what_we_did_not_sign_opens_nothing(changed: str) -> None:
    assert Invitations((NEW,), "").read(changed) is None


def test_a_link_outlives_the_change_of_the_secret() -> None:
    assert Invitations((NEW, OLD), "").read(invitation(DRAFT, OLD)) == ("basket/17 ü", NOW)


def test_a_customer_counts_as_present_while_the_page_reports() -> None:
    assert DRAFT.is_here(NOW + timedelta(seconds=20))
    assert not DRAFT.is_here(NOW + timedelta(seconds=21))
