"""A cart that expires during an incident is accepted until some hours after its end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.errors import Invalid, TryAgain
from fallback.domain.incident.incident import by_order, by_switch, quiet, switched
from fallback.domain.outage.last_mode import KnownMode
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.usecases.checkout.push_cart import push_cart
from fallback.usecases.checkout.read_cart import read_cart
from fallback.usecases.incident.follow_mode import follow_mode
from tests.builders import deps
from tests.web.conftest import a_container
from tests.web.world import NOW, a_cart, a_config, signed

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Night:
    """An incident that begins at NOW. `at`: what the ledger's clock says."""

    def __init__(self, grace: int = 72) -> None:
        self.container: Container = a_container()
        self.container.config = a_config(fallback_cart_grace_hours=grace)
        self.at(NOW)

    def at(self, moment: datetime) -> Night:
        self.container.clock = lambda: moment
        return self

    def switch(self, mode: Mode, moment: datetime = NOW) -> Night:
        self.container.modes.switch(ModeState(mode, moment, "Omar", "The shop is away", Decider.PERSON))
        return self

    def outcome(self, expires: datetime) -> str:
        """What becomes of a cart that expires then."""
        try:
            cart = read_cart(self.container, signed(a_cart(exp=expires.timestamp())))
        except Invalid as refused:
            return refused.code
        return "expired, and accepted" if cart.expired else "accepted"


@pytest.fixture
def night() -> Night:
    return Night()


ACCEPTED = "expired, and accepted"
REFUSED = "cart_expired"


def test_a_cart_that_was_valid_when_the_incident_began_is_accepted(night: Night) -> None:
    night.switch(Mode.ACTIVE).at(NOW + 12 * HOUR)
    assert night.outcome(NOW + HOUR) == ACCEPTED
    assert night.outcome(NOW) == ACCEPTED  # the clocks may differ by a minute
    assert night.outcome(NOW + 13 * HOUR) == "accepted"


def test_a_cart_that_had_expired_before_is_refused(night: Night) -> None:
    night.switch(Mode.ACTIVE).at(NOW + 12 * HOUR)
    assert night.outcome(NOW - 2 * MINUTE) == REFUSED
    assert night.outcome(NOW - 300 * HOUR) == REFUSED


def test_without_an_incident_a_cart_is_refused_once_it_has_expired(night: Night) -> None:
    assert night.at(NOW + 2 * HOUR).outcome(NOW + HOUR) == REFUSED


def test_it_is_accepted_until_the_incident_is_over(night: Night) -> None:
    night.switch(Mode.ACTIVE)
    follow_mode(night.container)
    night.switch(Mode.DRAINING, NOW + 5 * HOUR).at(NOW + 6 * HOUR)
    assert night.outcome(NOW + HOUR) == ACCEPTED
    night.switch(Mode.STANDBY, NOW + 7 * HOUR).at(NOW + 8 * HOUR)
    follow_mode(night.container)
    assert night.outcome(NOW + HOUR) == REFUSED


def test_the_incident_counts_before_anybody_has_recorded_it(night: Night) -> None:
    night.switch(Mode.ACTIVE, NOW + HOUR).at(NOW + 3 * HOUR)
    assert night.container.incidents.last() is None
    assert night.outcome(NOW + 2 * HOUR) == ACCEPTED
    assert night.outcome(NOW + HOUR / 2) == REFUSED


def test_an_incident_begins_with_the_first_customer_whom_the_shop_failed(night: Night) -> None:
    night.container.incidents.shop_failed(NOW)
    night.at(NOW + 2 * HOUR)
    assert night.outcome(NOW + HOUR) == ACCEPTED
    night.switch(Mode.ACTIVE, NOW + 2 * HOUR)
    assert night.outcome(NOW + HOUR) == ACCEPTED


def test_an_incident_without_a_switch_counts_while_it_lasts(night: Night) -> None:
    incident = night.container.incidents.open(by_order(NOW, 0))
    night.at(NOW + 2 * HOUR)
    assert night.outcome(NOW + HOUR) == ACCEPTED
    night.container.incidents.change(incident.id, lambda each: quiet(each, NOW + HOUR, 1))
    assert night.outcome(NOW + HOUR) == REFUSED


def test_an_earlier_incident_does_not_count(night: Night) -> None:
    earlier = by_switch(ModeState(Mode.ACTIVE, NOW, "Omar", "The shop is away"), 0)
    over = ModeState(Mode.STANDBY, NOW + HOUR, "Omar", "The shop is back")
    night.container.incidents.open(switched(earlier, over, 0))
    night.switch(Mode.ACTIVE, NOW + 20 * HOUR).at(NOW + 21 * HOUR)
    assert night.outcome(NOW + 2 * HOUR) == REFUSED


def test_in_a_long_incident_a_cart_is_accepted_for_three_days_after_its_expiry(night: Night) -> None:
    night.switch(Mode.ACTIVE).at(NOW + 80 * HOUR)
    assert night.outcome(NOW + 8 * HOUR) == ACCEPTED
    assert night.outcome(NOW + 8 * HOUR - 2 * MINUTE) == REFUSED


@pytest.mark.parametrize(("hours", "outcome"), [(0, REFUSED), (1, REFUSED), (4, ACCEPTED)])
def test_a_setting_says_for_how_long(hours: int, outcome: str) -> None:
    night = Night(grace=hours).switch(Mode.ACTIVE).at(NOW + 4 * HOUR)
    assert night.outcome(NOW + HOUR) == outcome


def test_what_else_is_wrong_with_an_expired_cart_is_refused_as_ever(night: Night) -> None:
    night.switch(Mode.ACTIVE).at(NOW + 12 * HOUR)
    hour = (NOW + HOUR).timestamp()
    for claims, code in (
        ({"iss": "another-shop"}, "cart_foreign"),
        ({"totals": {"goods": 1, "discount": 0, "tax": 0, "total": 1}}, "totals_do_not_add_up"),
    ):
        with pytest.raises(Invalid) as refused:
            read_cart(night.container, signed(a_cart(exp=hour, **claims)))
        assert refused.value.code == code


def away() -> None:
    raise TryAgain("away")


def test_while_the_ledger_is_away_the_mode_that_this_machine_knew_last_counts(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownMode(ModeState(Mode.ACTIVE, NOW, "Omar", "The shop is away"), NOW + HOUR)
    night.at(NOW + 2 * HOUR)
    monkeypatch.setattr(night.container.modes, "read", away)
    night.container.last_mode = deps(read=lambda: known)
    assert night.outcome(NOW + HOUR) == ACCEPTED


@pytest.mark.parametrize(
    ("grace", "claims", "code"),
    [(72, {"iss": "another-shop"}, "cart_foreign"), (0, {}, "cart_expired")],
    ids=["of another shop", "without a time of grace"],
)
def test_what_no_incident_excuses_is_refused_without_asking_the_ledger(
    monkeypatch: pytest.MonkeyPatch, grace: int, claims: dict[str, str], code: str
) -> None:
    night = Night(grace).at(NOW + 2 * HOUR)
    monkeypatch.setattr(night.container.modes, "read", away)
    with pytest.raises(Invalid) as refused:
        read_cart(night.container, signed(a_cart(exp=(NOW + HOUR).timestamp(), **claims)))
    assert refused.value.code == code


def test_a_pushed_cart_is_accepted_in_the_same_way(night: Night) -> None:
    kept = push_cart(night.container, "basket-17", signed(a_cart(exp=(NOW + HOUR).timestamp())))
    night.switch(Mode.ACTIVE).at(NOW + 12 * HOUR)
    assert read_cart(night.container, str(kept.short)).expired


def test_a_valid_cart_is_read_without_asking_the_ledger(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.switch(Mode.ACTIVE)
    for port in (night.container.incidents, night.container.modes, night.container.pushed_carts):
        for name in {"last", "read", "shop_failing_since", "find"} & set(dir(port)):
            monkeypatch.setattr(port, name, lambda *_: away())
    assert night.outcome(NOW + HOUR) == "accepted"
    with pytest.raises(TryAgain):
        night.outcome(NOW - HOUR)
