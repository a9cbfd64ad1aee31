"""A kind of shop inherits the answer to each call that it does not serve."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fallback.domain.errors import Refused
from fallback.domain.placement.matching import PrimaryOrder
from fallback.domain.placement.primary import NO_SUCH_ROUTE, NOT_FOUND, Primary
from tests.builders import an_order

ORDER = an_order(ref="FB-1")


class ASmallShop(Primary):
    def find(self, ref: str) -> PrimaryOrder | None:
        return None


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (lambda shop: shop.read("FB-1"), NOT_FOUND, "FB-1"),
        (lambda shop: shop.quote(ORDER), NO_SUCH_ROUTE, "FB-1: this kind of shop gives no quotes"),
        (
            lambda shop: shop.amend(ORDER, ("lines", "total")),
            NO_SUCH_ROUTE,
            "FB-1: lines, total can be changed in the shop's own pages only",
        ),
        (
            lambda shop: shop.withdrawn(ORDER),
            NO_SUCH_ROUTE,
            "FB-1: this kind of shop is not told of withdrawals: a person is",
        ),
        (
            lambda shop: shop.cancel_unpaid("77"),
            NO_SUCH_ROUTE,
            "77: an unpaid order of the shop's own is cancelled in its own pages only",
        ),
    ],
    ids=["read", "quote", "amend", "withdrawn", "cancel_unpaid"],
)
def test_what_a_kind_of_shop_does_not_serve_it_says_so_that_a_person_does_it(
    call: Callable[[Primary], object], code: str, said: str
) -> None:
    with pytest.raises(Refused) as refusal:
        call(ASmallShop())
    assert (refusal.value.code, str(refusal.value)) == (code, said)
