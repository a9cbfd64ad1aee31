"""Place orders from Fallback with Oscar's own OrderCreator, so that dashboard, mails and reports include them."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from oscar.core.loading import get_class, get_model

from . import problems
from .answers import order_answer
from .carts import basket_id_of
from .contract import Address, WantedOrder
from .filling import AgreedPrices, delivery_method, fill
from .models import Purchase
from .money import from_minor, to_minor

Basket = get_model("basket", "Basket")
Country = get_model("address", "Country")
Order = get_model("order", "Order")
OrderCreator = get_class("order.utils", "OrderCreator")
OrderNumberGenerator = get_class("order.utils", "OrderNumberGenerator")
OrderTotalCalculator = get_class("checkout.calculators", "OrderTotalCalculator")
ShippingAddress = get_model("order", "ShippingAddress")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")


def place(wanted: WantedOrder) -> tuple[Purchase, bool]:
    """Returns the purchase, and whether it is new. Repeated or simultaneous requests make one order.

    A ref that was cancelled, before or after its order arrived, is refused, because requests may arrive late.
    """
    _check_sum(wanted)
    try:
        with transaction.atomic():
            basket = _lock_basket(wanted.cart_id)
            known = _known(wanted)
            return (known, False) if known else (_create(wanted, basket), True)
    except IntegrityError:
        # Another request committed the same ref or cart after we checked, and the database refused ours.
        known = _known(wanted)
        if known is None:
            raise
        return known, False


def quote(wanted: WantedOrder) -> dict[str, Any]:
    """Predicts the result of `place`: places the order and rolls back, so that both always agree."""
    _check_sum(wanted)
    with transaction.atomic():
        purchase = _known(wanted) or _create(wanted, _lock_basket(wanted.cart_id))
        answer = order_answer(purchase)
        transaction.set_rollback(True)
    return {name: answer[name] for name in ("currency", "lines", "delivery", "total")}


def _check_sum(wanted: WantedOrder) -> None:
    if wanted.total != wanted.goods_total + wanted.delivery.price:
        raise problems.invalid("lines, discounts and delivery do not add up to the total")


def _lock_basket(cart_id: str):
    """The basket from which this cart was signed, or a new one if the shop does not know it any more."""
    basket_id = basket_id_of(cart_id)
    if basket_id is None:
        return Basket.objects.create()
    basket, _ = Basket.objects.select_for_update().get_or_create(pk=basket_id)
    return basket


def _known(wanted: WantedOrder) -> Purchase | None:
    purchases = Purchase.objects.select_related("order")
    by_ref = purchases.filter(ref=wanted.ref).first()
    if by_ref is not None:
        if by_ref.cancelled:
            raise problems.cancelled(wanted.ref)
        if by_ref.cart_id != wanted.cart_id:
            raise problems.invalid(f"{wanted.ref} is the order of another cart")
        return by_ref
    rival = purchases.filter(cart_id=wanted.cart_id, cancelled=False).first()
    if rival is not None:
        raise problems.cart_already_ordered(order_answer(rival))
    return None


def _create(wanted: WantedOrder, basket) -> Purchase:
    fill(basket, wanted.lines, wanted.currency, _agreed(wanted))
    goods_total = to_minor(basket.total_incl_tax, wanted.currency)
    if goods_total != wanted.goods_total:
        raise problems.price_changed(
            f"the goods come to {goods_total} with today's discounts", lines=[], goods_total=goods_total
        )
    method, charge = delivery_method(basket, wanted.delivery, honoured=settings.FALLBACK_HONOURS_PRICES)
    order = OrderCreator().place_order(
        basket,
        OrderTotalCalculator().calculate(basket, charge),
        method,
        charge,
        user=basket.owner,
        shipping_address=write_address(ShippingAddress(), wanted.shipping_address, wanted.contact.phone),
        order_number=_free_number(basket),
        guest_email=wanted.contact.email,
    )
    basket.submit()
    _write_payment(order, wanted)
    _write_notes(order, wanted)
    # The row was created with the order, see receivers.py.
    purchase = Purchase.objects.select_related("order").get(order=order)
    purchase.ref, purchase.cart_id = wanted.ref, wanted.cart_id
    purchase.save()
    return purchase


def _agreed(wanted: WantedOrder) -> AgreedPrices:
    """What the customer agreed to holds, whatever it costs today: we signed these prices."""
    if not settings.FALLBACK_HONOURS_PRICES:
        return {}
    return {line.sku: from_minor(line.unit_price, wanted.currency) for line in wanted.lines}


def _free_number(basket) -> str:
    """Oscar derives the number from the basket, but a cart whose order was cancelled may be ordered again."""
    number = str(OrderNumberGenerator().order_number(basket))
    before = Order.objects.filter(basket=basket).count()
    return f"{number}-{before + 1}" if before else number


def write_address(address: ShippingAddress, wanted: Address, phone: str | None = None) -> ShippingAddress:
    """Oscar requires two names, and stores the city in line 4."""
    country = Country.objects.filter(iso_3166_1_a2=wanted.country, is_shipping_country=True).first()
    if country is None:
        raise problems.invalid(f"we do not deliver to {wanted.country}")
    address.country = country
    address.first_name, _, address.last_name = wanted.name.strip().rpartition(" ")
    address.line1 = wanted.line1
    address.line2 = wanted.line2 or ""
    address.line4 = wanted.city
    address.state = wanted.region or ""
    address.postcode = wanted.postal_code
    if phone:
        address.phone_number = phone
    address.save()
    return address


def _write_payment(order, wanted: WantedOrder) -> None:
    """Shown in the dashboard. Fallback handles the payment until it has captured it."""
    provider, _ = SourceType.objects.get_or_create(name=wanted.payment.provider.title())
    Source.objects.create(
        order=order,
        source_type=provider,
        currency=wanted.currency,
        amount_allocated=from_minor(wanted.total, wanted.currency),
        reference=wanted.payment.reference or "",
        label=wanted.payment.state,
    )


def _write_notes(order, wanted: WantedOrder) -> None:
    order.notes.create(
        note_type="System", message=f"Placed by Fallback Checkout as {wanted.ref} at {wanted.received_at}."
    )
    if wanted.note:
        order.notes.create(note_type="Customer", message=wanted.note)
