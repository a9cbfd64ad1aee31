"""Oscar's checkout with two changes: payment on invoice, and no second order for a cart of which Fallback has one."""

from oscar.apps.checkout import views
from oscar.core.loading import get_model

from ops.demo.shop.fallback_connect.in_hand import NotInHandMixin

Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")


class IndexView(NotInHandMixin, views.IndexView):
    pass


class PaymentDetailsView(NotInHandMixin, views.PaymentDetailsView):
    def handle_payment(self, _order_number, total, **_kwargs) -> None:
        invoice, _ = SourceType.objects.get_or_create(name="Invoice")
        self.add_payment_source(Source(source_type=invoice, currency=total.currency, amount_allocated=total.incl_tax))
