"""Actions after an order is created by our checkout, our dashboard or Fallback."""

from django.db.models.signals import post_save
from django.dispatch import receiver
from oscar.apps.order.signals import order_status_changed
from oscar.core.loading import get_class, get_model

from .carts import cart_id_of
from .models import Purchase

EventHandler = get_class("order.processing", "EventHandler")
Order = get_model("order", "Order")


@receiver(post_save, sender=Order)
def record_purchase(instance, created: bool, **_kwargs) -> None:
    """Runs in the transaction that creates the order, so that a second order for a cart is rolled back."""
    if created and instance.basket_id is not None:
        Purchase.objects.create(order=instance, cart_id=cart_id_of(instance.basket))


@receiver(order_status_changed)
def free_cart(order, new_status: str, **_kwargs) -> None:
    if new_status == "Cancelled":
        Purchase.objects.filter(order=order).update(cancelled=True)


@receiver(order_status_changed)
def settle_stock(order, new_status: str, **_kwargs) -> None:
    """Updates the stock for a new status, which Oscar leaves to the shop."""
    if new_status == "Cancelled":
        EventHandler().cancel_stock_allocations(order)
    elif new_status == "Shipped":
        EventHandler().consume_stock_allocations(order)
