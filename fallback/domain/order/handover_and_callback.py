"""Pending work of people on an order: a handover to another person or team, and a callback."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Handover(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A handover to a person or team (`to`), until it is accepted or `accept_by` has passed.

    `asked`, `tried`, `promised` are ids of texts (domain/order/texts_by_people.py): the customer's request in their own
    words, what was tried, what was promised; 0 for none.
    """

    to: str
    by: str
    accept_by: datetime
    asked: int
    tried: int = 0
    promised: int = 0


class Callback(Struct, frozen=True):
    """A callback that the customer asked for.

    `said` is the id of the phone number, which is personal; `at`: when to call.
    """

    said: int
    at: datetime
