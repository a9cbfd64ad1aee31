"""Send the due notice of an order, once.

A mail server cannot be asked whether it received a mail. So the order records 'handing over' when the server is ready
to receive the text. After a crash before that, the notice is sent later. After a crash since then its state is unknown:
agents see that, and it is never sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random
from typing import Protocol

from msgspec import structs

from fallback.domain import retries
from fallback.domain.clock import Clock
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.notices import about, next_notice, reader, still_true, with_notice
from fallback.domain.order.order import Change, Event, Notice, NoticeState, Order
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.record import record
from fallback.domain.order.refused_mail import refused
from fallback.domain.support.accounts import Account
from fallback.domain.support.mailer import Mailer
from fallback.domain.support.owner_mail import address_of
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def account_of(self) -> Callable[[str], Account | None]: ...

    @property
    def desk(self) -> str: ...

    @property
    def mailer(self) -> Mailer: ...

    @property
    def random(self) -> Random: ...


def send_notice(deps: Deps, ref: str) -> None:
    """`desk` owns the hold that a refusal causes. Raises Conflict if another worker is sending it."""
    order = deps.ledger.load(ref)
    notice = next_notice(order, deps.clock())
    if notice is None:
        return
    if notice.state is NoticeState.HANDING_OVER:  # the worker that started it is dead
        _settle(deps.ledger, order, notice, NoticeState.UNKNOWN, deps.clock())
    elif (order.customer is None and not notice.owner) or not still_true(order, notice):
        _settle(deps.ledger, order, notice, NoticeState.DROPPED, deps.clock())
    else:
        deliver = partial(_deliver, deps.mailer, deps.account_of, order, notice)
        _send(deps.ledger, deliver, order, notice, deps.clock, deps.random, deps.desk)


def _deliver(
    mailer: Mailer,
    account_of: Callable[[str], Account | None],
    order: Order,
    notice: Notice,
    before_handing_over: Callable[[], None],
) -> None:
    """Sends it to the customer, or to the owner of the order. Raises what the mailer raises."""
    if notice.owner:
        mailer.tell(address_of(account_of(notice.owner)), order, notice, before_handing_over)
    else:
        mailer.deliver(order, reader(order, notice), notice, before_handing_over)


def _send(
    ledger: Ledger,
    deliver: Callable[[Callable[[], None]], None],
    order: Order,
    notice: Notice,
    clock: Clock,
    random: Random,
    desk: str,
) -> None:
    def before_handing_over() -> None:
        nonlocal order
        handing = structs.replace(notice, state=NoticeState.HANDING_OVER, due_at=clock() + PATIENCE)
        order = record(
            ledger,
            order,
            lambda order: Change(with_notice(order, handing), ()),
            about=lambda order: notice in order.notices,
        )

    try:
        deliver(before_handing_over)
    except TryAgain:
        later = retries.backoff(notice.tries, clock(), random)
        again = structs.replace(notice, tries=notice.tries + 1, due_at=later)
        record(ledger, order, lambda order: Change(with_notice(order, again), ()))
    except OutcomeUnknown:
        _settle(ledger, order, notice, NoticeState.UNKNOWN, clock())
    except Refused as error:
        code = error.code
        record(ledger, order, lambda order: refused(order, notice, code, clock(), desk))
    else:
        _settle(ledger, order, notice, NoticeState.SENT, clock())


def _settle(ledger: Ledger, order: Order, notice: Notice, state: NoticeState, now: datetime) -> None:
    event = Event(now, f"notice_{state}", "worker", about(notice))
    settled = structs.replace(notice, state=state)
    record(ledger, order, lambda order: Change(with_notice(order, settled), (event,)))
