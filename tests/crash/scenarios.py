"""Every step that an order is made of, with its recorded points: what the tests kill processes at.

A new call to the outside makes the lists here wrong, and the tests say so: write it down, and it is died at, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import requests
from msgspec.structs import replace

from fallback.domain.order.lifecycle import Headline
from tests.builders import wanted
from tests.crash.world import ASKS_BANK, DECLINED, VISA, World

BY_PEOPLE = frozenset(
    {"place_order", "give_card", "cancel_order", "change_order", "take_back_change", "return_from_bank", "grant_refund"}
)

AUTHORIZE, RECONCILE, WITHDRAW, RELEASE = "authorize_payment", "reconcile_order", "withdraw_order", "void_payment"
FOLLOW, REFUND, NOTIFY, UNDO_LATE = "follow_payment", "refund_payment", "send_notice", "undo_late"
KEEP_PROMISE = "keep_promise"


MOVES = [
    "change_order",
    {"shipping_address": {"line1": "2 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"}},
]


LEAVES_ONE_OUT = ["change_order", {"quantities": [1]}]


class Case(NamedTuple):
    """An order to which `step` (its name, and what else it takes) is about to be made."""

    ref: str
    step: list[Any]


class Scenario(NamedTuple):
    """`case` makes an order and leads it to the step; `calls` are the recorded points of the step."""

    name: str
    case: Callable[[World], Case]
    calls: tuple[str, ...]
    end: Headline

    def moments(self) -> Iterator[str]:
        for point, call in enumerate(self.calls, start=1):
            yield f"{point}: before {call}"
            yield f"{point}: after {call}"

    def gaps(self) -> Iterator[str]:
        """Where somebody else may die: between two points it is one moment, not two."""
        yield from (moment for moment in self.moments() if "before" in moment)
        yield f"{len(self.calls)}: after {self.calls[-1]}"


GIVES_A_PART_BACK = ["grant_refund", 1_000, 3_093]


# --- how an order comes to its step


def bought(world: World, *steps: str, **purchase: Any) -> str:
    return world.make(world.purchase(**purchase), *([step] for step in steps)).ref


def died(world: World, ref: str, step: str, at: str) -> str:
    """Somebody died in an earlier step."""
    assert world.make([step], ref=ref, at=f"{step} {at}").killed
    return ref


def an_error_is_kept(world: World, ref: str) -> str:
    """Stripe has made the intent, and says 500 to its key for ever."""
    fault = {"kind": "error_after", "method": "POST", "path": "/v1/payment_intents"}
    requests.post(f"{world.stripe}/_sandbox/faults", json=fault, timeout=10).raise_for_status()
    return world.make([AUTHORIZE], ref=ref).ref


def asked_to_cancel(world: World, ref: str) -> str:
    return world.make(["cancel_order"], ref=ref).ref


def with_rival(world: World, ref: str) -> str:
    """The shop took an order for the same cart by itself."""
    world.shop.shop.put(replace(wanted(world.order(ref)), ref=None))
    return ref


def with_unpaid_rival(world: World, ref: str) -> str:
    """The shop took an order for the same cart by itself, which waits for its payment."""
    shop = world.shop.shop
    there, _ = shop.put(replace(wanted(world.order(ref)), ref=None))
    shop.keep(replace(there, paid=False))
    return ref


def verified(world: World) -> str:
    return died(world, bought(world, AUTHORIZE), RECONCILE, "7: before ledger.commit")


def settled(world: World) -> str:
    return bought(world, AUTHORIZE, RECONCILE)


def placing(world: World) -> str:
    return died(world, bought(world, AUTHORIZE), RECONCILE, "3: after primary.place")


def merged(world: World) -> str:
    ref = with_rival(world, bought(world, AUTHORIZE))
    return world.make([RECONCILE], ref=ref).ref


def given_up_after_it_was_sent(world: World) -> str:
    """The shop had none left of it; what was sent may come there again all the same."""
    ref = bought(world, AUTHORIZE)
    world.shop.shop.stock |= {line.sku: 0 for line in world.order(ref).lines}
    return asked_to_cancel(world, world.make([RECONCILE], ref=ref).ref)


def refunding(world: World) -> str:
    ref = asked_to_cancel(world, bought(world, AUTHORIZE, RECONCILE))
    return world.make([WITHDRAW], ref=ref).ref


def a_part_is_granted(world: World) -> str:
    return world.make(GIVES_A_PART_BACK, ref=bought(world, AUTHORIZE, RECONCILE)).ref


def a_refund_is_asked_for(world: World) -> str:
    """It is more than the agent may give; a lead decides. The customer's own mails are out."""
    world.has_a_lead()
    ref = world.make([NOTIFY], [NOTIFY], ref=settled(world)).ref
    return world.make(["grant_refund", 2_000, 3_093, "goodwill", "waited"], ref=ref).ref


def costs_less_there(world: World) -> str:
    return world.make(LEAVES_ONE_OUT, ["amend_order"], ref=settled(world)).ref


def refused_there(world: World) -> str:
    """The goods had left when the change came to the shop."""
    ref = world.make(MOVES, ref=settled(world)).ref
    world.shop.shop.keep(replace(world.shop.shop.ours(ref), status="shipped"))
    return world.make(["amend_order"], ref=ref).ref


def taken_back(world: World) -> str:
    return world.make(["take_back_change"], ref=refused_there(world)).ref


def told_of_the_rest(world: World, ref: str) -> str:
    """The mails of before the change went out."""
    return world.make([NOTIFY], [NOTIFY], ref=ref).ref


def at_their_bank(world: World) -> str:
    ref = bought(world, AUTHORIZE, card=ASKS_BANK)
    world.answers_their_bank(ref)
    return ref


def a_purchase(world: World) -> Case:
    return Case("", world.purchase())


def gives_a_card(world: World) -> Case:
    return Case(bought(world, card=None), ["give_card", world.card(VISA)])


def gave_a_second_card(world: World) -> str:
    ref = bought(world, AUTHORIZE, card=DECLINED)
    return world.make(["give_card", world.card(VISA)], ref=ref).ref


def of(step: str, lead: Callable[[World], str]) -> Callable[[World], Case]:
    return lambda world: Case(lead(world), [step])


# --- all of them

COMMIT = "ledger.commit"
TELLING = ("mailer.deliver", "mailer.handing_over", COMMIT, COMMIT)
TELLING_A_LEAD = ("mailer.tell", *TELLING[1:])
H = Headline

SCENARIOS = (
    Scenario("a customer buys", a_purchase, ("ledger.accept",), H.SETTLED),
    Scenario("the customer pays later", gives_a_card, (COMMIT,), H.SETTLED),
    Scenario(
        "the payment is authorized",
        of(AUTHORIZE, bought),
        (COMMIT, "gateway.create", COMMIT, COMMIT, "gateway.confirm", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "a second card is authorized",
        of(AUTHORIZE, gave_a_second_card),
        (COMMIT, "gateway.confirm", COMMIT),
        H.SETTLED,
    ),
    Scenario("the customer comes back from their bank", of("return_from_bank", at_their_bank), (COMMIT,), H.SETTLED),
    Scenario(
        "what the customer told their bank is looked up",
        of(FOLLOW, lambda world: world.make(["return_from_bank"], ref=at_their_bank(world)).ref),
        ("gateway.retrieve", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "an intent that somebody died over is asked for again",
        of(FOLLOW, lambda world: died(world, bought(world), AUTHORIZE, "2: after gateway.create")),
        (COMMIT, "gateway.create", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "an intent is looked for when an error is kept under its key",
        of(FOLLOW, lambda world: an_error_is_kept(world, bought(world))),
        ("gateway.find", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "an authorization that somebody died over is found",
        of(FOLLOW, lambda world: died(world, bought(world), AUTHORIZE, "5: after gateway.confirm")),
        ("gateway.retrieve", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "the order is handed to the shop",
        of(RECONCILE, lambda world: bought(world, AUTHORIZE)),
        ("primary.rivals", COMMIT, "primary.place", COMMIT, "primary.read", COMMIT, COMMIT, "gateway.capture", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "an order that somebody died over is found in the shop",
        of(RECONCILE, placing),
        ("primary.find", COMMIT, "primary.read", COMMIT, COMMIT, "gateway.capture", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "a capture that somebody died over is found",
        of(FOLLOW, lambda world: died(world, bought(world, AUTHORIZE), RECONCILE, "8: after gateway.capture")),
        ("gateway.retrieve", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "a rival is found in the shop",
        of(RECONCILE, lambda world: with_rival(world, bought(world, AUTHORIZE))),
        ("primary.rivals", COMMIT),
        H.MERGED,
    ),
    Scenario(
        "an unpaid rival is found in the shop",
        of(RECONCILE, lambda world: with_unpaid_rival(world, bought(world, AUTHORIZE))),
        (
            *("primary.rivals", "primary.cancel_unpaid", COMMIT, COMMIT, "primary.place", COMMIT),
            *("primary.read", COMMIT, COMMIT, "gateway.capture", COMMIT),
        ),
        H.SETTLED,
    ),
    Scenario("a merged order lets its money go", of(RELEASE, merged), (COMMIT, "gateway.void", COMMIT), H.MERGED),
    Scenario("the customer cancels what the shop has", of("cancel_order", verified), (COMMIT,), H.CANCELLED),
    Scenario(
        "an order is withdrawn from the shop",
        of(WITHDRAW, lambda world: asked_to_cancel(world, verified(world))),
        ("primary.cancel", COMMIT),
        H.CANCELLED,
    ),
    Scenario(
        "an order that somebody died over is withdrawn from the shop",
        of(WITHDRAW, lambda world: asked_to_cancel(world, placing(world))),
        ("primary.find", COMMIT, "primary.cancel", COMMIT),
        H.CANCELLED,
    ),
    Scenario(
        "an order that was given up after it was sent is cancelled in the shop",
        of(UNDO_LATE, given_up_after_it_was_sent),
        ("primary.find", "primary.cancel", COMMIT),
        H.CANCELLED,
    ),
    Scenario("the customer changes what the shop has", lambda world: Case(settled(world), MOVES), (COMMIT,), H.SETTLED),
    Scenario(
        "a change reaches the shop",
        of("amend_order", lambda world: world.make(MOVES, ref=settled(world)).ref),
        (COMMIT, "primary.amend", "primary.read", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "a change that costs less reaches the shop",
        of("amend_order", lambda world: world.make(LEAVES_ONE_OUT, ref=settled(world)).ref),
        (COMMIT, "primary.amend", "primary.read", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "the difference is given back", of(REFUND, costs_less_there), (COMMIT, "gateway.refund", COMMIT), H.SETTLED
    ),
    Scenario(
        "a difference that somebody died over is found",
        of(FOLLOW, lambda world: died(world, costs_less_there(world), REFUND, "2: after gateway.refund")),
        ("gateway.retrieve", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "the customer is told that their change is done",
        of(NOTIFY, lambda world: told_of_the_rest(world, costs_less_there(world))),
        TELLING,
        H.SETTLED,
    ),
    Scenario(
        "a change that the shop refused is taken back", of("take_back_change", refused_there), (COMMIT,), H.SETTLED
    ),
    Scenario(
        "what the shop has instead is looked at",
        of("amend_order", taken_back),
        (COMMIT, "primary.read", COMMIT),
        H.SETTLED,
    ),
    Scenario(
        "the customer is told that their change could not be made",
        of(NOTIFY, lambda world: told_of_the_rest(world, world.make(["amend_order"], ref=taken_back(world)).ref)),
        TELLING,
        H.SETTLED,
    ),
    Scenario("the money is given back", of(RELEASE, refunding), (COMMIT, "gateway.refund", COMMIT), H.REFUNDED),
    Scenario(
        "a refund that somebody died over is found",
        of(FOLLOW, lambda world: died(world, refunding(world), RELEASE, "2: after gateway.refund")),
        ("gateway.retrieve", COMMIT),
        H.REFUNDED,
    ),
    Scenario(
        "an agent gives a part back",
        lambda world: Case(bought(world, AUTHORIZE, RECONCILE), GIVES_A_PART_BACK),
        (COMMIT,),
        H.SETTLED,
    ),
    Scenario("a part is given back", of(REFUND, a_part_is_granted), (COMMIT, "gateway.refund", COMMIT), H.SETTLED),
    Scenario(
        "a part that somebody died over is found",
        of(FOLLOW, lambda world: died(world, a_part_is_granted(world), REFUND, "2: after gateway.refund")),
        ("gateway.retrieve", COMMIT),
        H.SETTLED,
    ),
    Scenario("the customer is told", of(NOTIFY, bought), TELLING, H.SETTLED),
    Scenario("a lead is given a refund to decide", of(KEEP_PROMISE, a_refund_is_asked_for), (COMMIT,), H.SETTLED),
    Scenario(
        "a lead is told of a refund to decide",
        of(NOTIFY, lambda world: world.make([KEEP_PROMISE], ref=a_refund_is_asked_for(world)).ref),
        TELLING_A_LEAD,
        H.SETTLED,
    ),
)
