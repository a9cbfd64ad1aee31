"""The customer withdraws from the contract, for all or for some pieces (domain/order/withdrawal.py).

What the shop does not have yet is cancelled at once. All else is the shop's: it takes the goods back and decides what
is refunded. So nothing is refunded here by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET, structs

from fallback.domain.checkout.requests import ChangeOrder, WithdrawContract
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order, PaymentState, PlacementState
from fallback.domain.order.reporting import HAS_IT
from fallback.domain.order.texts_by_people import say
from fallback.domain.order.transitions import WithdrawalEvent, after_withdrawal
from fallback.domain.order.withdrawal import (
    Statement,
    Withdrawal,
    WithdrawalState,
    WithdrawnLine,
    left,
    pieces_of_each,
    withdraws_until,
)
from fallback.domain.placement import changes, placement

UNHEARD = frozenset({WithdrawalState.ASKED, WithdrawalState.BY_HAND})


def still_bought(order: Order) -> tuple[int, ...]:
    """How many pieces of each line the customer has not withdrawn from."""
    return left(order.lines, order.withdrawal.statements if order.withdrawal else ())


def may_withdraw(order: Order, days: int, now: datetime) -> bool:
    """`days`: from the delivery; 0: the shop grants no withdrawal. Without its goods no period has begun."""
    over = order.cancel_asked or order.placement.state is PlacementState.CANCELLED
    if not days or over or order.customer is None or order.payment.state is PaymentState.REFUNDED:
        return False
    ended = order.placement.state in HAS_IT and now > withdraws_until(order.received_at, order.delivery, days)
    return any(still_bought(order)) and not ended


def withdraw(
    order: Order,
    stated: WithdrawContract,
    key: str,
    days: int,
    now: datetime,
    check: Callable[[Change], None],
    who: str = CUSTOMER,
) -> Change | None:
    """None: this was stated before. Raises NotAllowedNow, and Invalid that names the field.

    `check` raises for a smaller order that cannot be paid as it is. `who`: the customer, or the agent who was told.
    """
    before = order.withdrawal
    if before and (before.knows(key) or not any(still_bought(order))):
        return None
    if not may_withdraw(order, days, now):
        raise NotAllowedNow(headline(order), "withdraw")
    pieces = pieces_of(order, stated)
    # Without what was stated before but is still in the order, too.
    kept = tuple(there - count for there, count in zip(still_bought(order), pieces, strict=True))
    order, statement = _stated(order, stated, pieces, key, now)
    said = Event(now, "contract_withdrawn", who, {"pieces": sum(pieces)})
    done = _undone(order, kept, now, check, who) or Change(order, ())
    order = queue_notice(done.order, NoticeKind.WITHDRAWAL, now, to=statement.email)
    return Change(order, (said, *done.events))


def what_follows(order: Order) -> WithdrawalState | None:
    """What people read that comes of it; None: nothing, since the order was undone before the shop heard of it."""
    if order.withdrawal is None:
        return None
    undone = order.cancel_asked or order.placement.state is PlacementState.CANCELLED
    unheard = order.withdrawal.state in UNHEARD and order.placement.state not in HAS_IT
    return None if undone and unheard else order.withdrawal.state


def pieces_of(order: Order, stated: WithdrawContract) -> tuple[int, ...]:
    """How many of each line. Raises Invalid."""
    most = still_bought(order)
    if stated.quantities is UNSET:
        return most
    if len(stated.quantities) != len(most):
        raise Invalid("quantities", "other_lines", "Give a quantity for each line of the order.")
    for place, (wanted, there) in enumerate(zip(stated.quantities, most, strict=True)):
        if wanted > there:
            raise Invalid(f"quantities.{place}", "more_than_bought", f"At most {there} of this line.")
    if not any(stated.quantities):
        raise Invalid("quantities", "nothing_withdrawn", "Name at least one piece.")
    return stated.quantities


def _stated(
    order: Order, stated: WithdrawContract, pieces: Sequence[int], key: str, now: datetime
) -> tuple[Order, Statement]:
    order, name = say(order, "name", stated.name)
    order, email = say(order, "email", stated.email)
    ordered = pieces_of_each(order.lines)
    lines = tuple(
        WithdrawnLine(line.sku, line.title, count, ordered[line.sku])
        for line, count in zip(order.lines, pieces, strict=True)
        if count
    )
    statement = Statement(key, now, lines, name, email)
    before = order.withdrawal or Withdrawal(WithdrawalState.ASKED, ())
    state = after_withdrawal(before.state, WithdrawalEvent.STATED)
    withdrawal = Withdrawal(state, (*before.statements, statement))
    return structs.replace(order, withdrawal=withdrawal), statement


def _undone(
    order: Order, kept: tuple[int, ...], now: datetime, check: Callable[[Change], None], who: str
) -> Change | None:
    """What the shop does not have is cancelled, or all but what is `kept` taken out of the order. None: impossible."""
    if order.placement.state in HAS_IT:
        return None
    if any(kept):
        change = _fewer(_taken_out(order), ChangeOrder(quantities=kept), now, check, who)
    else:
        change = placement.ask_to_cancel(order, now, who)
    return change and Change(moved(change.order, WithdrawalEvent.UNDONE), change.events)


def _taken_out(order: Order) -> Order:
    assert order.withdrawal is not None
    statements = tuple(structs.replace(each, taken_out=True) for each in order.withdrawal.statements)
    return structs.replace(order, withdrawal=structs.replace(order.withdrawal, statements=statements))


def _fewer(order: Order, fewer: ChangeOrder, now: datetime, check: Callable[[Change], None], who: str) -> Change | None:
    try:
        change = changes.change(order, fewer, now, who)
        if change:
            check(change)
    except (NotAllowedNow, Invalid):
        return None
    return change


# --- telling the shop


def begun(order: Order, now: datetime) -> Change:
    """Record that the primary is about to be told."""
    assert order.withdrawal is not None
    return _with(order, began_at=now, tries=order.withdrawal.tries + 1)


def turned_away(order: Order, until: datetime) -> Change:
    """The primary cannot hear it now, through no fault of the report."""
    return _with(order, began_at=None, due_at=until, tries=0)


def lost(order: Order, until: datetime) -> Change:
    """The report was sent and not answered: it may have arrived, and is repeated."""
    return _with(order, began_at=None, due_at=until)


def told(order: Order, now: datetime) -> Change:
    return Change(moved(order, WithdrawalEvent.TOLD), (Event(now, "withdrawal_reported", "worker"),))


def by_hand(order: Order, now: datetime, owner: str) -> Change:
    """A person tells the shop, and has a time by which the customer hears. Of all that the shop has, if it was more."""
    order = moved(order, WithdrawalEvent.NOT_TOLD)
    assert order.withdrawal is not None
    lines = [line for statement in order.withdrawal.of_the_shop for line in statement.lines]
    return put_on_hold(
        order, HoldCode.WITHDRAWAL, now, owner, "; ".join(f"{each.sku}: {each.quantity}" for each in lines)
    )


def told_by_hand(order: Order) -> Order:
    """An agent released the hold: the shop knows, but for what was stated since."""
    by_hand = order.withdrawal and order.withdrawal.state is WithdrawalState.BY_HAND
    return moved(order, WithdrawalEvent.TOLD) if by_hand else order


def stands(order: Order) -> Order:
    """The goods left before the order was cancelled, so the purchase stands: the withdrawal is for the shop."""
    before = order.withdrawal
    undone = before and before.state is WithdrawalState.UNDONE and before.of_the_shop and order.cancel_asked
    return moved(order, WithdrawalEvent.STANDS) if undone else order


def moved(order: Order, event: WithdrawalEvent) -> Order:
    """What a person had to tell the shop before is a part of it, and no report is under way any more."""
    assert order.withdrawal is not None
    withdrawal = Withdrawal(after_withdrawal(order.withdrawal.state, event), order.withdrawal.statements)
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.WITHDRAWAL)
    return structs.replace(order, withdrawal=withdrawal, holds=holds)


def _with(order: Order, **changed: Any) -> Change:
    assert order.withdrawal is not None
    return Change(structs.replace(order, withdrawal=structs.replace(order.withdrawal, **changed)), ())
