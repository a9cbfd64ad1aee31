"""Drafts of the checkout, in memory and in Redis: found by e-mail and phone only, so many of a person, for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft, Look
from fallback.ledger.checkout.drafts import Drafts
from tests.builders import NOW
from tests.fakes.drafts import FakeDrafts


def a_draft(**changes: Any) -> Draft:
    draft = Draft(
        cart_id="basket-17",
        cart_token="header.cart.signature",
        locale="en-GB",
        since=NOW,
        seen_at=NOW,
        name="Iris Murdoch",
        email="Iris@example.org",
        phone="+44 1482 300300",
    )
    return replace(draft, **changes)


@pytest.fixture
def drafts(house: Container) -> Drafts | FakeDrafts:
    return house.drafts


@pytest.mark.parametrize("typed", ["iris@EXAMPLE.org", " Iris@example.org ", "+44 (1482) 300 300"])
def test_a_draft_is_found_by_address_and_phone(drafts: Drafts | FakeDrafts, typed: str) -> None:
    drafts.save(a_draft())
    assert drafts.find(typed) == [a_draft()]


@pytest.mark.parametrize("typed", ["", "-", "other@example.org", "300300", "iris"])
def test_a_saved_form_is_found_by_no_other_text(drafts: Drafts | FakeDrafts, typed: str) -> None:
    drafts.save(a_draft())
    assert drafts.find(typed) == []


def test_a_form_without_a_phone_is_not_found_by_one(drafts: Drafts | FakeDrafts) -> None:
    drafts.save(a_draft(phone=""))
    assert drafts.find("") == []


def test_the_last_save_wins_and_the_day_counts_from_the_first(drafts: Drafts | FakeDrafts) -> None:
    later = NOW + timedelta(minutes=5)
    drafts.save(a_draft())
    drafts.save(a_draft(email="dame@example.org", since=later, seen_at=later))

    assert drafts.of_cart("basket-17") == a_draft(email="dame@example.org", since=NOW, seen_at=later)
    assert drafts.find("iris@example.org") == []
    assert len(drafts.find("dame@example.org")) == 1


def test_the_draft_last_heard_of_comes_first(drafts: Drafts | FakeDrafts) -> None:
    drafts.save(a_draft(cart_id="1"))
    drafts.save(a_draft(cart_id="2"))
    drafts.save(a_draft(cart_id="1", seen_at=NOW + timedelta(seconds=15)))
    assert [draft.cart_id for draft in drafts.find("iris@example.org")] == ["1", "2"]


def test_a_page_that_stays_open_beyond_the_day_keeps_nothing(drafts: Drafts | FakeDrafts) -> None:
    drafts.save(a_draft())
    drafts.save(a_draft(seen_at=NOW + timedelta(hours=24)))
    assert drafts.of_cart("basket-17") is None


def test_a_person_has_so_many_drafts_and_no_more(drafts: Drafts | FakeDrafts) -> None:
    for number in range(12):
        drafts.save(a_draft(cart_id=str(number), seen_at=NOW + timedelta(seconds=number)))
    assert [draft.cart_id for draft in drafts.find("iris@example.org")] == [str(number) for number in range(11, 1, -1)]


def test_a_draft_that_is_dropped_is_gone(drafts: Drafts | FakeDrafts) -> None:
    drafts.save(a_draft())
    drafts.drop("basket-17")
    assert drafts.find("iris@example.org") == []
    assert drafts.of_cart("basket-17") is None


def test_searches_for_forms_are_logged_newest_first(drafts: Drafts | FakeDrafts) -> None:
    looks = [Look(NOW, "ann", ("basket-17",)), Look(NOW + timedelta(minutes=1), "ben", ())]
    for look in looks:
        drafts.record(look)
    assert drafts.looks(10) == looks[::-1]


def test_a_number_without_its_country_is_one_of_the_forms_country(drafts: Drafts | FakeDrafts) -> None:
    drafts.save(a_draft(phone="01482 300300", locale="en-GB"))
    assert len(drafts.find("+44 1482 300300")) == 1
    assert drafts.find("+49 1482 300300") == []
