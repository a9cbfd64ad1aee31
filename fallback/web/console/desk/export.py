"""Orders as CSV (RFC 4180), for a spreadsheet: figures and codes, no personal data."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from fallback.domain.money import Money
from fallback.domain.order.lifecycle import headline, next_word_by, promised
from fallback.domain.order.order import Order
from fallback.domain.support.owners import owner_of
from fallback.ledger.order.views import PageOfOrders

COLUMNS = (
    "ref", "headline", "received_at", "amount", "currency", "payment", "captured", "refunded", "placement", "number",
    "cart_id", "holds", "owner", "next_word_by",
)  # fmt: skip
# Beside the headlines of orders that can be read. `more`: in a last line, if the orders of the list go on.
UNREAD, MORE = "unread", "more"
# A spreadsheet runs a cell that begins like this as a formula (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(pages: Iterable[PageOfOrders]) -> Iterator[str]:
    """An order that cannot be read has a line too, without figures, and so do all that follow the last page."""
    yield _line(COLUMNS)
    goes_on = False
    for page in pages:
        goes_on = page.next is not None
        for order in page.rows:
            yield _line([_plain(cell) for cell in _cells(order)])
        for ref in page.unread.refs:
            yield _without_figures(ref, UNREAD)
    if goes_on:
        yield _without_figures("", MORE)


def _without_figures(ref: str, headline: str) -> str:
    return _line([ref, headline, *[""] * (len(COLUMNS) - 2)])


def _cells(order: Order) -> list[str]:
    payment, placement = order.payment, order.placement
    return [
        order.ref,
        headline(order),
        order.received_at.isoformat(),
        _decimal(payment.amount, order),
        order.currency,
        payment.state,
        _decimal(payment.captured, order),
        _decimal(payment.refunded, order),
        placement.state,
        placement.number or "",
        order.cart_id,
        " ".join(hold.code for hold in order.holds),
        owner_of(order),
        next_word_by(order).isoformat() if promised(order) else "",
    ]


def _decimal(amount: int, order: Order) -> str:
    return str(Money(amount, order.currency).decimal)


def _plain(cell: str) -> str:
    """A cell that spreadsheets read as text."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _line(cells: Iterable[str]) -> str:
    written = StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
