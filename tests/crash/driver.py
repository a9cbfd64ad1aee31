"""`python -m tests.crash.driver`: makes steps of one order, each in a process of its own that may be killed in it.

It reads a Command per line and answers an Outcome per line. Everything is imported before it forks, so a process costs
milliseconds. The parts are the real ones, as the settings of the command name them.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import stripe
from msgspec import Struct

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import ChangeOrder, PlaceOrder
from fallback.domain.errors import FallbackError
from fallback.domain.order.grants import GrantKind, GrantRequest
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.support.accounts import Person, Role
from fallback.i18n import environment
from fallback.runtime import logs
from fallback.usecases.checkout.place_order import place_order
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.payment.give_card import give_card
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.usecases.payment.return_from_bank import return_from_bank
from tests.crash import planted
from tests.crash.points import Recorder, watch
from tests.web.world import a_config
from workers import shifts
from workers.stopping import Stop

# After so many leases, what is still due will be due for ever.
ROUNDS = 12
A_ROUND = shifts.LEASE + timedelta(seconds=5)
HORIZON = timedelta(hours=1)


class Command(Struct):
    """Make these steps (a name and what else it takes) of the order `ref`, or of the one that the first step places.

    The last is watched, and made `ahead` seconds from now. `at`: the moment in it when something happens: other
    processes make the steps of `meanwhile`, for as many seconds as this one is `stopped` then; else `victim`, a process
    id, is killed; else the process itself is. `bug` is one of planted.BUGS.
    """

    settings: dict[str, Any]
    steps: list[list[Any]]
    ref: str = ""
    ahead: float = 0.0
    at: str | None = None
    victim: int | None = None
    meanwhile: list[list[Any]] = []
    stopped: float = 0.0
    bug: str | None = None


class Outcome(Struct, kw_only=True):
    """`calls`: the recorded points of the last step. `raised`: the name of the error that ended it, if one did.

    `ended_by`: the signal that the process died of, if it did.
    """

    ref: str
    calls: list[str]
    raised: str | None
    ended_by: str | None

    @property
    def killed(self) -> bool:
        return self.ended_by == "SIGKILL"


class Told(Struct, omit_defaults=True):
    call: str | None = None
    ref: str | None = None
    raised: str | None = None


# --- the steps


def places(container: Container, ref: str, body: dict[str, Any], key: str, maybe_taken: bool = False) -> str:
    """The ref that the customer is given. `body` is that of POST /v1/orders."""
    requested = msgspec.convert(body, PlaceOrder)
    cart = container.cart_tokens.read(requested.cart_token, container.clock())
    _, outcome = place_order(container, requested, cart, key, "the-body", maybe_taken=maybe_taken)
    assert isinstance(outcome, Accepted), outcome
    return outcome.ref


def changes(container: Container, ref: str, body: dict[str, Any]) -> None:
    """`body` is that of PATCH /v1/orders/{ref}."""
    requested = msgspec.convert(body, ChangeOrder)
    change_order(container, ref, requested, "customer", len(container.ledger.timeline(ref)))


def takes_back(container: Container, ref: str) -> None:
    take_back_change(container, ref, "customer", len(container.ledger.timeline(ref)))


def work(container: Container, ref: str) -> None:
    """Plain shifts, later and later, until nothing is due any more."""
    begins = container.clock
    later = timedelta()
    container.clock = lambda: begins() + later
    for _ in range(ROUNDS):
        for queue in Queue:
            shifts.work(container, queue, Stop())
        if not any(container.ledger.count_due(queue, HORIZON) for queue in Queue):
            return
        later += A_ROUND
    raise AssertionError(f"after {ROUNDS} rounds something is still due")


def grants(
    container: Container, ref: str, amount: int, refundable: int, kind: str = GrantKind.REFUND, reason: str = "price"
) -> None:
    """By an agent who has read that the order was received."""
    requested = GrantRequest(kind=GrantKind(kind), amount=amount, reason=reason, refundable=refundable)
    grant_refund(container, ref, Person("Mara", Role.AGENT), requested, 1)


def by_the_customer(use_case: Callable[..., object]) -> Callable[..., None]:
    def step(container: Container, ref: str, *arguments: Any) -> None:
        use_case(container, ref, *arguments, "customer")

    return step


def by_a_worker(name: str) -> Callable[..., None]:
    """The use case as the shifts know it, so that a planted bug is met."""

    def step(container: Container, ref: str) -> None:
        getattr(shifts, name)(container, container.ledger.load(ref))

    return step


def by_a_worker_at_the_primary(name: str) -> Callable[..., None]:
    def step(container: Container, ref: str) -> None:
        getattr(shifts, name)(container, container.ledger.load(ref), container.primary.health())

    return step


def comes_back(container: Container, ref: str) -> None:
    return_from_bank(container, ref)


STEPS: dict[str, Callable[..., str | None]] = {
    "place_order": places,
    "give_card": by_the_customer(give_card),
    "grant_refund": grants,
    "refund_payment": by_a_worker("refund_payment"),
    "cancel_order": by_the_customer(cancel_order),
    "change_order": changes,
    "take_back_change": takes_back,
    "amend_order": by_a_worker_at_the_primary("amend_order"),
    "return_from_bank": comes_back,
    "authorize_payment": by_a_worker("authorize_payment"),
    "follow_payment": by_a_worker("follow_payment"),
    "void_payment": by_a_worker("void_payment"),
    "reconcile_order": by_a_worker_at_the_primary("reconcile_order"),
    "withdraw_order": by_a_worker_at_the_primary("withdraw_order"),
    "undo_late": by_a_worker_at_the_primary("undo_late"),
    "send_notice": by_a_worker("send_notice"),
    "keep_promise": by_a_worker("keep_promise"),
    "work": work,
}


# --- a process for each command


def main() -> None:
    faulthandler.enable()
    logs.configure("ERROR")
    warm_up()
    gc.freeze()  # else each child would go through all of it, and so copy it
    for line in sys.stdin.buffer:
        outcome = in_a_process(msgspec.json.decode(line, type=Command))
        sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        sys.stdout.buffer.flush()


def warm_up() -> None:
    """What is imported or compiled when it is first needed: else each child would do it."""
    container = Container(a_config())
    for port in ("gateway", "primary", "mailer"):
        getattr(container, port)
    for resource in ("PaymentIntent", "Charge", "Refund", "PaymentMethod", "ListObject"):
        getattr(stripe, resource)
    templates = environment("en")
    for name in ("layout.txt", "layout.html", *(f"{kind}.txt" for kind in NoticeKind)):
        templates.get_template(f"mail/{name}")


def in_a_process(command: Command) -> Outcome:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        be_the_child(command, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = [msgspec.json.decode(line, type=Told) for line in pipe]
    _, status = os.waitpid(child, 0)
    return Outcome(
        ref=next((each.ref for each in told if each.ref), command.ref),
        calls=[each.call for each in told if each.call],
        raised=next((each.raised for each in told if each.raised), None),
        ended_by=signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
    )


def be_the_child(command: Command, writing: int) -> None:
    """Never returns. A surprise is told by its traceback, and as what was raised."""

    def tell(told: Told) -> None:
        os.write(writing, msgspec.json.encode(told) + b"\n")

    try:
        make(command, tell)
    except FallbackError as error:
        tell(Told(raised=type(error).__name__))
    except BaseException as error:  # noqa: BLE001 - it ends here, and the test hears of it
        traceback.print_exc()
        tell(Told(raised=type(error).__name__))
    os._exit(0)


def make(command: Command, tell: Callable[[Told], None]) -> None:
    *first, last = command.steps
    ref = run(built(command), first, command.ref)
    tell(Told(ref=ref))

    container = built(command, ahead=timedelta(seconds=command.ahead))
    now, stood_still = container.clock, timedelta()
    container.clock = lambda: now() + stood_still

    def strike() -> None:
        nonlocal stood_still
        if command.meanwhile:
            stood_still = timedelta(seconds=command.stopped)
            run(built(command, ahead=container.clock() - datetime.now(UTC)), command.meanwhile, ref)
        else:
            os.kill(command.victim or os.getpid(), signal.SIGKILL)

    watch(container, Recorder(last[0], lambda call: tell(Told(call=call)), command.at, strike))
    tell(Told(ref=run(container, [last], ref)))


def built(command: Command, ahead: timedelta = timedelta()) -> Container:
    container = Container(a_config(**command.settings))
    container.clock = lambda: datetime.now(UTC) + ahead
    if command.bug:
        planted.BUGS[command.bug](container)
    return container


def run(container: Container, steps: Sequence[list[Any]], ref: str) -> str:
    """The ref of the order that it was about."""
    for name, *arguments in steps:
        ref = STEPS[name](container, ref, *arguments) or ref
    return ref


if __name__ == "__main__":
    main()
