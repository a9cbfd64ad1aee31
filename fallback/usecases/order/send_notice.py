"""Send the due notice of an order, once.

A mail server cannot be asked whether it received a mail. So the order records 'handing over' when the server is ready
to receive the text. After a crash before that, the notice is sent later. After a crash since then its state is unknown:
agents see that, and it is never sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial
from random import Random
from typing import Protocol

from msgspec import structs

from fallback.domain import retries
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order import text_messages
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.notices import about, is_handed_to, next_notice, reader, still_true, with_notice
from fallback.domain.order.order import Change, Event, Notice, NoticeState, Order
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.record import record
from fallback.domain.order.refused_mail import refused
from fallback.domain.order.text_messages import QuietHours
from fallback.domain.support.accounts import Account
from fallback.domain.support.mail_limit import Turn
from fallback.domain.support.mailer import Mailer
from fallback.domain.support.owner_mail import address_of
from fallback.domain.support.ports import MailLimits, Worklists
from fallback.domain.support.text_gateway import TextGateway
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def account_of(self) -> Callable[[str], Account | None]: ...

    @property
    def desk(self) -> str: ...

    @property
    def mail_limits(self) -> MailLimits: ...

    @property
    def mailer(self) -> Mailer: ...

    @property
    def quiet_hours(self) -> QuietHours: ...

    @property
    def random(self) -> Random: ...

    @property
    def text_gateway(self) -> TextGateway: ...

    @property
    def worklists(self) -> Worklists: ...

    @property
    def zone(self) -> tzinfo: ...


def send_notice(deps: Deps, order: Order) -> None:
    """`desk` owns the hold that a refusal causes. Raises Conflict if another worker is sending it."""
    notice = next_notice(order, deps.clock())
    if notice is None:
        return
    if notice.state is NoticeState.HANDING_OVER:  # the worker that started it is dead
        _settle(deps.ledger, order, notice, NoticeState.UNKNOWN, deps.clock())
    elif not notice.together and ((order.customer is None and not notice.owner) or not still_true(order, notice)):
        _settle(deps.ledger, order, notice, NoticeState.DROPPED, deps.clock())
    elif notice.sms:
        _send_text(deps, order, notice)
    elif not notice.owner:
        _send(deps, order, notice, partial(deps.mailer.deliver, order, reader(order, notice), notice))
    else:
        _tell(deps, order, notice)


def _send_text(deps: Deps, order: Order, notice: Notice) -> None:
    """Nobody is woken by it: in quiet hours it waits until they are over, and applies then or not."""
    may_leave = deps.quiet_hours.over_at(deps.clock(), deps.zone)
    if notice.tries >= text_messages.MOST_TRIES:
        _settle(deps.ledger, order, notice, NoticeState.DROPPED, deps.clock())
    elif may_leave > deps.clock():
        later = structs.replace(notice, due_at=may_leave)
        record(deps.ledger, order, lambda order: Change(with_notice(order, later), ()))
    else:
        _send(deps, order, notice, partial(deps.text_gateway.deliver, order, notice))


def _tell(deps: Deps, order: Order, notice: Notice) -> None:
    """Write to an agent. If they got many such mails, a summary follows, which may be about other orders alone."""
    name, now = notice.owner, deps.clock()
    turn, ends = Turn.ALONE, now
    if notice.together or not (notice.tries or is_handed_to(order, name)):
        turn, ends = deps.mail_limits.turn(name, f"{order.ref}.{notice.id}", notice.together, now)
    theirs = [each for each in deps.worklists.of(name).rows if each.holds] if turn is Turn.SUMMARY else []
    if turn is Turn.LATER:
        later = structs.replace(notice, together=True, due_at=ends)
        record(deps.ledger, order, lambda order: Change(with_notice(order, later), ()))
    elif turn is Turn.COVERED or (turn is Turn.SUMMARY and not theirs):
        _settle(deps.ledger, order, notice, NoticeState.DROPPED, now)
    else:
        subject, all_theirs = (theirs[0], []) if len(theirs) == 1 else (order, theirs)

        def deliver(before_handing_over: Callable[[], None]) -> None:
            deps.mailer.tell(address_of(deps.account_of(name)), subject, notice, before_handing_over, all_theirs)

        _send(deps, order, notice, deliver)


def _send(deps: Deps, order: Order, notice: Notice, deliver: Callable[[Callable[[], None]], None]) -> None:
    """`deliver` sends it, and raises what the mailer raises."""
    ledger, clock = deps.ledger, deps.clock

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
    except TryAgain as error:
        later = max(retries.backoff(notice.tries, clock(), deps.random), clock() + timedelta(seconds=error.after or 0))
        again = structs.replace(notice, tries=notice.tries + 1, due_at=later)
        record(ledger, order, lambda order: Change(with_notice(order, again), ()))
    except OutcomeUnknown:
        _settle(ledger, order, notice, NoticeState.UNKNOWN, clock())
    except Refused as error:
        code = error.code
        record(ledger, order, lambda order: _refused(order, notice, code, clock(), deps.desk))
    else:
        _settle(ledger, order, notice, NoticeState.SENT, clock())


def _refused(order: Order, notice: Notice, code: str, now: datetime, desk: str) -> Change:
    return text_messages.failed(order, notice, code, now) if notice.sms else refused(order, notice, code, now, desk)


def _settle(ledger: Ledger, order: Order, notice: Notice, state: NoticeState, now: datetime) -> None:
    event = Event(now, f"{'sms' if notice.sms else 'notice'}_{state}", "worker", about(notice))
    settled = structs.replace(notice, state=state)
    record(ledger, order, lambda order: Change(with_notice(order, settled), (event,)))
