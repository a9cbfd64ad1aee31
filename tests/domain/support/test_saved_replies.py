"""Texts that the whole desk answers with."""

from __future__ import annotations

import pytest

from fallback.domain.errors import Conflict, Invalid
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


def test_a_change_of_what_somebody_else_changed_is_refused() -> None:
    replies = kept("Late")
    seen = the(replies, "Late")
    replies = changed(replies, seen, "Late", "Another text", "Otto", NOW)
    for act in (lambda: changed(replies, seen, "Late", "Mine", "Lea", NOW), lambda: removed(replies, seen, "Lea", NOW)):
        with pytest.raises(Conflict):
            act()


def test_the_same_text_again_is_no_change() -> None:
    replies = kept("Late")
    assert changed(replies, the(replies, "Late"), "Late", TEXT, "Otto", NOW) is replies


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("", TEXT, "empty"),
        ("x" * 81, TEXT, "long_title"),
        ("LATE", TEXT, "title_taken"),
        ("New", " ", "empty"),
        ("New", "Dear {customer}", "unknown_placeholder"),
        ("New", "4242 4242 4242 4242", "card_number"),
        ("New", "x" * 2_001, "too_long"),
    ],
)
def test_what_cannot_be_kept_is_refused(title: str, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        added(kept("Late"), title, text, "Lea", NOW)
    assert refused.value.code == code


def test_they_and_their_log_are_bounded() -> None:
    replies = kept(*(f"Reply {number}" for number in range(MOST)))
    with pytest.raises(Invalid):
        added(replies, "One more", TEXT, "Lea", NOW)
    for number in range(LOGGED):
        replies = changed(replies, replies.all[0], replies.all[0].title, f"Text {number}", "Lea", NOW)
    assert len(replies.log) == LOGGED
