"""Every `code` of a problem: its status, and what it means to a developer. /docs lists them."""

from __future__ import annotations

from typing import NamedTuple

from fallback.domain.payment.charging import SumLimit


class ProblemCode(NamedTuple):
    status: int
    meaning: str


CODES = {
    "invalid": ProblemCode(400, "The body is not as described; `field` names the place."),
    "card_number": ProblemCode(400, "A text looks like a card number. Card details go to the payment form only."),
    "cart_forged": ProblemCode(400, "The cart token was not signed with a key of this shop."),
    "cart_unreadable": ProblemCode(400, "The cart token is signed, but is not a cart in the agreed form."),
    "cart_foreign": ProblemCode(400, "The cart token is of another shop or for another audience."),
    "cart_expired": ProblemCode(400, "The prices in the cart are no longer valid. Ask the shop for a new cart token."),
    "totals_do_not_add_up": ProblemCode(400, "The totals in the cart are not what its lines add up to."),
    SumLimit.TOO_SMALL: ProblemCode(
        400, "Too little for a card; `detail` names the least that can be charged, and what to do."
    ),
    SumLimit.TOO_LARGE: ProblemCode(
        400, "Too much for a card; `detail` names the most that can be charged, and what to do."
    ),
    SumLimit.NOT_EXACT: ProblemCode(
        400, "No card can be charged this sum exactly; `detail` names the nearest that can be."
    ),
    "unknown_delivery": ProblemCode(400, "The cart does not offer this delivery."),
    "unknown_slot": ProblemCode(400, "The cart does not offer this delivery time, or one has to be chosen."),
    "too_many_addresses": ProblemCode(
        400, "The e-mail address of this order was changed too often: a person has to do it."
    ),
    "priced_by_the_shop": ProblemCode(
        400, "Discounts or tax depend on the goods: only the shop knows what fewer would cost."
    ),
    "other_lines": ProblemCode(400, "`quantities` needs one figure for each line of the order."),
    "more_than_ordered": ProblemCode(400, "More pieces than were ordered can only be bought in the shop."),
    "nothing_left": ProblemCode(400, "Nothing that costs anything would be left of the order: cancel it instead."),
    "costs_more": ProblemCode(
        400, "The shop has the order already: choose what costs no more, or undo it and start again."
    ),
    "given_back": ProblemCode(400, "Most of the price was given back already, and a person has to look at it."),
    "too_many_cards": ProblemCode(400, "Too many cards were tried for this order. It can be paid later."),
    "empty": ProblemCode(400, "Something has to be written here."),
    "too_long": ProblemCode(400, "What was written is too long; `detail` says how long it may be."),
    "idempotency_key_missing": ProblemCode(400, "POST /v1/orders needs an Idempotency-Key header."),
    "idempotency_key_invalid": ProblemCode(
        400, "There are two Idempotency-Key headers, or it is too long, empty, or not printable ASCII."
    ),
    "bad_signature": ProblemCode(400, "The webhook was not signed by Stripe, or not in the last five minutes."),
    "malformed": ProblemCode(400, "The webhook is not an event as Stripe documents it."),
    "body_cut_short": ProblemCode(
        400, "The body broke off before its end (RFC 9112, 8); nothing was taken. Send it again."
    ),
    "bad_request": ProblemCode(400, "The request cannot be understood, or is for another host."),
    "sign_in_needed": ProblemCode(401, "Only who is signed in to the console may do this."),
    "token_needed": ProblemCode(401, "A bearer token is needed, and it has to be the right one."),
    "cross_site": ProblemCode(403, "A form of the console came from a page of another site, or from no page."),
    "not_permitted": ProblemCode(403, "The role in the console does not allow this."),
    "unknown_order": ProblemCode(404, "There is no such order, or the key of its link is missing."),
    "draft_gone": ProblemCode(404, "The form that this link is for was sent, or erased after a day."),
    "not_captured": ProblemCode(404, "No order was captured for this cart, or it was undone."),
    "not_found": ProblemCode(404, "There is nothing at this address."),
    "method_not_allowed": ProblemCode(405, "The address does not know this method; `Allow` names those that it knows."),
    "request_timeout": ProblemCode(408, "The body took too long to come. Send it again."),
    "cart_already_captured": ProblemCode(
        409, "The cart was ordered before; `ref` and `status_url` lead to that order."
    ),
    "not_possible_now": ProblemCode(409, "What has happened to the order in the meantime does not allow it."),
    "card_under_way": ProblemCode(
        409, "Another card is being tried. Look at the order again: send one if it asks for one."
    ),
    "already_paid": ProblemCode(409, "The order is paid: no other card is needed."),
    "nothing_to_pay": ProblemCode(409, "The order costs nothing: no card is needed."),
    "order_given_up": ProblemCode(409, "The order was undone or merged: nothing has to be paid for it."),
    "changed_meanwhile": ProblemCode(409, "The order was changed at the same moment. Read it again and decide again."),
    "precondition_failed": ProblemCode(412, "It is no longer at the ETag in If-Match. Look again, and decide again."),
    "request_entity_too_large": ProblemCode(413, "The body is larger than an order can be."),
    "unsupported_media_type": ProblemCode(415, "Bodies are application/json."),
    "idempotency_key_reused": ProblemCode(
        422, "The Idempotency-Key came before with another body or card. Take a new one."
    ),
    "if_match_missing": ProblemCode(428, "A change needs If-Match with the ETag of the order that was seen."),
    "too_much_done": ProblemCode(
        409, "Hundreds of changes were made to this order: a person has to make the next one."
    ),
    "too_many_requests": ProblemCode(429, "Too many requests from one address; `Retry-After` says how long to wait."),
    "internal_server_error": ProblemCode(500, "A mistake of ours. Send the same request again: nothing is done twice."),
    "try_again": ProblemCode(
        503, "It cannot be kept safely right now. Send the same request again after `Retry-After`."
    ),
}
