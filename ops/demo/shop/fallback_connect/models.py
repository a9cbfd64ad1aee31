from django.db import models
from oscar.core.loading import get_model


class Purchase(models.Model):
    """What a customer bought, named by the cart it came from. One row for every order of this shop.

    A row without an order is a ref that Fallback cancelled before its order came here: no order may take it any more.

    The two unique rules are the promise that `health` makes with `"duplicates": "enforced"`. They are the
    database's business and not an `if`, so that two requests at the same moment cannot both get through.
    """

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["cart_id"], condition=models.Q(cancelled=False), name="one_open_order_for_a_cart"
            ),
        )

    order = models.OneToOneField(
        get_model("order", "Order"), on_delete=models.CASCADE, related_name="purchase", null=True
    )
    cart_id = models.CharField(max_length=128, db_index=True)
    # Fallback's name of the order; null when the customer bought here, in our own checkout.
    ref = models.CharField(max_length=64, unique=True, null=True)
    # Said here too, because a unique rule cannot look into Oscar's order table: a cancelled order frees its cart.
    cancelled = models.BooleanField(default=False)

    # The number of the last change that came from Fallback: an older one comes late, and is refused.
    amendment = models.PositiveIntegerField(default=0)

    # The number of the last report about the payment.
    payment_report = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.ref or self.cart_id
