"""Fill an Oscar basket with the agreed items, and refuse if the shop cannot fulfil them."""

from collections import Counter
from copy import copy
from decimal import Decimal

from oscar.core.loading import get_class, get_model
from oscar.core.prices import Price

from . import problems
from .contract import Delivery, Line
from .money import from_minor, to_minor

Applicator = get_class("offer.applicator", "Applicator")
Repository = get_class("shipping.repository", "Repository")
Selector = get_class("partner.strategy", "Selector")
StockRecord = get_model("partner", "StockRecord")

AgreedPrices = dict[str, Decimal]


def fill(basket, lines: list[Line], currency: str, agreed: AgreedPrices | None = None) -> None:
    """Make `lines` the content of `basket`, at today's prices. Raises out_of_stock or price_changed.

    `agreed` has the prices per SKU that hold whatever they are today: those of an order that is amended, and those
    that we honour.
    """
    basket.thaw()
    basket.flush()
    basket.strategy = _strategy(agreed or {})
    records = _stock_records(lines)
    _check_stock(basket.strategy, records, lines)
    _check_prices(basket.strategy, records, lines, currency)
    for line in lines:
        basket.add_product(records[line.sku].product, line.quantity)
    Applicator().apply(basket, basket.owner)


def delivery_method(basket, delivery: Delivery, honoured: bool = False):
    """Oscar's shipping method for what the customer chose, and what it charges. Raises invalid or price_changed.

    `honoured`: it charges what was agreed, whatever it costs today.
    """
    methods = Repository().get_shipping_methods(basket=basket, user=basket.owner)
    method = next((method for method in methods if method.code == delivery.method_code), None)
    if method is None:
        raise problems.invalid(f"the delivery {delivery.method_code} is not offered")
    charge = method.calculate(basket)
    price = to_minor(charge.incl_tax, basket.currency)
    if price != delivery.price and honoured:
        agreed = from_minor(delivery.price, basket.currency)
        taxed = charge.excl_tax / charge.incl_tax if charge.incl_tax else 1
        return method, Price(basket.currency, (agreed * taxed).quantize(agreed), agreed)
    if price != delivery.price:
        raise problems.price_changed(
            f"{delivery.id} costs {price} now", lines=[], delivery={"id": delivery.id, "price": price}
        )
    return method, charge


def _strategy(agreed: AgreedPrices):
    strategy = Selector().strategy()
    todays_price = strategy.pricing_policy

    def pricing_policy(product, stockrecord):
        if stockrecord is not None and stockrecord.partner_sku in agreed:
            # A copy, because the record may be saved, and the shop's price must not change.
            stockrecord = copy(stockrecord)
            stockrecord.price = agreed[stockrecord.partner_sku]
        return todays_price(product, stockrecord)

    strategy.pricing_policy = pricing_policy
    return strategy


def _stock_records(lines: list[Line]) -> dict[str, StockRecord]:
    """Locks the stock of these lines, so that two orders cannot both get the last copy. Returns it by SKU."""
    records = StockRecord.objects.select_for_update().order_by("pk").select_related("product")
    skus = [line.sku for line in lines]
    return {record.partner_sku: record for record in records.filter(partner_sku__in=skus, product__is_public=True)}


def _check_stock(strategy, records: dict[str, StockRecord], lines: list[Line]) -> None:
    wanted = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
    short = [
        {"sku": sku, "available": _available(records.get(sku))}
        for sku, quantity in wanted.items()
        if not _is_permitted(strategy, records.get(sku), quantity)
    ]
    if short:
        raise problems.out_of_stock(short)


def _is_permitted(strategy, record: StockRecord | None, quantity: int) -> bool:
    if record is None:
        return False
    availability = strategy.fetch_for_product(record.product, record).availability
    permitted, _ = availability.is_purchase_permitted(quantity)
    return permitted


def _available(record: StockRecord | None) -> int:
    """A product that the shop no longer lists is out of stock permanently."""
    return max(record.net_stock_level, 0) if record else 0


def _check_prices(strategy, records: dict[str, StockRecord], lines: list[Line], currency: str) -> None:
    changed = []
    for line in lines:
        price = strategy.fetch_for_product(records[line.sku].product, records[line.sku]).price
        if price.currency != currency:
            raise problems.invalid(f"{line.sku} is sold in {price.currency}")
        if price.incl_tax != from_minor(line.unit_price, currency):
            changed.append({"sku": line.sku, "unit_price": to_minor(price.incl_tax, currency)})
    if changed:
        raise problems.price_changed("prices of the goods", lines=changed)
