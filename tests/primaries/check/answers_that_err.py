"""Servers whose answers are as the contract says but for one thing."""

from __future__ import annotations

from typing import Any

import msgspec

from fallback.domain.errors import Refused
from fallback.domain.placement.matching import PrimaryOrder
from tests.reference_bodies import Amendment
from tests.reference_shop import Handler


class Numbering(Handler):
    """Cancels, and answers with a number where the contract has a word."""

    def carry_out(self, body: bytes) -> tuple[int, Any]:
        status, answer = super().carry_out(body)
        return status, msgspec.to_builtins(answer) | {"status": 3} if self.path.endswith("/cancellation") else answer


class Exact(Handler):
    """Takes no change without its number."""

    def carry_out(self, body: bytes) -> tuple[int, Any]:
        if self.command == "PATCH" and msgspec.json.decode(body, type=Amendment).amendment is None:
            raise Refused("invalid", "amendment is missing")
        return super().carry_out(body)


class Trusting(Handler):
    """Takes any token."""

    def answer_to(self, body: bytes) -> tuple[int, Any]:
        self.headers.replace_header("Authorization", f"Bearer {self.server.token}")
        return super().answer_to(body)


class Talkative(Handler):
    """Lists every order, whatever was asked for."""

    def page(self, **_: str) -> dict[str, Any]:
        return super().page()


class PlainSpoken(Handler):
    """Answers errors as plain JSON."""

    def say(self, status: int, content: bytes, media: str = "application/json", *more: tuple[str, str]) -> None:
        super().say(status, content, "application/json", *more)


class Terse(Handler):
    """Leaves out what is empty."""

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        address = order.shipping_address and msgspec.to_builtins(order.shipping_address)
        return super().shown(order) | {"shipping_address": address and without(address, "region")}


class Unaddressed(Handler):
    """Does not say whose an order is, nor when it was placed."""

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        return without(super().shown(order), "email", "placed_at")


class Wordy(Handler):
    """Says sums in words."""

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        return super().shown(order) | ({"total": str(order.total)} if order.ref else {})


class Forgotten(Handler):
    """Knows no PATCH, and neither does the framework that answers instead."""

    def say(self, status: int, content: bytes, media: str = "application/json", *more: tuple[str, str]) -> None:
        if self.command == "PATCH":
            status, content, media = 405, b"<h1>Method Not Allowed</h1>", "text/html"
        super().say(status, content, media, *more)


class Pageless(Handler):
    """Names no next page."""

    def page(self, **narrow: str) -> dict[str, Any]:
        return super().page(**narrow) | {"next": None}


class Innumerate(Handler):
    """Takes whatever total comes."""

    def add_up(self, *_: Any) -> None:
        pass


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}
