"""Prices of this shop: stock records contain the price that the customer pays, including German VAT on books."""

from decimal import Decimal

from django.http import HttpRequest
from oscar.apps.partner import strategy
from oscar.apps.partner.prices import TaxInclusiveFixedPrice, Unavailable

VAT_RATE = Decimal("0.07")
CENT = Decimal("0.01")


def without_vat(amount: Decimal) -> Decimal:
    return (amount / (1 + VAT_RATE)).quantize(CENT)


class TaxIncluded:
    def pricing_policy(self, _product, stockrecord) -> TaxInclusiveFixedPrice | Unavailable:
        if stockrecord is None or stockrecord.price is None:
            return Unavailable()
        excl_tax = without_vat(stockrecord.price)
        return TaxInclusiveFixedPrice(
            currency=stockrecord.price_currency, excl_tax=excl_tax, tax=stockrecord.price - excl_tax
        )

    def parent_pricing_policy(self, product, children_stock) -> TaxInclusiveFixedPrice | Unavailable:
        stockrecords = [record for _, record in children_stock if record is not None]
        return self.pricing_policy(product, stockrecords[0] if stockrecords else None)


class Strategy(strategy.UseFirstStockRecord, strategy.StockRequired, TaxIncluded, strategy.Structured):
    """Uses the first stock record, only available stock, VAT included."""


class Selector:
    def strategy(self, request: HttpRequest | None = None, **_kwargs) -> Strategy:
        return Strategy(request)
