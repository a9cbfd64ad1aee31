"""Error texts for people: a title, and what it means for the customer, without technical terms."""

from __future__ import annotations

from dataclasses import dataclass

from fallback.domain.payment.charging import SumLimit
from fallback.web.http.voice import N_


@dataclass(frozen=True)
class ProblemWords:
    title: str
    text: str


NOTHING_ORDERED = N_("No order was placed and nothing was charged.")

# By the code of a problem, as the API says it too.
PROBLEMS = {
    "cart_missing": ProblemWords(
        N_("We could not find your basket"),
        N_(
            "The shop did not send us your basket. Please open your basket in the shop and go to the checkout again. "
            "If you see this page again, allow cookies for this shop."
        ),
    ),
    "cart_expired": ProblemWords(
        N_("The prices in your basket have expired"),
        N_("Prices are valid for one day. Please open your basket in the shop again to get today's prices."),
    ),
    "cart_gone": ProblemWords(
        N_("We no longer have this basket"),
        N_("It has changed, or its prices have expired. Please open your basket in the shop again."),
    ),
    "cart_forged": ProblemWords(
        N_("This basket does not come from the shop"),
        N_("Its signature is not valid, so we cannot accept it. Please open your basket in the shop again."),
    ),
    "cart_unreadable": ProblemWords(
        N_("We cannot read this basket"),
        N_("It is incomplete, so we cannot accept it. Please open your basket in the shop again."),
    ),
    "cart_foreign": ProblemWords(
        N_("This basket belongs to another shop"),
        N_("Please go back to the shop where you filled it, and open it there."),
    ),
    "totals_do_not_add_up": ProblemWords(
        N_("The prices in your basket do not add up"),
        N_("We do not accept orders at a price that may be wrong. Please open your basket in the shop again."),
    ),
    SumLimit.TOO_SMALL: ProblemWords(
        N_("The total is too small to pay by card"),
        N_("Please add something to your basket in the shop and come back."),
    ),
    SumLimit.TOO_LARGE: ProblemWords(
        N_("The total is too large for one card payment"),
        N_("Please split it into several orders, or contact the shop."),
    ),
    SumLimit.NOT_EXACT: ProblemWords(
        N_("This exact total cannot be charged to a card"),
        N_("Its last digit must be 0. Please contact the shop, which has to correct the price."),
    ),
    "unknown_order": ProblemWords(
        N_("Order not found"),
        N_("The link may be incomplete. Please open it from our email again, or copy the whole link."),
    ),
    "draft_gone": ProblemWords(
        N_("This link is no longer valid"),
        N_("The order was placed, or the saved form expired after one day. Please open your basket in the shop again."),
    ),
    "not_possible_now": ProblemWords(
        N_("This is no longer possible"),
        N_("The order has changed in the meantime. Please check its current status."),
    ),
    "changed_meanwhile": ProblemWords(
        N_("The order was just changed by someone else"),
        N_("The order was changed at the same moment. Please check its current status."),
    ),
    "too_many_cards": ProblemWords(
        N_("Too many payment attempts"),
        N_("For your security, this order accepts no more cards. We keep your order, and an agent will help you."),
    ),
    "too_much_done": ProblemWords(
        N_("This order was changed too often"),
        N_("You cannot change it here any more. Please ask for help on the order page, or cancel the order there."),
    ),
    "try_again": ProblemWords(
        N_("We cannot do this right now"),
        N_("Nothing is lost. Please try again in a moment."),
    ),
    # Of an order, in the console.
    "unreadable": ProblemWords(
        N_("This order cannot be read"),
        N_(
            "Its record is damaged, encrypted with a missing key, or written by a newer release. Until that is "
            "resolved, nothing happens with the order. Ask whoever is on call. Runbook: orders-damaged."
        ),
    ),
    "too_many_requests": ProblemWords(
        N_("Too many requests"),
        N_("Please wait a minute and try again."),
    ),
    "sign_in_needed": ProblemWords(N_("Please sign in"), N_("Your session has expired. Please sign in again.")),
    "cross_site": ProblemWords(
        N_("This request did not come from our page"),
        N_("For your security, nothing was changed. Please open our page and try again there."),
    ),
    "not_found": ProblemWords(N_("Page not found"), N_("The address may contain a typing error.")),
    "request_entity_too_large": ProblemWords(
        N_("The request is too large"), N_("You sent more data than an order can have.")
    ),
}
OTHERWISE = ProblemWords(N_("This page cannot be shown"), N_("Please go back and try again."))
CART_PROBLEMS = frozenset({code for code in PROBLEMS if code.startswith("cart_")} | {"totals_do_not_add_up", *SumLimit})
