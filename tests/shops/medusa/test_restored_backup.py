"""A real Medusa that was restored from a backup has lost an order: the audit names it, and it is placed again."""

from __future__ import annotations

from pathlib import Path

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.placement.matching import differences
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.placement.release_hold import release_hold
from tests.shops.medusa.running import Medusa
from tests.shops.medusa.test_stories import TOTAL, Purchase


def test_an_order_that_the_backup_lacks_is_named_by_the_audit_and_placed_again(medusa: Medusa, tmp_path: Path) -> None:
    purchase = Purchase(medusa)
    medusa.backup(tmp_path / "shop.sql")
    purchase.bought()
    purchase.time_passes()
    assert audit_primary(purchase.container).lost == ()

    medusa.restore(tmp_path / "shop.sql")

    audit = audit_primary(purchase.container)
    assert (audit.why_not, audit.checked, audit.lost) == ("", 1, (purchase.ref,))
    assert (purchase.holds, bool(purchase.halts.read())) == ([HoldCode.PRIMARY_REGRESSED], True)

    release_hold(purchase.container, purchase.ref, HoldCode.PRIMARY_REGRESSED, "Ann")
    purchase.time_passes()

    [there] = purchase.of_this_cart
    assert (there["metadata"]["fallback_ref"], there["payment_status"]) == (purchase.ref, "captured")
    assert differences(purchase.order, medusa.primary().read(purchase.ref)) == ()
    assert (purchase.headline, purchase.captured) == (Headline.SETTLED, TOTAL)
    assert audit_primary(purchase.container).lost == ()
