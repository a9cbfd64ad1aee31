"""The payment gateways that have to keep the one contract, each with the side of Stripe that a test pulls at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import requests

from fallback.domain.errors import UNTOLD, OutcomeUnknown, RateLimited
from fallback.domain.money import Money
from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.payment.gateway import Intent, PaymentGateway
from fallback.payments.calls import TRIES
from fallback.payments.stripe_gateway import StripeGateway
from ops.demo.stripe_sandbox import Options, launch
from tests.fakes.gateway import VISA, FakeGateway
from tests.payments.stripe_replies import Clock

REF = "FB-7K3M-92QX-5"
OTHER_REF = "FB-2222-2222-2"
TOTAL = Money(2893, "EUR")
BACK = "https://shop.example/orders/back"

CALLS = {
    "create": "/v1/payment_intents",
    "confirm": "/v1/payment_intents/*/confirm",
    "capture": "/v1/payment_intents/*/capture",
    "void": "/v1/payment_intents/*/cancel",
    "refund": "/v1/refunds",
}


class World(Protocol):
    gateway: PaymentGateway

    def token(self, card: str) -> str:
        """A confirmation token, as the Payment Element makes it of one of Stripe's test cards."""

    def expire(self, token: str) -> None: ...

    def authenticate(self, intent: Intent, passed: bool) -> None:
        """The customer answers their bank."""

    def lapse(self, intent: Intent) -> None: ...

    def comes_back(self, refund: Refund, state: RefundState = RefundState.FAILED) -> None:
        """The bank answers later what became of a refund."""

    def lose_reply(self, call: str) -> None:
        """The next call of this name has its effect, and nobody hears of it."""

    def fail_before(self, call: str) -> None:
        """The next call of this name does not reach Stripe's business."""

    def rests(self) -> None:
        """Until calls are taken again."""

    def captures(self, ref: str) -> int: ...


class FakeWorld:
    def __init__(self) -> None:
        self.gateway = FakeGateway()
        self.token = self.gateway.token
        self.expire = self.gateway.expire

    def authenticate(self, intent: Intent, passed: bool) -> None:
        self.gateway.authenticate(intent.id, passed)

    def lapse(self, intent: Intent) -> None:
        self.gateway.lapse(intent.id)

    def comes_back(self, refund: Refund, state: RefundState = RefundState.FAILED) -> None:
        intent = next(each for each in self.gateway.intents.values() if refund in each.refunds)
        self.gateway.change_refund(intent.id, state, intent.refunds.index(refund))

    def lose_reply(self, call: str) -> None:
        self.gateway.fail_next(call, OutcomeUnknown("the reply is lost"), after_effect=True)

    def fail_before(self, call: str) -> None:
        self.gateway.fail_next(call, RateLimited("too many requests"))

    def rests(self) -> None:
        """The fake turns away only the calls that it was told to."""

    def captures(self, ref: str) -> int:
        return self.gateway.captures[ref]


class SandboxWorld:
    """StripeGateway and the sandbox, over real sockets."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clock = Clock()
        self.gateway = StripeGateway(Options.secret_key, url, sleep=self._clock.sleep, monotonic=self._clock)

    def token(self, card: str) -> str:
        created = self._stripe("/v1/test_helpers/confirmation_tokens", {"payment_method": card})
        return str(created["id"])

    def expire(self, token: str) -> None:
        self._control("clock", {"advance": 12 * 60 * 60 + 1})

    def authenticate(self, intent: Intent, passed: bool) -> None:
        assert intent.next_action_url
        answer = requests.post(
            intent.next_action_url,
            {"answer": "complete" if passed else "fail"},
            allow_redirects=False,
            timeout=10,
        )
        assert answer.status_code == 303, answer.text

    def lapse(self, intent: Intent) -> None:
        url = f"{self._url}/_sandbox/payment_intents/{intent.id}"
        requests.patch(url, json={"capture_before": 1}, timeout=10).raise_for_status()

    def comes_back(self, refund: Refund, state: RefundState = RefundState.FAILED) -> None:
        url = f"{self._url}/_sandbox/refunds/{refund.id}"
        requests.patch(url, json={"status": state}, timeout=10).raise_for_status()

    def lose_reply(self, call: str) -> None:
        # Each try of the call, or the gateway's next one would hear the saved reply.
        self._control("faults", {"kind": "lost", "method": "POST", "path": CALLS[call], "times": TRIES})

    def fail_before(self, call: str) -> None:
        self._control("faults", {"kind": "rate_limit", "method": "POST", "path": CALLS[call], "times": TRIES})

    def rests(self) -> None:
        self._clock.sleep(UNTOLD)

    def captures(self, ref: str) -> int:
        found = requests.get(f"{self._url}/_sandbox/summary", {"ref": ref}, timeout=10).json()
        return int(found["orders"][ref]["captures"])

    def _control(self, name: str, body: dict[str, Any]) -> None:
        requests.post(f"{self._url}/_sandbox/{name}", json=body, timeout=10).raise_for_status()

    def _stripe(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        answer = requests.post(self._url + path, form, auth=(Options.secret_key, ""), timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def sandbox_worlds(state_dir: Path) -> Iterator[Callable[[], World]]:
    """Makes worlds that start empty; one server serves them all, one after the other."""
    with launch(state_dir) as url:

        def empty() -> World:
            requests.post(f"{url}/_sandbox/reset", timeout=10).raise_for_status()
            return SandboxWorld(url)

        yield empty


def created(world: World, ref: str = REF, total: Money = TOTAL) -> Intent:
    return world.gateway.create(ref, total, f"{ref}:create")


def confirmed(world: World, card: str = VISA) -> Intent:
    return world.gateway.confirm(created(world).id, world.token(card), BACK, f"{REF}:confirm:1")


def captured(world: World) -> Intent:
    return world.gateway.capture(confirmed(world).id, TOTAL, f"{REF}:capture")
