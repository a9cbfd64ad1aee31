"""The customer withdraws from the contract, themselves or through an agent: recorded, confirmed by mail, and put to the
shop. Repeating it is one."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.checkout.requests import ChangeOrder, WithdrawContract
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.order import Change, Order
from fallback.domain.order.record import record
from fallback.domain.payment.charging import Chargeable, check_change
from fallback.domain.placement import contract_withdrawal
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def chargeable(self) -> Chargeable: ...
    @property
    def withdrawal_days(self) -> int: ...


def withdraw_from_contract(
    deps: Deps, ref: str, stated: WithdrawContract, key: str, who: str = CUSTOMER, seen: int | None = None
) -> Order:
    """`key` recognizes a statement that is sent again. `who`: the customer, or an agent, with the number of
    timeline lines that the agent had `seen`. Raises NotAllowedNow, Late, and Invalid that names the field.
    """

    def withdraw(order: Order) -> Change | None:
        def check(change: Change) -> None:
            check_change(order, change.order, ChangeOrder(), deps.chargeable)

        return contract_withdrawal.withdraw(order, stated, key, deps.withdrawal_days, deps.clock(), check, who)

    if seen is not None:
        return act(deps.ledger, ref, who, seen, withdraw)
    return record(deps.ledger, deps.ledger.load(ref), withdraw)
