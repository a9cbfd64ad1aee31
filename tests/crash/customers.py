"""Customers of the chaos run: each has a plan, and does not give up before the customer was answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import Any, Literal, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests

from tests.crash.world import ASKS_BANK, DECLINED, VISA, a_body, card_token

SwitchRequest = Literal["card", "second card", "bank", "later", "cancel", "undo"]
# Of a hundred orders.
WISHES: dict[SwitchRequest, int] = {"card": 42, "second card": 12, "bank": 10, "later": 10, "cancel": 6, "undo": 20}
# 'undo': when it is on its way to the shop already.
GIVEN_BACK = frozenset({"cancel", "undo"})
FIRST_CARD: dict[SwitchRequest, str | None] = {"second card": DECLINED, "bank": ASKS_BANK, "later": None}

TIMEOUT = 5.0
PAUSE = 0.3
# What a customer does again: their request did not arrive, or the customer was asked to come back.
COME_BACK = frozenset({429, 503})


T = TypeVar("T", str, requests.Response)


class Plan(NamedTuple):
    """`key` is the idempotency key; `at`: seconds after the opening when the customer clicks."""

    number: int
    requested: SwitchRequest
    at: float
    key: str


def plans(seed: int, orders: int, seconds: float) -> list[Plan]:
    """The same for the same seed."""
    random = Random(seed)
    requests = random.choices(list(WISHES), list(WISHES.values()), k=orders)
    times = sorted(random.uniform(0, seconds) for _ in range(orders))
    return [
        Plan(number, requested, at, str(UUID(int=random.getrandbits(128))))
        for number, (requested, at) in enumerate(zip(requests, times, strict=True))
    ]


class Acknowledged(NamedTuple):
    ref: str
    requested: SwitchRequest


class Customers:
    """`count` of them share the plans. `acknowledged` are the orders that they were told of; `retries`: asked again."""

    def __init__(self, count: int, plans: list[Plan], web: str, stripe: str, until: float) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.retries = 0
        self._web = web
        self._stripe = stripe
        self._until = until
        self._opened = time.monotonic()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._shop, args=(plans[each::count],)) for each in range(count)]
        self._pause = threading.Event()
        for thread in self._threads:
            thread.start()

    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def done(self) -> None:
        """Waits for all of them. Raises what one of them has met."""
        for thread in self._threads:
            thread.join()
        for failure in self._failures:
            raise failure

    def _shop(self, plans: list[Plan]) -> None:
        try:
            for plan in plans:
                self._pause.wait(max(0.0, self._opened + plan.at - time.monotonic()))
                self._buy(plan)
        except BaseException as failure:  # noqa: BLE001 - raised again in `done`
            self._failures.append(failure)

    def _buy(self, plan: Plan) -> None:
        card = FIRST_CARD.get(plan.requested, VISA)
        body = a_body(self._card(card) if card else None)
        answer = self._ask("POST", "/v1/orders", json=body, headers={"Idempotency-Key": plan.key})
        assert answer.status_code == 202, answer.text
        receipt = answer.json()
        self.acknowledged.append(Acknowledged(receipt["ref"], plan.requested))
        address = urlsplit(receipt["status_url"])
        key = parse_qs(address.query)["key"][0]
        self._follow(plan.requested, f"/v1/orders/{receipt['ref']}", {"Authorization": f"Bearer {key}"})

    def _follow(self, requested: SwitchRequest, order: str, key: dict[str, str]) -> None:
        if requested == "undo":
            self._wait(order, key, lambda seen: seen["placement"]["state"] != "held")
        if requested in GIVEN_BACK:
            answer = self._ask("POST", f"{order}/cancellation", headers=key)
            assert answer.status_code in (202, 409), answer.text
        elif requested == "later":
            self._pays(order, key)
        elif requested == "second card":
            self._wait(order, key, lambda seen: seen["payment"]["decline"])
            self._pays(order, key)
        elif requested == "bank":
            seen = self._wait(order, key, lambda seen: seen["payment"]["next_action_url"])
            page = seen["payment"]["next_action_url"]
            self._again(lambda: requests.post(page, {"answer": "complete"}, timeout=TIMEOUT, allow_redirects=False))
            self._ask("GET", f"{order.removeprefix('/v1')}/back", params={"key": key["Authorization"].split()[1]})

    def _pays(self, order: str, key: dict[str, str]) -> None:
        body = {"payment": {"confirmation_token": self._card(VISA)}}
        answer = self._ask("POST", f"{order}/payment", json=body, headers=key)
        # 409: an earlier request of theirs arrived, and only its answer was lost.
        assert answer.status_code in (202, 409), answer.text

    def _wait(self, order: str, key: dict[str, str], seen: Callable[[Any], Any]) -> Any:
        while not seen(shown := self._ask("GET", order, headers=key).json()):
            assert time.monotonic() < self._until, f"{order} came to a halt: {shown}"
            self._pause.wait(PAUSE)
        return shown

    def _card(self, name: str) -> str:
        return self._again(lambda: card_token(self._stripe, name))

    def _ask(self, method: str, path: str, **what: Any) -> requests.Response:
        url = self._web + path
        return self._again(lambda: requests.request(method, url, timeout=TIMEOUT, allow_redirects=False, **what))

    def _again(self, ask: Callable[[], T]) -> T:
        """Until somebody answers."""
        while True:
            try:
                answer = ask()
            except requests.RequestException:
                pass
            else:
                if not isinstance(answer, requests.Response) or answer.status_code not in COME_BACK:
                    return answer
            assert time.monotonic() < self._until, "nobody answers any more"
            self.retries += 1
            self._pause.wait(PAUSE)
