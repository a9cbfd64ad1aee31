from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.order.links import Links
from fallback.domain.order.refs import new_ref

OLD, NEW = "the-old-secret-0123456789-0123456789", "the-new-secret-0123456789-0123456789"
LINKS = Links([NEW], "https://fallback.example/")
REF = "FB-7K3M-92QX-N"


def test_the_key_opens_its_order_and_no_other() -> None:
    assert LINKS.opens(REF, LINKS.key(REF))
    assert not LINKS.opens(new_ref(), LINKS.key(REF))


def test_the_link_of_an_order_is_always_the_same() -> None:
    """Stripe compares the page to come back to when a call is repeated with its key."""
    assert LINKS.order(REF) == Links([NEW], "https://fallback.example").order(REF)
    assert LINKS.order(REF) == f"https://fallback.example/orders/{REF}?key={LINKS.key(REF)}"
    assert LINKS.back_from_bank(REF) == f"https://fallback.example/orders/{REF}/back?key={LINKS.key(REF)}"


def test_a_link_that_was_sent_opens_its_order_in_each_later_release() -> None:
    assert LINKS.key(REF) == "iuXq2lAzn4WNvxasx2KGVVcjDkivu2w0r9ag4rSlIVk"


def test_a_view_of_an_order_and_its_page_in_the_console_have_links_of_their_own() -> None:
    assert LINKS.order(REF, "rival/same") == f"https://fallback.example/orders/{REF}/rival/same?key={LINKS.key(REF)}"
    ours = Links([NEW], "https://fallback.example")
    assert ours.console(REF) == f"https://fallback.example/console/orders/{REF}"
    theirs = Links([NEW], "https://fallback.example//", "https://desk.example/X/")
    assert theirs.console(REF) == f"https://desk.example/X/console/orders/{REF}"
    assert theirs.order(REF) == LINKS.order(REF)
    assert Links([NEW], "https://fallback.example/X").order(REF).startswith("https://fallback.example/X/orders/")


def test_links_outlive_a_rotation_of_secrets_until_the_old_one_is_gone() -> None:
    sent = Links([OLD], "https://fallback.example").key(REF)
    assert Links([NEW, OLD], "https://fallback.example").opens(REF, sent)
    assert Links([NEW, OLD], "https://fallback.example").key(REF) == LINKS.key(REF)
    assert not LINKS.opens(REF, sent)


@given(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.just(""), st.just("."), st.just(REF)))
def test_no_other_text_opens_an_order(key: str) -> None:
    assert not LINKS.opens(REF, key)


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_key_with_one_changed_character_opens_nothing(place: int) -> None:
    key = list(LINKS.key(REF))
    key[place] = "A" if key[place] not in "ABCD" else "Q"
    assert not LINKS.opens(REF, "".join(key))
