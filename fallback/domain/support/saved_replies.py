"""Saved replies: answers that the whole desk uses, written once, with who changed them.

`{name}`, `{ref}` and `{agent}` stand for the customer's name, the order and who answers. An agent may edit the text
before it is sent: it is only a beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, structs

from fallback.domain.errors import Conflict, Invalid
from fallback.domain.order.texts_by_people import checked

MOST = 100
LONGEST_TITLE = 80  # characters
# How many changes are kept.
LOGGED = 200
PLACEHOLDERS = ("name", "ref", "agent")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class SavedReply(Struct, frozen=True):
    """`version`: how often it was changed, so that a change of an older text is noticed."""

    id: int
    title: str
    text: str
    version: int = 1


class ReplyEvent(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class ReplyChange(Struct, frozen=True):
    at: datetime
    who: str
    what: ReplyEvent
    title: str


class Replies(Struct, frozen=True):
    """All of the desk. `last`: the id given last. `log`: newest first."""

    all: tuple[SavedReply, ...] = ()
    log: tuple[ReplyChange, ...] = ()
    last: int = 0

    def one(self, reply_id: int) -> SavedReply | None:
        return next((reply for reply in self.all if reply.id == reply_id), None)


class SavedReplies(Protocol):
    """Each call may raise TryAgain."""

    def read(self) -> Replies: ...

    def change(self, decide: Callable[[Replies], Replies]) -> None:
        """Keep `decide(replies)`, deciding again if another write came first. Raises what `decide` raises."""


def added(replies: Replies, title: str, text: str, who: str, now: datetime) -> Replies:
    """Raises Invalid."""
    if len(replies.all) >= MOST:
        raise Invalid("title", "too_many", f"At most {MOST} saved replies.")
    reply = SavedReply(replies.last + 1, _title(replies, title), _text(text))
    return _with(replies, (*replies.all, reply), ReplyChange(now, who, ReplyEvent.ADDED, reply.title), reply.id)


def changed(replies: Replies, was: SavedReply, title: str, text: str, who: str, now: datetime) -> Replies:
    """Raises Invalid; Conflict if it is not as it was seen."""
    _check_unchanged(replies, was)
    reply = SavedReply(was.id, _title(replies, title, was.id), _text(text), was.version + 1)
    if (reply.title, reply.text) == (was.title, was.text):
        return replies
    all_ = tuple(reply if each.id == was.id else each for each in replies.all)
    return _with(replies, all_, ReplyChange(now, who, ReplyEvent.CHANGED, reply.title))


def removed(replies: Replies, was: SavedReply, who: str, now: datetime) -> Replies:
    """Raises Conflict if it is not as it was seen."""
    _check_unchanged(replies, was)
    all_ = tuple(each for each in replies.all if each.id != was.id)
    return _with(replies, all_, ReplyChange(now, who, ReplyEvent.REMOVED, was.title))


def filled(text: str, values: Mapping[str, str]) -> str:
    """With the values of its placeholders, in one pass: a value that looks like one stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def _with(replies: Replies, all_: tuple[SavedReply, ...], change: ReplyChange, last: int = 0) -> Replies:
    in_order = tuple(sorted(all_, key=lambda reply: reply.title.casefold()))
    log = (change, *replies.log)[:LOGGED]
    return structs.replace(replies, all=in_order, log=log, last=last or replies.last)


def _check_unchanged(replies: Replies, was: SavedReply) -> None:
    if replies.one(was.id) != was:
        raise Conflict(was.title)


def _title(replies: Replies, text: str, own_id: int = 0) -> str:
    title = " ".join(checked("title", text).split())
    if len(title) > LONGEST_TITLE:
        raise Invalid("title", "long_title", f"At most {LONGEST_TITLE} characters.")
    if any(each.title.casefold() == title.casefold() and each.id != own_id for each in replies.all):
        raise Invalid("title", "title_taken", "There is one with this title.")
    return title


def _text(text: str) -> str:
    text = checked("text", text)
    unknown = [name for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        raise Invalid("text", "unknown_placeholder", f"There is no placeholder {{{unknown[0]}}}.")
    return text
