"""What people have in hand for an order: a packet on its way to somebody else, a call to be made."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Handover(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A packet on its way to a person or team (`to`), until somebody accepts it or `accept_by` is over.

    `asked`, `tried`, `promised` are ids of texts (domain/order/texts_by_people.py): what the customer asked for in her
    own words, what was tried, what she was promised; 0 for none.
    """

    to: str
    by: str
    accept_by: datetime
    asked: int
    tried: int = 0
    promised: int = 0


class Callback(Struct, frozen=True):
    """A call that was asked for. `said` is the id of the phone number, which is personal; `at` when to call."""

    said: int
    at: datetime
