"""The report on an incident, for people and as a spreadsheet."""

from __future__ import annotations

from datetime import timedelta
from textwrap import dedent

from msgspec.structs import replace

from fallback.domain.incident.balance import Count, Difference, DifferenceCode, Side, Sum
from fallback.domain.incident.incident import Entry, Incident, IncidentEvent
from fallback.domain.incident.incident_report import as_csv, as_markdown, money
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, PaymentState, PlacementState
from fallback.domain.outage.mode import Mode
from tests.builders import NOW, a_hold, a_payment, an_order

INCIDENT = Incident(
    id="2026-11-21-100000",
    reason="The payment page is down",
    began=NOW,
    after=0,
    followed=NOW,
    ended=NOW + timedelta(hours=2, minutes=3, microseconds=5),
    timeline=(
        Entry(NOW, IncidentEvent.SWITCHED, "Omar", mode=Mode.ACTIVE),
        Entry(NOW, IncidentEvent.NOTED, "Ada", "Called\nthe shop"),
        Entry(NOW, IncidentEvent.QUIET, "fallback"),
    ),
)


def a_count() -> object:
    goodwill = Grant(
        id=1, kind=GrantKind.GOODWILL, amount=500, reason="waited", who="Ann", at=NOW, incident=INCIDENT.id,
        state=GrantState.GRANTED,
    )  # fmt: skip
    dispute = Concern("du_1", ConcernKind.DISPUTE, ConcernState.OPEN, NOW, amount=2000)
    lost = replace(dispute, id="du_2", state=ConcernState.UPHELD)
    paid = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
    metrics = Count(INCIDENT.id, frozenset({"the desk"}))
    for number, order in enumerate(
        (
            an_order(**paid, grants=(goodwill,), concerns=(dispute, lost)),
            an_order(**paid, currency="JPY"),
            an_order(payment=a_payment(PaymentState.VOIDED), placement=PlacementState.CANCELLED),
            an_order(payment=a_payment(PaymentState.VOIDED), placement=PlacementState.MERGED),
            an_order(payment=a_payment(PaymentState.VOIDED), placement=PlacementState.MERGED),
            an_order(payment=a_payment(PaymentState.REFUNDED), placement=PlacementState.CANCELLED),
            an_order(holds=(a_hold(HoldCode.MISMATCH),)),
            an_order(),
        )
    ):
        seconds = timedelta(seconds=10 * number)
        metrics.add(order, [Event(order.received_at + seconds, "notice_sent", "worker")] if number < 2 else [])
    differences = (
        Difference(Side.PROVIDER, DifferenceCode.TWICE, "FB-1", "pi_1, pi_2"),
        Difference(Side.LEDGER, DifferenceCode.LOST),
    )
    return metrics.balance(NOW + timedelta(hours=3), 8, differences, {Side.SHOP: "away"})


def test_people_read_what_was_saved_what_it_cost_and_what_happened() -> None:
    assert as_markdown(INCIDENT, a_count()) == dedent("""\
        # Incident 2026-11-21-100000

        The payment page is down

        - From 2026-11-21 10:00 UTC to 2026-11-21 12:03 UTC
        - Duration: 2:03:00 (hours:minutes:seconds)
        - People: Omar, Ada

        ## Result and cost

        Counted at 2026-11-21 13:00 UTC.

        - 8 orders taken, over 216.51 EUR, 3093 JPY
        - 2 of them settled: 30.93 EUR, 3093 JPY
        - Refunded: 30.93 EUR; goodwill among the grants: 5.00 EUR
        - Disputed or under review: 1 orders, 30.93 EUR
        - Lost to disputes: 1 orders, 20.00 EUR
        - Cancelled before any money was captured: 3 orders
        - First message to the customer: within 5 s for half of them, within 9 s for nine of ten

        | outcome | orders | money |
        |---|---:|---:|
        | settled | 2 | 30.93 EUR, 3093 JPY |
        | merged with an order in the shop | 2 | 61.86 EUR |
        | cancelled before it was paid | 1 | 30.93 EUR |
        | cancelled and refunded | 1 | 30.93 EUR |
        | held by a named person | 0 | 0 |
        | on hold without a named owner | 1 | 30.93 EUR |
        | in progress | 1 | 30.93 EUR |
        | **captured** | 8 | 216.51 EUR, 3093 JPY |

        Differences: 2
        - FB-1: stripe twice pi_1, pi_2
        - -: ledger lost
        - The shop did not answer: away

        ## Timeline

        - 2026-11-21 10:00:00 Omar: switched to active
        - 2026-11-21 10:00:00 Ada: noted: Called the shop
        - 2026-11-21 10:00:00 fallback: the shop no longer failed customers
        """)


def test_one_that_lasts_and_was_not_counted_says_so() -> None:
    lasts = replace(INCIDENT, ended=None, timeline=())
    assert as_markdown(lasts, None) == dedent("""\
        # Incident 2026-11-21-100000

        The payment page is down

        - From 2026-11-21 10:00 UTC to now: it lasts
        - People: nobody

        Not counted yet.
        """)


def test_standby_has_a_title_and_whole_seconds_are_whole() -> None:
    standby = replace(INCIDENT, id="standby", ended=NOW + timedelta(hours=1))
    head = as_markdown(standby, None).splitlines()
    assert (head[0], head[5]) == ("# Standby", "- Duration: 1:00:00 (hours:minutes:seconds)")


def test_the_report_shows_missing_times_as_unknown_and_missing_money_as_zero() -> None:
    empty = Count(INCIDENT.id, frozenset()).balance(NOW, 0, (), {})
    assert "within unknown for half of them, within unknown for nine" in as_markdown(INCIDENT, empty)
    assert (money({}), money({"USD": 5, "EUR": 1299})) == ("0", "12.99 EUR, 0.05 USD")


def test_a_spreadsheet_has_a_line_for_each_fate_and_currency() -> None:
    begins = "2026-11-21-100000,2026-11-21T13:00:00+00:00,"
    assert as_csv(a_count()).splitlines() == [
        "incident,counted_at,what,currency,orders,amount",
        *(
            begins + line
            for line in (
                "captured,EUR,8,21651",
                "captured,JPY,8,3093",
                "settled,EUR,2,3093",
                "settled,JPY,2,3093",
                "merged,EUR,2,6186",
                "cancelled,EUR,1,3093",
                "refunded,EUR,1,3093",
                "held,,0,0",
                "unnamed,EUR,1,3093",
                "under_way,EUR,1,3093",
                "taken,EUR,,6186",
                "taken,JPY,,3093",
                "given_back,EUR,,3093",
                "goodwill,EUR,,500",
                "doubted,EUR,,3093",
                "lost,EUR,,2000",
            )
        ),
    ]


def test_what_was_placed_at_agreed_prices_is_counted_by_how_much_it_differs() -> None:
    count = Count(INCIDENT.id, frozenset())
    for honoured in (199, 1, -30, 0):
        order = an_order()
        count.add(replace(order, placement=replace(order.placement, honoured=honoured)), [])
    balance = count.balance(NOW, 4, (), {})

    report = as_markdown(INCIDENT, balance)
    assert "- Placed below the shop's prices of the day: 2 orders, 2.00 EUR\n" in report
    assert "- Placed above the shop's prices of the day: 1 orders, 0.30 EUR\n" in report
    assert "below_price,EUR,,200" in as_csv(balance)
    assert "above_price,EUR,,30" in as_csv(balance)


def test_what_could_not_be_read_is_missing_and_said_so() -> None:
    sheet = replace(a_count(), accepted=10)
    counted = "Counted at 2026-11-21 13:00 UTC. 2 orders could not be read and are missing here."
    assert f"{counted} 'fallback ledger verify' names them." in as_markdown(INCIDENT, sheet).splitlines()
    assert "2026-11-21-100000,2026-11-21T13:00:00+00:00,unread,,2," in as_csv(sheet).splitlines()


def test_what_may_be_late_is_not_paid_or_was_refused_is_told() -> None:
    sheet = replace(a_count(), late=Sum(2, {"EUR": 6186}), not_authorized={"EUR": 3093}, refused={"sold_out": 4})
    told = as_markdown(INCIDENT, sheet).splitlines()
    assert "- May be late, since stock may not suffice: 2 orders, 61.86 EUR" in told
    assert "- Not authorized yet: 30.93 EUR" in told
    assert "- Requests refused as sold_out: 4" in told
