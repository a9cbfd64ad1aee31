"""Placing an order in Vendure: a draft with its lines, its customer, and then it is an order.

The first and the last call are the plugin's, each one transaction that locks the ref: the draft, which claims ref and
cart, and the order, which it becomes with its delivery, the agreed total and its payment. The one between them may be
repeated. Vendure has calls for each of these steps, but two workers who make them at once undo each other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.vendure.answers import Answer, shaped, succeeded
from fallback.primaries.vendure.bodies import customer_input, draft_input, known_customer, place_input
from fallback.primaries.vendure.documents import CUSTOMER, CUSTOMERS, DRAFT, PLACE
from fallback.primaries.vendure.session import Overtaken, Session
from fallback.primaries.vendure.shapes import VendureOrder

# How often somebody may come between before the order waits for its next attempt.
ROUNDS = 5


class Placing:
    """One order's way into the shop. It begins with whatever of it is there."""

    def __init__(self, session: Session, calls: Calls, order: Order) -> None:
        self._session, self._order = session, order
        self._saga = Saga(calls)

    def placed(self) -> VendureOrder:
        for _ in range(ROUNDS):
            try:
                return self._once()
            except Overtaken:  # if the order was cancelled, the next round hears of it
                continue
        raise OutcomeUnknown("the draft was changed again and again while the order was being placed")

    def _once(self) -> VendureOrder:
        there = self._answered(DRAFT, "fallbackDraft", draft_input(self._order))
        if there.half_made:
            self._say_whose(there)
            there = self._answered(PLACE, "fallbackPlace", place_input(self._order))
        return there

    def _say_whose(self, draft: VendureOrder) -> None:
        email = known_customer(self._order).email
        if draft.customer and draft.customer.email_address.casefold() == email.casefold():
            return
        known = self._account(email)
        whose = {"id": known} if known else {"input": customer_input(self._order)}
        succeeded(self._write(CUSTOMER, {"order": draft.id, **whose})["setCustomerForDraftOrder"])

    def _account(self, email: str) -> str | None:
        """The shop's customer with this address: Vendure takes no guest with the address of an account."""
        options = {"filter": {"emailAddress": {"contains": email}}}
        found = self._read(CUSTOMERS, {"options": options})["customers"]["items"]
        return next((each["id"] for each in found if each["emailAddress"].casefold() == email.casefold()), None)

    def _answered(self, document: str, name: str, input: Mapping[str, Any]) -> VendureOrder:
        answer = shaped(self._write(document, {"input": input})[name], Answer)
        if answer.refusal == "cart_already_ordered" and answer.order:
            raise CartAlreadyOrdered(answer.order.as_told())
        if answer.refusal:
            raise Refused(answer.refusal, answer.detail or "")
        if answer.order is None:
            raise Overtaken
        return answer.order

    def _read(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return self._saga.read(lambda left: self._session.ask(document, variables, left))

    def _write(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return self._saga.write(lambda: self._session.ask(document, variables))
