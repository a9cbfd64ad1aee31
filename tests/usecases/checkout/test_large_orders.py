"""A cart with the maximum number of lines is paid, handed over, read back and mailed."""

from __future__ import annotations

from fallback.domain.order.cart import MOST_LINES, Line, Totals
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from tests.fakes.primary import FakePrimary
from tests.notices.mails import text, the_mail
from tests.reference_shop import ReferenceShop, primary_at, serving
from tests.usecases.world import World

LINES = tuple(Line(f"BK-{place}", f"Volume {place} of a long series", 1, 100) for place in range(MOST_LINES))
SUM = 100 * MOST_LINES


def test_an_order_of_500_lines_is_placed_by_the_contract_and_settled() -> None:
    world, shop = World(), FakePrimary()
    with serving(ReferenceShop(shop)) as server:
        world.primary = primary_at(server.url, server.token)
        world.restart()
        world.a_customer_orders(lines=LINES, totals=Totals(SUM, 0, 319, SUM))
        world.time_passes()
    assert world.headline is Headline.SETTLED
    there = shop.find(world.ref)
    assert there
    assert {line.sku for line in there.lines} == {line.sku for line in LINES}
    assert len(there.lines) == len(LINES)
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]


def test_its_mail_has_every_line() -> None:
    said = text(the_mail(NoticeKind.RECEIVED, lines=LINES))
    assert [line.title for line in LINES if line.title not in said] == []
