"""A cart, or the cart that became an order, as rows of a page: pictures, prices, sums."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from fallback.domain.order.cart import Cart, Discount, Line, Tax
from fallback.domain.order.exposure import waits_for_stock
from fallback.domain.order.order import Order
from fallback.web.http.voice import N_, Voice


@dataclass(frozen=True)
class LineRow:
    """`each` is the price of one where there are several. `note`: about its stock, or empty.

    `drop`: the SKU, if the customer can leave it out.
    """

    title: str
    quantity: int
    price: str
    each: str | None
    picture: str | None
    note: str = ""
    drop: str = ""


@dataclass(frozen=True)
class SumRow:
    label: str
    amount: str


@dataclass(frozen=True)
class CartRows:
    """`sums` lead to the total of the goods, which does not contain the delivery."""

    lines: list[LineRow]
    sums: list[SumRow]
    goods: str


@dataclass(frozen=True)
class Seller:
    """The shop, the voice, the currency and the stock that all rows of a cart share.

    `left`: the pieces that can be ordered of an SKU that does not suffice; None: it may be late.
    """

    voice: Voice
    currency: str
    shop_url: str
    left: Mapping[str, int | None]
    drops: Collection[str] = ()

    def price(self, amount: int) -> str:
        return self.voice.money(amount, self.currency)

    def about_stock(self, line: Line) -> str:
        if line.sku not in self.left:
            return ""
        left = self.left[line.sku]
        if left is None:
            return self.voice.say(N_("Not certain to be in stock. Delivery may take longer"))
        return self.voice.say(N_("Only %(left)s left"), left=left) if left else self.voice.say(N_("Sold out"))


def rows_of_cart(
    cart: Cart, voice: Voice, shop_url: str, left: Mapping[str, int | None] | None = None, drops: Collection[str] = ()
) -> CartRows:
    """`left`: of SKUs that the shop has too few of. `drops`: those that can be left out."""
    seller = Seller(voice, cart.currency, shop_url, left or {}, drops)
    return _rows(seller, cart.lines, cart.discounts, cart.tax, cart.totals.total)


def rows_of_order(order: Order, voice: Voice, shop_url: str) -> CartRows:
    goods = order.payment.amount - order.delivery.price
    may_be_late: dict[str, int | None] = dict.fromkeys(waits_for_stock(order))
    return _rows(Seller(voice, order.currency, shop_url, may_be_late), order.lines, order.discounts, order.tax, goods)


def _rows(seller: Seller, lines: Sequence[Line], discounts: Sequence[Discount], tax: Tax, total: int) -> CartRows:
    sums = [SumRow(discount.title, seller.price(-discount.amount)) for discount in discounts]
    if tax.amount and not tax.included:
        sums.append(SumRow(seller.voice.say("Tax"), seller.price(tax.amount)))
    if sums:
        goods = sum(line.quantity * line.unit_price for line in lines)
        sums.insert(0, SumRow(seller.voice.say("Goods"), seller.price(goods)))
    return CartRows([_line(line, seller) for line in lines], sums, seller.price(total))


def _line(line: Line, seller: Seller) -> LineRow:
    each = seller.price(line.unit_price) if line.quantity > 1 else None
    price = seller.price(line.quantity * line.unit_price)
    picture, drop = _picture(line.picture, seller.shop_url), line.sku if line.sku in seller.drops else ""
    return LineRow(line.title, line.quantity, price, each, picture, seller.about_stock(line), drop)


def _picture(address: str | None, shop_url: str) -> str | None:
    """URLs without a host belong to the shop, whatever host shows this page."""
    absolute = urljoin(shop_url, address or "")
    return absolute if address and urlsplit(absolute).scheme in ("http", "https", "") else None
