"""Customers, banks, Stripe, the primary, people and crashes in any sequence: the promises hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fallback.domain.checkout.requests import ChangeOrder, Contact, ShippingAddress
from fallback.domain.errors import FallbackError, Invalid, NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.grants import GrantKind, GrantState
from fallback.domain.order.holds import BOUGHT_THERE, HoldCode
from fallback.domain.order.lifecycle import ENDED, Headline, needs_customer
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import PlacementState, Queue
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.refunds import refundable
from fallback.domain.placement.primary import Duplicates
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.payment.take_goodwill import take_goodwill
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.placement.merge_order import merge_order
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.support.ask_question import ask_question
from tests.fakes.gateway import DECLINED, THREE_D_SECURE, VISA
from tests.usecases.world import TOTAL, Crash, World

CALLS = [
    *(("gateway", call) for call in ("create", "confirm", "retrieve", "find", "capture", "void", "refund")),
    *(("primary", call) for call in ("find", "rivals", "place", "read", "amend", "cancel")),
    ("ledger", "commit"),
]
MEANWHILE = [
    "the customer cancels",
    "the customer gives a card",
    "another worker comes",
    "the caller sleeps",
    "a webhook comes",
    "the customer moves",
    "the customer leaves a book out",
    "the customer takes goodwill",
]
ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))
ONE_BOOK = ChangeOrder(quantities=(1,))
QUESTIONS = {"retrieve", "find", "rivals", "read"}
cards = st.sampled_from([VISA, THREE_D_SECURE, *list(DECLINED)[:3]])


class AnySequence(RuleBasedStateMachine):
    @initialize(card=st.none() | cards, duplicates=st.sampled_from(Duplicates), maybe_taken=st.booleans())
    def a_customer_orders(self, card: str | None, duplicates: Duplicates, maybe_taken: bool) -> None:
        self.world = World(duplicates)
        self.world.a_customer_orders(card, maybe_taken=maybe_taken)
        self.events = 0
        capture = self.world.gateway.capture

        def only_what_was_read_back(intent_id: str, *arguments: object) -> object:
            assert self.world.order.placement.state is PlacementState.VERIFIED
            assert HoldCode.POSSIBLE_RIVAL not in self.world.holds
            return capture(intent_id, *arguments)

        self.world.gateway.capture = only_what_was_read_back

    # --- what the customer does

    @rule(card=cards)
    def the_customer_gives_a_card(self, card: str) -> None:
        self._tries(lambda: self.world.the_customer_gives(card))

    @rule(passes=st.booleans())
    def their_bank_answers(self, passes: bool) -> None:
        for intent in self.world.gateway.intents.values():
            if intent.state is IntentState.NEEDS_CUSTOMER:
                self.world.gateway.authenticate(intent.id, passes)
                return

    @rule()
    def the_customer_comes_back(self) -> None:
        self._tries(self.world.the_customer_comes_back)

    @rule()
    def the_customer_cancels(self) -> None:
        self._tries(self.world.the_customer_cancels)

    @rule()
    def the_customer_asks_for_a_person(self) -> None:
        self._tries(lambda: ask_question(self.world.container, self.world.ref, "Is the lamp in it?", None))

    @rule(name=st.sampled_from(["iris", "murdoch"]))
    def the_customer_is_reached_elsewhere(self, name: str) -> None:
        requested = ChangeOrder(contact=Contact("Iris Murdoch", f"{name}@example.org"))
        self._tries(lambda: self.world.the_customer_changes(requested))

    @rule()
    def the_customer_leaves_a_book_out(self) -> None:
        self._tries(lambda: self.world.the_customer_changes(ONE_BOOK))

    @rule()
    def the_customer_takes_goodwill(self) -> None:
        self._tries(lambda: take_goodwill(self.world.container, self.world.ref))

    @rule()
    def the_customer_wants_their_change_no_more(self) -> None:
        self._tries(lambda: take_back_change(self.world.container, self.world.ref, "customer", self._seen()))

    @rule(answer=st.sampled_from(RivalAnswer))
    def the_customer_says_whether_they_want_both(self, answer: RivalAnswer) -> None:
        self._tries(lambda: answer_rival_question(self.world.container, self.world.ref, answer, "customer"))

    # --- what others do

    @rule(what=st.sampled_from(PaymentNews), again=st.booleans())
    def stripe_says(self, what: str, again: bool) -> None:
        self.events += not again
        if self.world.gateway.intents:
            intent_id = next(iter(self.world.gateway.intents))
            self._tries(lambda: self.world.stripe_says(what, f"evt_{self.events}", intent_id))

    @rule()
    def the_authorization_lapses(self) -> None:
        for intent in self.world.gateway.intents.values():
            if intent.state is IntentState.AUTHORIZED:
                self.world.gateway.lapse(intent.id)
                return

    @precondition(lambda self: self.world.orders_there == 0)
    @rule()
    def the_customer_finds_that_their_first_attempt_went_through(self) -> None:
        if "100077" not in self.world.primary.orders:
            self.world.a_rival()

    @rule()
    def the_customer_bought_nearly_the_same_from_another_cart(self) -> None:
        self.world.primary.placed_at["78"] = self.world.now
        self.world.a_rival(id="78", number="100078", cart_id="basket-2")

    @rule(stock=st.sampled_from([0, 100]))
    def the_stock_changes(self, stock: int) -> None:
        self.world.primary.stock["BK-1"] = stock

    @rule(code=st.sampled_from(HoldCode))
    def a_person_releases(self, code: HoldCode) -> None:
        self._tries(lambda: release_hold(self.world.container, self.world.ref, code, "Ann"))

    @rule(amount=st.sampled_from([1, 50]))
    def an_agent_gives_a_part_back(self, amount: int) -> None:
        self._tries(lambda: self.world.an_agent_gives_back(amount, refundable(self.world.order)))

    @rule(code=st.sampled_from(sorted(BOUGHT_THERE)))
    def an_agent_finds_it_in_the_shop(self, code: HoldCode) -> None:
        merge = partial(merge_order, self.world.container)
        self._tries(lambda: merge(self.world.ref, code, "100077", True, "Ann", self._seen()))

    # --- what breaks

    @rule(where=st.sampled_from(CALLS), how=st.sampled_from(["away", "lost", "spent", "refused"]), after=st.booleans())
    def a_call_fails(self, where: tuple[str, str], how: str, after: bool) -> None:
        side, call = where
        errors: dict[str, FallbackError] = {
            "away": TryAgain("away"),
            "lost": OutcomeUnknown("lost"),
            "spent": OutcomeUnknown("500", key_spent=side == "gateway"),
            "refused": Refused("no"),
        }
        if side == "ledger" or call in QUESTIONS:
            how = "away"
        after_effect = after and how in ("lost", "spent")
        getattr(self.world, side).fail_next(call, errors[how], after_effect)

    @rule(where=st.sampled_from(CALLS), after=st.booleans())
    def somebody_dies(self, where: tuple[str, str], after: bool) -> None:
        side, call = where
        getattr(self.world, side).fail_next(call, Crash(), after)

    @rule(where=st.sampled_from(CALLS), what=st.sampled_from(MEANWHILE), before=st.booleans())
    def something_happens_inside_a_call(self, where: tuple[str, str], what: str, before: bool) -> None:
        world, (side, call) = self.world, where
        happens: dict[str, Callable[[], object]] = {
            "the customer cancels": world.the_customer_cancels,
            "the customer gives a card": lambda: world.the_customer_gives(VISA),
            "another worker comes": lambda: world.time_passes(timedelta()),
            "the caller sleeps": lambda: world.time_passes(timedelta(minutes=5)),
            "a webhook comes": lambda: self.stripe_says(PaymentNews.VOIDED, again=False),
            "the customer moves": lambda: world.the_customer_changes(ELSEWHERE),
            "the customer leaves a book out": lambda: world.the_customer_changes(ONE_BOOK),
            "the customer takes goodwill": lambda: take_goodwill(world.container, world.ref),
        }
        if (side, call) != ("ledger", "commit"):
            # Answers may be late; nobody sends later than PATIENCE after he began, since calls have shorter deadlines.
            before = before and what != "the caller sleeps"
            world.meanwhile(side, call, lambda: self._tries(happens[what]), before)

    @rule(minutes=st.sampled_from([0, 1, 10, 24 * 60]), queue=st.none() | st.sampled_from(Queue))
    def time_passes(self, minutes: int, queue: Queue | None) -> None:
        self._tries(lambda: self.world.time_passes(timedelta(minutes=minutes), *[queue] if queue else []))

    def _seen(self) -> int:
        return len(self.world.ledger.timeline(self.world.ref))

    def _tries(self, action: Callable[[], object]) -> None:
        """It may be refused, it may meet a ledger that is away, and its process may die."""
        try:
            action()
        except Crash:
            self.world.restart()
        except (NotAllowedNow, Invalid, TryAgain):
            return

    # --- what always holds

    @invariant()
    def money_is_taken_once_at_most_and_all_of_it(self) -> None:
        assert self.world.gateway.captures[self.world.ref] <= 1
        agreed = {0, self.world.order.payment.amount, TOTAL}
        assert {intent.captured for intent in self.world.gateway.intents.values()} <= agreed

    @invariant()
    def no_more_goes_back_than_was_granted_unless_it_is_undone(self) -> None:
        granted = sum(grant.amount for grant in self.world.order.grants)
        for intent in self.world.gateway.intents.values():
            assert intent.refunded <= granted or intent.refunded == intent.captured

    @invariant()
    def the_customer_takes_goodwill_once_at_most(self) -> None:
        kinds = [grant.kind for grant in self.world.order.grants]
        assert kinds.count(GrantKind.GOODWILL) <= 1

    @invariant()
    def the_primary_has_the_purchase_once_at_most(self) -> None:
        assert self.world.primary.doubles == []
        assert self.world.orders_there <= 1

    @invariant()
    def no_key_serves_two_purposes(self) -> None:
        assert "idempotency_error" not in {hold.detail for hold in self.world.order.holds}

    @invariant()
    def nobody_forgets_it(self) -> None:
        order = self.world.order
        due = {queue for queue in Queue if self.world.ref in self.world.ledger.due[queue]}
        assert due == set(due_times(order))
        assert due or self.world.headline in ENDED or order.holds or needs_customer(order)

    def teardown(self) -> None:
        """Everything is mended, and people and the customer do their part: then it comes to an end."""
        if not hasattr(self, "world"):
            return
        world = self.world
        for side in (world.gateway, world.primary, world.ledger):
            side._faults.clear()
        world.primary.stock.clear()
        for _ in range(12):
            world.time_passes(timedelta(days=1))
            for hold in world.order.holds:
                release_hold(world.container, world.ref, hold.code, "Ann")
            if needs_customer(world.order):
                with suppress(Invalid):
                    world.the_customer_gives(VISA)
        self._check_the_end(world)

    def _check_the_end(self, world: World) -> None:
        if world.order.payment.cards >= 8 and needs_customer(world.order):
            return  # no card of theirs was good, and the customer may not try more
        assert world.headline in ENDED, (world.headline, world.told)
        assert {grant.state for grant in world.order.grants} <= {GrantState.MADE}
        given = {kind: sum(each.amount for each in world.order.grants if each.kind is kind) for kind in GrantKind}
        costs = world.order.payment.amount - given[GrantKind.GOODWILL] if world.headline is Headline.SETTLED else 0
        # A refund is for goods, which may be those that are left out afterwards (ops/decisions/changed-sums.md).
        for_goods = given[GrantKind.REFUND] if costs else 0
        least, most = costs - for_goods, costs if given[GrantKind.DIFFERENCE] else costs - for_goods
        assert least <= world.captured <= most
        assert world.authorized == 0
        ours = world.primary.orders.get(world.ref)
        assert bool(ours and ours.status != "cancelled") is (world.headline is Headline.SETTLED)


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
