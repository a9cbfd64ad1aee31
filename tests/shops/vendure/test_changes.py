"""A change of an order in a real Vendure is one transaction: whole or not at all, and the newest one stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import AGREED, CONTACT
from tests.shops.vendure.running import VendureShop
from tests.shops.vendure.test_killed_between_calls import (
    EXPRESS,
    LEDGER,
    SEA,
    changed,
    fresh,
    paid_in,
    returned_in,
)

HOUR = timedelta(hours=1)


def reached(order: Order, email: str, phone: str | None = None) -> Order:
    assert order.customer
    return replace(order, customer=replace(order.customer, email=email, phone=phone))


def numbered(order: Order, number: int) -> Order:
    return replace(order, placement=replace(order.placement, amendments=number))


def customers(shop: VendureShop) -> list[list[str]]:
    return shop.sql('SELECT id, "emailAddress", "phoneNumber" FROM customer ORDER BY id')


def test_of_changes_at_the_same_moment_the_newest_stands(vendure: VendureShop) -> None:
    primary, order = vendure.primary(), fresh()
    primary.place(order)
    wanted = [changed(order, number, lines=(replace(LEDGER, quantity=number),)) for number in range(1, 7)]

    def amended(change: Order) -> str:
        try:
            return str(primary.amend(change).amendment)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(amended, wanted))

    there = primary.read(order.ref)
    assert (there.amendment, there.status, differences(wanted[-1], there)) == (6, "placed", ())
    assert set(answers) <= {"outdated", "1", "2", "3", "4", "5", "6"}
    assert sum(paid_in(vendure, order)) - returned_in(vendure, order) == wanted[-1].payment.amount


def test_a_change_that_is_refused_changes_nothing(vendure: VendureShop) -> None:
    primary, order = vendure.primary(), fresh()
    placed = primary.place(order)

    with pytest.raises(Refused, match="BK-1") as refusal:
        primary.amend(changed(order, 1, lines=(replace(LEDGER, quantity=9_500), SEA), delivery=EXPRESS))

    assert (refusal.value.code, primary.read(order.ref)) == ("out_of_stock", placed)


def test_an_order_that_a_person_left_open_for_changes_is_changed_and_closed(vendure: VendureShop) -> None:
    primary, order = vendure.primary(), fresh()
    there = primary.place(order)
    vendure.asks_as_administrator(
        'mutation ($id: ID!) { transitionOrderToState(id: $id, state: "Modifying") { __typename } }', id=there.id
    )
    wanted = changed(order, 1, lines=(LEDGER,))

    after = primary.amend(wanted)

    assert (differences(wanted, after), after.status) == ((), "placed")


def test_a_new_address_of_e_mail_is_another_customer_and_the_old_one_stays_as_it_was(vendure: VendureShop) -> None:
    primary, order = vendure.primary(), fresh()
    order = reached(order, f"{order.ref.lower()}@example.org", "+49 30 1234567")
    primary.place(order)
    before = customers(vendure)

    there = primary.amend(
        numbered(reached(order, f"new-{order.ref.lower()}@example.org", "+49 30 7654321"), 1), CONTACT
    )

    assert (there.email, there.phone, there.amendment) == (f"new-{order.ref.lower()}@example.org", "+49 30 7654321", 1)
    assert differences(order, there) == ()
    assert customers(vendure)[: len(before)] == before
    assert len(customers(vendure)) == len(before) + 1


def test_a_customer_whom_the_shop_knows_gets_the_order_whatever_the_letter_case(vendure: VendureShop) -> None:
    primary, known, order = vendure.primary(), fresh(), fresh()
    email = f"{known.ref.lower()}@example.org"
    primary.place(reached(known, email))
    primary.place(order)
    before = customers(vendure)

    there = primary.amend(numbered(reached(order, email.upper()), 1), CONTACT)

    assert (there.email, customers(vendure)) == (email, before)


def test_contact_details_come_with_the_rest_of_a_change(vendure: VendureShop) -> None:
    primary, order = vendure.primary(), fresh()
    primary.place(order)
    wanted = reached(changed(order, 1, delivery=EXPRESS), f"{order.ref.lower()}@example.org", "+49 30 1112223")

    there = primary.amend(wanted, AGREED + CONTACT)

    assert differences(wanted, there) == ()
    assert (there.email, there.phone) == (f"{order.ref.lower()}@example.org", "+49 30 1112223")


def test_an_order_that_the_shop_took_is_found_by_its_phone_number(vendure: VendureShop) -> None:
    primary, order, other = vendure.primary(), fresh(), fresh()
    placed = primary.place(reached(order, "on-the-phone@example.org", "0049 (1511) 555-66-77"))
    vendure.sql(f"""UPDATE "order" SET "customFieldsFallbackref" = NULL WHERE id = '{placed.id}'""")
    primary.place(reached(other, "somebody@example.org", "+49 1511 5556678"))

    found = primary.rivals("no-such-cart", None, order.received_at - HOUR, "01511 5556677")

    assert [(each.id, each.ref) for each in found] == [(placed.id, None)]
    assert list(primary.rivals("no-such-cart", None, order.received_at - HOUR, "n/a")) == []


def test_a_quote_leaves_no_trace_in_the_shop(vendure: VendureShop) -> None:
    primary, order = vendure.primary(), fresh()

    def all_there() -> list[list[list[str]]]:
        tables = ('"order"', "customer", "order_line", "payment", "fallback_purchase", "stock_level", "job_record")
        return [vendure.sql(f"SELECT count(*) FROM {table}") for table in tables] + [
            vendure.sql('SELECT sum("stockAllocated") FROM stock_level')
        ]

    before = all_there()
    quote = primary.quote(reached(order, f"{order.ref.lower()}@example.org"))

    assert (quote.total, all_there()) == (order.payment.amount, before)
