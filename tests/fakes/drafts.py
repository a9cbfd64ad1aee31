"""Drafts in memory, as the ledger keeps them."""

from __future__ import annotations

from msgspec.structs import replace

from fallback.domain import phones
from fallback.domain.checkout.drafts import LIFE, Draft, Look
from fallback.ledger.checkout.drafts import MOST_OF_ONE


class FakeDrafts:
    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}
        self.looked: list[Look] = []

    def save(self, draft: Draft) -> None:
        if before := self.kept.get(draft.cart_id):
            draft = replace(draft, since=before.since)
        self.kept[draft.cart_id] = draft
        if draft.seen_at >= draft.since + LIFE:
            self.drop(draft.cart_id)

    def of_cart(self, cart_id: str) -> Draft | None:
        return self.kept.get(cart_id)

    def find(self, text: str) -> list[Draft]:
        found = [draft for draft in self.kept.values() if _is_of(draft, text)]
        return sorted(found, key=lambda draft: draft.seen_at, reverse=True)[:MOST_OF_ONE]

    def drop(self, cart_id: str) -> None:
        self.kept.pop(cart_id, None)

    def record(self, look: Look) -> None:
        self.looked.insert(0, look)

    def looks(self, most: int) -> list[Look]:
        return self.looked[:most]


def _is_of(draft: Draft, text: str) -> bool:
    if "@" in text:
        return draft.email.strip().lower() == text.strip().lower()
    asked = phones.plain(text)
    return bool(draft.phone and phones.digits(asked)) and phones.same(draft.phone, draft.locale[3:], asked)
