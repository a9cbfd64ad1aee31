from django.db import models
from oscar.core.loading import get_model


class Purchase(models.Model):
    """A purchase, identified by its cart. There is one row for every order of this shop.

    A row without an order is a ref that Fallback cancelled before its order arrived: it cannot be used any more.

    The two unique constraints are what `health` promises with `"duplicates": "enforced"`. The database enforces them,
    so that two simultaneous requests cannot both succeed.
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
    # Fallback's id of the order; null if the customer bought in our own checkout.
    ref = models.CharField(max_length=64, unique=True, null=True)
    # Stored here too, because a unique constraint cannot use Oscar's order table: a cancelled order frees its cart.
    cancelled = models.BooleanField(default=False)

    # The number of the last change from Fallback. An older one arrived late and is refused.
    amendment = models.PositiveIntegerField(default=0)

    # The number of the last report about the payment.
    payment_report = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.ref or self.cart_id
