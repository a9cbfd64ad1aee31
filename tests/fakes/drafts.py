"""Drafts in memory, as the ledger keeps them."""

from __future__ import annotations

from msgspec.structs import replace

from fallback.domain.drafts import Draft, Look


class FakeDrafts:
    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}
        self.looked: list[Look] = []

    def save(self, draft: Draft) -> None:
        before = self.kept.get(draft.cart_id)
        self.kept[draft.cart_id] = replace(draft, since=before.since) if before else draft

    def of_cart(self, cart_id: str) -> Draft | None:
        return self.kept.get(cart_id)

    def find(self, text: str) -> list[Draft]:
        found = [draft for draft in self.kept.values() if text and text in (draft.email, draft.phone)]
        return sorted(found, key=lambda draft: draft.seen_at, reverse=True)

    def drop(self, cart_id: str) -> None:
        self.kept.pop(cart_id, None)

    def record(self, look: Look) -> None:
        self.looked.insert(0, look)

    def looks(self, most: int) -> list[Look]:
        return self.looked[:most]
