"""Texts that the whole desk answers with."""

from __future__ import annotations

import pytest

from fallback.domain.errors import Conflict
from fallback.domain.support.saved_replies import (
    LOGGED,
    MOST,
    Replies,
    ReplyEvent,
    SavedReply,
    added,
    changed,
    filled,
    removed,
)
from tests.builders import NOW
from tests.refusals import refused

TEXT = "Dear {name}, order {ref} is on its way. {agent}"


def kept(*titles: str) -> Replies:
    replies = Replies()
    for title in titles:
        replies = added(replies, title, TEXT, "Lea", NOW)
    return replies


def the(replies: Replies, title: str) -> SavedReply:
    return next(reply for reply in replies.all if reply.title == title)


def test_placeholders_are_filled_once() -> None:
    values = {"name": "{ref}", "ref": "FB-1", "agent": "Mara"}
    assert filled(TEXT, values) == "Dear {ref}, order FB-1 is on its way. Mara"
    assert filled("Dear {name}", {}) == "Dear {name}"


def test_they_are_in_the_order_of_their_titles_and_no_id_comes_twice() -> None:
    replies = kept("Late", "around noon", "Sold out")
    assert [(reply.id, reply.title) for reply in replies.all] == [(2, "around noon"), (1, "Late"), (3, "Sold out")]
    replies = removed(replies, the(replies, "Sold out"), "Otto", NOW)
    assert the(added(replies, "New", TEXT, "Lea", NOW), "New").id == 4


def test_who_did_what_is_kept() -> None:
    replies = kept("Late")
    replies = changed(replies, the(replies, "Late"), "Very late", TEXT, "Otto", NOW)
    replies = removed(replies, the(replies, "Very late"), "Lea", NOW)
    assert [(entry.who, entry.what, entry.title) for entry in replies.log] == [
        ("Lea", ReplyEvent.REMOVED, "Very late"),
        ("Otto", ReplyEvent.CHANGED, "Very late"),
        ("Lea", ReplyEvent.ADDED, "Late"),
    ]


def test_one_is_changed_or_removed_and_the_others_stay() -> None:
    replies = kept("Late", "Sold out")
    late, sold_out = replies.all
    rewritten = changed(replies, late, "Late", "Another text", "Otto", NOW)
    assert rewritten.all == (SavedReply(late.id, "Late", "Another text", version=2), sold_out)
    assert removed(replies, late, "Otto", NOW).all == (sold_out,)


def test_a_change_of_what_somebody_else_changed_or_removed_is_refused_by_its_title() -> None:
    replies = kept("Late")
    seen = the(replies, "Late")
    for now in (changed(replies, seen, "Late", "Another text", "Otto", NOW), removed(replies, seen, "Otto", NOW)):
        with pytest.raises(Conflict, match=r"^Late$"):
            changed(now, seen, "Late", "Mine", "Lea", NOW)
        with pytest.raises(Conflict, match=r"^Late$"):
            removed(now, seen, "Lea", NOW)


def test_the_same_text_again_is_no_change() -> None:
    replies = kept("Late")
    assert changed(replies, the(replies, "Late"), "Late", TEXT, "Otto", NOW) is replies


@pytest.mark.parametrize(
    ("title", "text", "field", "code", "detail"),
    [
        ("", TEXT, "title", "empty", "Please write something."),
        ("x" * 81, TEXT, "title", "long_title", "At most 80 characters."),
        ("LATE", TEXT, "title", "title_taken", "There is one with this title."),
        ("New", " ", "text", "empty", "Please write something."),
        ("New", "Dear {customer}", "text", "unknown_placeholder", "There is no placeholder {customer}."),
        ("New", "4242 4242 4242 4242", "text", "card_number", "Please leave card numbers out."),
        ("New", "x" * 2_001, "text", "too_long", "At most 2000 characters."),
    ],
)
def test_what_cannot_be_kept_is_refused(title: str, text: str, field: str, code: str, detail: str) -> None:
    with refused(field, code, detail):
        added(kept("Late"), title, text, "Lea", NOW)


def test_a_title_may_have_so_many_characters_and_one_blank_between_two_words() -> None:
    assert the(kept("x" * 80), "x" * 80)
    assert the(kept(" Sold \n out "), "Sold out")


def test_they_and_their_log_are_bounded() -> None:
    replies = kept(*(f"Reply {number}" for number in range(MOST)))
    with refused("title", "too_many", "At most 100 saved replies."):
        added(replies, "One more", TEXT, "Lea", NOW)
    for number in range(LOGGED):
        replies = changed(replies, replies.all[0], replies.all[0].title, f"Text {number}", "Lea", NOW)
    assert len(replies.log) == LOGGED
