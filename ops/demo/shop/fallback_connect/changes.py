"""Amend and cancel an order until it is shipped."""

from collections import Counter

from django.conf import settings
from django.db import transaction
from msgspec import UNSET
from oscar.core.loading import get_class, get_model
from oscar.core.prices import Price

from . import problems
from .answers import order_answer
from .contract import Amendment, Contact, Delivery, Line, Slot
from .filling import delivery_method, fill
from .models import Purchase
from .money import to_minor
from .orders import write_address

Basket = get_model("basket", "Basket")
EventHandler = get_class("order.processing", "EventHandler")
Order = get_model("order", "Order")
OrderCreator = get_class("order.utils", "OrderCreator")
OrderTotalCalculator = get_class("checkout.calculators", "OrderTotalCalculator")


def amend(ref: str, amendment: Amendment) -> Purchase:
    """Makes the whole change or nothing. Raises already_shipped, cancelled, outdated, and what placing raises.

    Changes have increasing numbers: a repeated number changes nothing, and an older one is refused as late.
    """
    with transaction.atomic():
        purchase = _lock(ref)
        order = purchase.order
        if order.status == "Cancelled":
            raise problems.cancelled(ref)
        if amendment.amendment is not UNSET:
            if amendment.amendment < purchase.amendment:
                raise problems.outdated(order_answer(purchase))
            if amendment.amendment == purchase.amendment:
                return purchase
            purchase.amendment = amendment.amendment
            purchase.save()
        if amendment.shipping_address:
            write_address(order.shipping_address, amendment.shipping_address)
        if amendment.contact:
            _write_contact(order, amendment.contact)
        lines, delivery = amendment.lines or _lines(order), amendment.delivery or _delivery(order)
        # Repeating the agreed values must not fail because a slot has begun or an offer has ended.
        if _goods(lines) != _goods(_lines(order)) or delivery != _delivery(order):
            _rewrite(order, lines, delivery)
        total = to_minor(order.total_incl_tax, order.currency)
        if amendment.total is not UNSET and amendment.total != total:
            raise problems.price_changed(f"the order comes to {total}", lines=[], total=total)
        order.notes.create(note_type="System", message=f"{ref} was amended through Fallback Checkout.")
        return purchase


def cancel(ref: str) -> Purchase:
    """Cancelling again changes nothing. Raises already_shipped.

    An order that is not here may still arrive: a row without an order makes `place` refuse it.
    """
    # If the order arrives at the same time, the unique ref makes this wait for it and then find it.
    purchase, _ = Purchase.objects.get_or_create(ref=ref, defaults={"cancelled": True})
    if purchase.order_id is None:
        return purchase
    with transaction.atomic():
        purchase = _lock(ref)
        # Sends order_status_changed, which returns the stock; see receivers.py.
        purchase.order.set_status("Cancelled")
        return purchase


def cancel_unpaid(order_id: str) -> Purchase:
    """Cancels an order of our own checkout that waits for payment. Idempotent. Raises already_paid, not_found."""
    with transaction.atomic():
        order = Order.objects.select_for_update().filter(pk=order_id).first() if order_id.isdecimal() else None
        purchase = Purchase.objects.filter(order=order).first() if order else None
        if purchase is None:
            raise problems.not_found(order_id)
        purchase.order = order
        if order.status not in (*settings.FALLBACK_UNPAID_STATUSES, "Cancelled"):
            raise problems.already_paid(order_answer(purchase))
        order.set_status("Cancelled")
        return purchase


def _lock(ref: str) -> Purchase:
    """Locks the purchase with its order, which must not be shipped yet."""
    purchase = Purchase.objects.filter(ref=ref, order__isnull=False).first()
    if purchase is None:
        raise problems.not_found(ref)
    purchase.order = Order.objects.select_for_update().get(pk=purchase.order_id)
    # It was read before the lock was acquired.
    purchase.refresh_from_db(fields=["amendment"])
    if purchase.order.status == "Shipped":
        raise problems.already_shipped(order_answer(purchase))
    return purchase


def _write_contact(order, contact: Contact) -> None:
    """Oscar stores the phone number with the address. An account here keeps its own address."""
    order.guest_email = contact.email
    order.save()
    order.shipping_address.phone_number = contact.phone or ""
    order.shipping_address.save()


def _rewrite(order, lines: list[Line], delivery: Delivery) -> None:
    """Rewrite the order's items and delivery as placing did, with the prices of the order."""
    agreed = {line.partner_sku: line.unit_price_incl_tax for line in order.lines.all()}
    EventHandler().cancel_stock_allocations(order)
    order.lines.all().delete()
    order.discounts.all().delete()

    basket = order.basket or Basket.objects.create(owner=order.user)
    fill(basket, lines, order.currency, agreed)
    if delivery != _delivery(order):
        method, charge = delivery_method(basket, delivery)
        order.shipping_code, order.shipping_method = method.code, method.name
        order.shipping_incl_tax, order.shipping_excl_tax = charge.incl_tax, charge.excl_tax
    charge = Price(order.currency, order.shipping_excl_tax, order.shipping_incl_tax)
    total = OrderTotalCalculator().calculate(basket, charge)
    order.basket = basket
    order.total_incl_tax, order.total_excl_tax = total.incl_tax, total.excl_tax
    order.save()

    creator = OrderCreator()
    for application in basket.offer_applications:
        creator.create_discount_model(order, application | {"message": ""})
    for line in basket.all_lines():
        creator.create_line_models(order, line)
        creator.update_stock_records(line)
    basket.submit()


def _lines(order) -> list[Line]:
    return [
        Line(line.partner_sku, line.quantity, to_minor(line.unit_price_incl_tax, order.currency))
        for line in order.lines.all()
    ]


def _goods(lines: list[Line]) -> Counter:
    goods = Counter()
    for line in lines:
        goods[line.sku, line.unit_price] += line.quantity
    return goods


def _delivery(order) -> Delivery:
    option, _, slot = order.shipping_code.partition("/")
    price = to_minor(order.shipping_incl_tax, order.currency)
    return Delivery(option, price, Slot(slot) if slot else None)
