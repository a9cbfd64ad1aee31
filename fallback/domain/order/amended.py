"""The order with its amendment applied, while the primary still has the version agreed before."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.order.cart import Delivery, Line, Tax
from fallback.domain.order.order import Order


def as_amended(order: Order) -> Order:
    """The order as it will be once its amendment is done."""
    amendment = order.amendment
    if amendment is None:
        return order
    order = priced(order, amendment.lines or order.lines, amendment.delivery or order.delivery)
    customer = order.customer
    if customer and customer.wanted_address:
        customer = structs.replace(customer, address=customer.wanted_address, wanted_address=None)
    return structs.replace(order, amendment=None, customer=customer)


def priced(order: Order, lines: tuple[Line, ...], delivery: Delivery) -> Order:
    """The order with these lines and this delivery; its total follows from the prices that the shop signed.

    Tax included in the prices shrinks in proportion to the goods: exact if all goods are taxed at one rate. The shop
    writes its own tax amount on the invoice; ours is not charged.
    """
    before, after = _goods(order.lines), _goods(lines)
    tax = Tax(order.tax.included, order.tax.amount * after // before if before else order.tax.amount)
    amount = order.payment.amount - before + after - order.delivery.price + delivery.price
    payment = structs.replace(order.payment, amount=amount)
    return structs.replace(order, lines=lines, delivery=delivery, tax=tax, payment=payment)


def _goods(lines: tuple[Line, ...]) -> int:
    return sum(line.quantity * line.unit_price for line in lines)
