"""What a person reads when something stands in the way: a title, what it means for her, and nothing about machines."""

from __future__ import annotations

from dataclasses import dataclass

from fallback.domain.payment.charging import SumLimit
from fallback.web.http.voice import N_


@dataclass(frozen=True)
class ProblemWords:
    title: str
    text: str


NOTHING_ORDERED = N_("Nothing was ordered and nothing was charged.")

# By the code of a problem, as the API says it too.
PROBLEMS = {
    "cart_missing": ProblemWords(
        N_("Your basket is not here"),
        N_(
            "This page did not get your basket from the shop. Please open the basket there and go to the checkout once "
            "more. If that leads you here again, allow cookies for this shop."
        ),
    ),
    "cart_expired": ProblemWords(
        N_("The prices in your basket have expired"),
        N_("Prices are kept for a day. Please open your basket in the shop again to get today's prices."),
    ),
    "cart_forged": ProblemWords(
        N_("This basket does not come from the shop"),
        N_("Its signature does not match, so we cannot sell it. Please open your basket in the shop again."),
    ),
    "cart_unreadable": ProblemWords(
        N_("This basket cannot be read"),
        N_("It is not complete, so we cannot sell it. Please open your basket in the shop again."),
    ),
    "cart_foreign": ProblemWords(
        N_("This basket belongs to another shop"),
        N_("Please go back to the shop in which you filled it, and open it there."),
    ),
    "totals_do_not_add_up": ProblemWords(
        N_("The prices in your basket do not add up"),
        N_("We do not sell at a price that may be wrong. Please open your basket in the shop again."),
    ),
    SumLimit.TOO_SMALL: ProblemWords(
        N_("This basket costs too little for a card payment"),
        N_("Please add something to it in the shop, and come back."),
    ),
    SumLimit.TOO_LARGE: ProblemWords(
        N_("This basket costs too much for one card payment"),
        N_("Please order it in several parts, or ask the shop."),
    ),
    SumLimit.NOT_EXACT: ProblemWords(
        N_("No card can be charged this sum exactly"),
        N_("The last digit of it has to be 0. Please ask the shop: it has to set the price so."),
    ),
    "unknown_order": ProblemWords(
        N_("There is no order here"),
        N_("The link may not be complete. Please open it once more from our mail, or copy all of it."),
    ),
    "draft_gone": ProblemWords(
        N_("This link is no longer valid"),
        N_("The form was sent, or it was erased after a day. Please open your basket in the shop again."),
    ),
    "not_possible_now": ProblemWords(
        N_("This is not possible any more"),
        N_("Something has happened with the order in the meantime. Please look at where it stands now."),
    ),
    "changed_meanwhile": ProblemWords(
        N_("Somebody else was a moment faster"),
        N_("The order was changed in the same moment. Please look at where it stands now."),
    ),
    "too_many_cards": ProblemWords(
        N_("Too many cards were tried"),
        N_("For your safety this order takes no more cards. It stays in hand, and a person will help you with it."),
    ),
    "too_much_done": ProblemWords(
        N_("This order was changed too often"),
        N_("Nothing more can be changed here. Please ask a person on the order's page, or undo the purchase there."),
    ),
    "try_again": ProblemWords(
        N_("We cannot do this right now"),
        N_("Nothing is lost. Please try again in a moment."),
    ),
    "too_many_requests": ProblemWords(
        N_("That was a little too often"),
        N_("Please wait a minute and try again."),
    ),
    "sign_in_needed": ProblemWords(N_("Please sign in"), N_("Your visit here has ended. Please sign in again.")),
    "cross_site": ProblemWords(
        N_("This did not come from our page"),
        N_("For your safety nothing was done. Please open the console and do it there."),
    ),
    "not_found": ProblemWords(N_("There is no page here"), N_("The address may have a typing error.")),
    "request_entity_too_large": ProblemWords(
        N_("That was too much"), N_("What you sent is larger than an order can be.")
    ),
}
OTHERWISE = ProblemWords(N_("This page cannot be shown"), N_("Please go back and try again."))
CART_PROBLEMS = frozenset({code for code in PROBLEMS if code.startswith("cart_")} | {"totals_do_not_add_up", *SumLimit})
