"""Nights as the machine sees them: a trace each, and the switches that it makes of it.

A night is told by three functions of the second: what our look finds, how many customers the proxy sends because the
primary failed them, and how many orders wait. The clock looks each two seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from fallback.domain.outage.failover import Customers, Evidence, Failover, Probe, Rules, Why, add, advise, decide
from fallback.domain.outage.mode import AT_FIRST, Decider, Mode, ModeState
from tests.builders import NOW

EVERY = 2
MINUTE = 60
HOUR = 60 * MINUTE
STANDBY, ACTIVE, DRAINING = Mode.STANDBY, Mode.ACTIVE, Mode.DRAINING


def well(_: int = 0) -> Probe:
    return Probe(NOW, page=True, health=True)


def down(_: int = 0) -> Probe:
    return Probe(NOW, page=False, elsewhere=True)


def own_network_away(_: int = 0) -> Probe:
    return Probe(NOW, page=False, elsewhere=False)


def contract_broken(_: int = 0) -> Probe:
    return Probe(NOW, page=True, health=False)


def none(_: int) -> int:
    return 0


def between(first: int, last: int, what: Callable[[int], Probe] = down) -> Callable[[int], Probe]:
    return lambda second: what(second) if first <= second < last else well()


@dataclass
class Night:
    """`customers`: new ones whom the primary failed in that second. `held`: orders that wait to be handed over."""

    look: Callable[[int], Probe] = well
    customers: Callable[[int], int] = none
    held: Callable[[int], int] = none
    failover: Failover = Failover.AUTOMATIC
    begins: ModeState = AT_FIRST
    stripe: bool | None = None
    log: list[ModeState] = field(default_factory=list)
    why: Why = Why.WELL

    def goes_on(self, seconds: int) -> list[tuple[Mode, int]]:
        """The machine's switches, each with the second in which it was made."""
        self.log = [self.begins]
        evidence, rules, sent = Evidence(), Rules(), [self.customers(second) for second in range(seconds)]
        for second in range(0, seconds, EVERY):
            now = NOW + timedelta(seconds=second)
            seen = self.look(second)
            look = Probe(now, seen.page, seen.health, seen.elsewhere)
            heads = sum(sent[max(0, second - MINUTE) : second + 1])
            evidence = add(evidence, look, Customers(heads, heads), self.stripe, self.held(second), rules)
            advice = advise(self.log[0].mode, self.log, evidence, rules, now)
            self.why = advice.why
            switched = decide(self.log[0], advice, self.failover, now)
            if switched:
                self.log.insert(0, switched)
        return [(state.mode, int((state.since - NOW).total_seconds())) for state in self.log[-2::-1]]


def a_person(mode: Mode, hours: float | None = 1) -> ModeState:
    until = NOW + timedelta(hours=hours) if hours else None
    return ModeState(mode, NOW - timedelta(minutes=1), "Ana", "I know better", Decider.PERSON, until)


# --- going to active


def test_a_healthy_shop_causes_no_switch() -> None:
    assert Night().goes_on(4 * HOUR) == []


def test_a_short_blip_passes_without_a_switch() -> None:
    assert Night(look=between(100, 106)).goes_on(10 * MINUTE) == []


def test_a_restart_that_one_customer_meets_passes_without_a_switch() -> None:
    met = lambda second: int(second == 101)  # noqa: E731
    assert Night(look=between(100, 104), customers=met).goes_on(10 * MINUTE) == []


def test_a_shop_that_is_dead_is_left_within_eight_seconds_without_any_customer() -> None:
    assert Night(look=between(100, HOUR)).goes_on(5 * MINUTE) == [(ACTIVE, 106)]


def test_one_customer_and_our_own_looks_prove_a_death_sooner() -> None:
    one_a_minute = lambda second: int(second >= 100 and second % MINUTE == 43)  # noqa: E731
    assert Night(look=between(100, HOUR), customers=one_a_minute).goes_on(5 * MINUTE) == [(ACTIVE, 104)]


def test_many_customers_prove_an_outage_that_we_do_not_see() -> None:
    """The front page comes from a cache, and nobody can pay."""
    night = Night(customers=lambda second: 3 if second >= 100 else 0)
    assert night.goes_on(2 * MINUTE) == [(ACTIVE, 102)]
    assert night.why is Why.CUSTOMERS


def test_half_of_the_requests_of_a_small_shop_are_seen_by_our_looks() -> None:
    night = Night(look=lambda second: down() if second >= 100 and second % 4 == 0 else well())
    assert night.goes_on(5 * MINUTE) == [(ACTIVE, 124)]
    assert night.log[0].reason == "Health checks that failed, of the last 20: 7."


def test_a_brown_out_is_left_when_a_third_of_our_looks_fail_and_not_before() -> None:
    one_in = lambda number: lambda second: down() if second % (EVERY * number) == 0 else well()  # noqa: E731
    assert Night(look=one_in(5)).goes_on(HOUR) == []
    assert Night(look=one_in(2)).goes_on(HOUR) == [(ACTIVE, 38)]


def test_a_slow_death_is_left_while_it_is_under_way() -> None:
    """Ever more looks fail: none at first, all after ten minutes."""

    def dying(second: int) -> Probe:
        return down() if (second * 7) % (10 * MINUTE) < second else well()

    [(mode, at)] = Night(look=dying).goes_on(10 * MINUTE)
    assert mode is ACTIVE
    assert at < 3 * MINUTE


def test_when_our_own_network_is_away_nothing_is_switched() -> None:
    night = Night(look=between(100, HOUR, own_network_away))
    assert night.goes_on(20 * MINUTE) == []
    assert night.why is Why.BLIND


def test_a_customer_proves_that_our_network_is_there_though_stripe_is_down_too() -> None:
    night = Night(look=between(100, HOUR, own_network_away), customers=lambda second: int(second == 110))
    assert night.goes_on(3 * MINUTE) == [(ACTIVE, 110)]


def test_a_broken_contract_alone_does_not_take_the_checkout_from_a_shop_that_sells() -> None:
    night = Night(look=contract_broken)
    assert night.goes_on(20 * MINUTE) == []
    assert night.why is Why.UNHEALTHY


def test_a_shop_that_is_unhealthy_for_less_than_a_minute_causes_no_advice() -> None:
    assert Night(look=contract_broken).goes_on(MINUTE) == []
    night = Night(look=between(100, 158, contract_broken))
    night.goes_on(159)
    assert night.why is Why.WELL


def test_refused_credentials_of_ours_are_no_sign_of_an_outage_and_are_said() -> None:
    night = Night(look=lambda _: Probe(NOW, page=True, health=None))
    assert night.goes_on(20 * MINUTE) == []
    assert night.why is Why.NOT_LET_IN


def test_after_the_clock_was_away_old_looks_prove_nothing() -> None:
    first = add(Evidence(), down(), Customers(), None, 0, Rules())
    late = Probe(NOW + timedelta(minutes=5), page=True, health=True)
    evidence = add(first, late, Customers(), None, 0, Rules())
    assert evidence.looks == (late,)
    assert evidence.good_since == late.at


# --- the way back


def test_after_two_minutes_of_calm_it_drains_and_ends_when_all_is_handed_over() -> None:
    waiting = lambda second: 50 if second < 700 else 0  # noqa: E731
    assert Night(look=between(100, 400), held=waiting).goes_on(30 * MINUTE) == [
        (ACTIVE, 106),
        (DRAINING, 520),
        (STANDBY, 700),
    ]


def test_where_the_way_back_is_proposed_only_a_person_takes_it() -> None:
    night = Night(look=between(100, 400), failover=Failover.SWITCH)
    assert night.goes_on(30 * MINUTE) == [(ACTIVE, 106)]
    assert night.why is Why.CALM


def test_with_advice_only_nothing_is_switched_and_the_advice_stands() -> None:
    night = Night(look=between(100, HOUR), failover=Failover.ADVISE)
    assert night.goes_on(20 * MINUTE) == []
    assert night.why is Why.LOOKS


def test_a_shop_with_a_broken_contract_is_not_drained_to() -> None:
    night = Night(look=lambda second: down() if second < 300 else contract_broken())
    assert night.goes_on(HOUR) == [(ACTIVE, 6)]


def test_while_stripe_is_away_nothing_is_drained() -> None:
    night = Night(look=between(100, 400), stripe=False)
    assert night.goes_on(HOUR) == [(ACTIVE, 106)]
    assert night.why is Why.PROVIDER_AWAY


def test_a_shop_that_dies_again_while_it_drains_is_left_again() -> None:
    twice = lambda second: down() if 100 <= second < 400 or 530 <= second < 600 else well()  # noqa: E731
    assert Night(look=twice, held=lambda _: 9).goes_on(15 * MINUTE) == [
        (ACTIVE, 106),
        (DRAINING, 520),
        (ACTIVE, 536),
        (DRAINING, 840),  # the second time four minutes of calm are asked for
    ]


def test_flapping_does_not_flap_the_mode() -> None:
    """Half a minute up, half a minute down, for four hours."""
    flapping = lambda second: down() if second // 30 % 2 else well()  # noqa: E731
    assert Night(look=flapping).goes_on(4 * HOUR) == [(ACTIVE, 36)]


def test_slow_flapping_costs_fewer_and_fewer_switches() -> None:
    """Five minutes up, one minute down: the calm that is asked for grows beyond what the shop has."""
    flapping = lambda second: down() if second % 360 < 60 else well()  # noqa: E731
    first_hour = Night(look=flapping).goes_on(HOUR)
    assert [mode for mode, _ in first_hour].count(ACTIVE) == 3


# --- people


def test_a_manual_switch_lasts_until_the_time_that_was_given() -> None:
    night = Night(look=down, begins=a_person(STANDBY))
    assert night.goes_on(2 * HOUR) == [(ACTIVE, HOUR)]


def test_a_decision_without_a_time_stands_until_a_person_switches_again() -> None:
    assert Night(begins=a_person(ACTIVE, hours=None)).goes_on(8 * HOUR) == []


def test_a_drain_that_a_person_began_is_not_broken_off_against_them_but_advised_against() -> None:
    night = Night(look=down, begins=a_person(DRAINING), held=lambda _: 9)
    assert night.goes_on(30 * MINUTE) == []
    assert night.why is Why.LOOKS


# --- whatever happens

SPANS = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=600),
        st.sampled_from([well, well, down, own_network_away, contract_broken]),
        st.sampled_from([0, 0, 0, 1, 7]),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=20, deadline=None)
@given(SPANS)
def test_automation_switches_to_active_at_most_six_times_an_hour(
    spans: list[tuple[int, Callable[[int], Probe], int]],
) -> None:
    told = [(look, customers) for length, look, customers in spans for _ in range(length)]
    night = Night(look=lambda second: told[second][0](), customers=lambda second: told[second][1])
    switches = night.goes_on(len(told))
    for _, start in switches:
        within = [mode for mode, at in switches if start <= at < start + HOUR]
        assert within.count(ACTIVE) <= 6
        assert len(within) <= 18
    ways = {(STANDBY, ACTIVE), (ACTIVE, DRAINING), (DRAINING, ACTIVE), (DRAINING, STANDBY)}
    modes = [STANDBY, *(mode for mode, _ in switches)]
    assert set(pairwise(modes)) <= ways
