"""Problem codes: the HTTP status of each and its meaning for developers. /docs lists them."""

from __future__ import annotations

from typing import NamedTuple

from fallback.domain.payment.charging import SumLimit


class ProblemCode(NamedTuple):
    status: int
    meaning: str


CODES = {
    "invalid": ProblemCode(400, "The body does not match the schema. `field` names the invalid field."),
    "card_number": ProblemCode(
        400, "A text contains what looks like a card number. Send card details only with the payment form."
    ),
    "cart_forged": ProblemCode(400, "The cart token is not signed with a key of this shop."),
    "cart_unreadable": ProblemCode(400, "The cart token is signed, but its content is not a valid cart."),
    "cart_foreign": ProblemCode(400, "The cart token is from another shop or for another audience."),
    "cart_expired": ProblemCode(400, "The cart token has expired. Request a new one from the shop."),
    "cart_gone": ProblemCode(
        400, "This version of a pushed cart is not kept, or no longer. Push the cart, or send its token."
    ),
    "other_cart": ProblemCode(400, "The cart token is for another cart than the address."),
    "totals_do_not_add_up": ProblemCode(400, "The totals in the cart do not match the sum of its lines."),
    SumLimit.TOO_SMALL: ProblemCode(
        400, "The total is below the minimum for a card payment. `detail` names the minimum and what to do."
    ),
    SumLimit.TOO_LARGE: ProblemCode(
        400, "The total is above the maximum for a card payment. `detail` names the maximum and what to do."
    ),
    SumLimit.NOT_EXACT: ProblemCode(
        400, "A card cannot be charged this exact total. `detail` names the next total that can be charged."
    ),
    "address_missing": ProblemCode(400, "This delivery option needs an address."),
    "no_delivery_there": ProblemCode(400, "The shop does not deliver this cart to this place."),
    "not_delivered_there": ProblemCode(400, "This delivery option does not go to this place."),
    "taxed_elsewhere": ProblemCode(400, "The shop signed the tax of this order for another place."),
    "unknown_delivery": ProblemCode(400, "The cart does not offer this delivery option."),
    "unknown_slot": ProblemCode(
        400, "The cart does not offer this delivery time, or the delivery option requires one."
    ),
    "too_many_addresses": ProblemCode(
        400, "The e-mail address of this order was changed too often. Only an agent can change it now."
    ),
    "priced_by_the_shop": ProblemCode(
        400, "Discounts or taxes depend on the items, so only the shop can calculate the price of fewer items."
    ),
    "other_lines": ProblemCode(
        400, "`quantities` must have one number for each line of the order; `without` names SKUs of the cart."
    ),
    "more_than_ordered": ProblemCode(
        400, "A quantity cannot be increased. Additional items can only be bought in the shop."
    ),
    "nothing_left": ProblemCode(400, "The change would leave no item with a price. Cancel the order instead."),
    "more_than_bought": ProblemCode(400, "A quantity is higher than what is left of this line to withdraw from."),
    "nothing_withdrawn": ProblemCode(400, "At least one quantity must be above 0."),
    "costs_more": ProblemCode(
        400,
        "The shop already has the order, so the new total must not be higher. Cancel it and place a new one.",
    ),
    "given_back": ProblemCode(400, "Most of the price was already refunded. Only an agent can change the order now."),
    "too_many_cards": ProblemCode(400, "Too many cards were tried for this order. Try again later."),
    "empty": ProblemCode(400, "The text must not be empty."),
    "idempotency_key_missing": ProblemCode(400, "POST /v1/orders requires an Idempotency-Key header."),
    "idempotency_key_invalid": ProblemCode(
        400, "The Idempotency-Key header is empty, too long, not printable ASCII, or sent twice."
    ),
    "bad_signature": ProblemCode(
        400, "The webhook is not signed by Stripe, or the signature is more than five minutes old."
    ),
    "malformed": ProblemCode(400, "The webhook is not a valid Stripe event."),
    "body_cut_short": ProblemCode(
        400, "The body is shorter than announced (RFC 9112, section 8). Nothing was stored. Send it again."
    ),
    "bad_request": ProblemCode(400, "The request is malformed or is for another host."),
    "sign_in_needed": ProblemCode(401, "This requires a sign-in to the console."),
    "token_needed": ProblemCode(401, "The bearer token is missing or wrong."),
    "cross_site": ProblemCode(403, "The console form was not sent from a page of this site."),
    "not_permitted": ProblemCode(403, "Your role in the console does not allow this."),
    "unknown_order": ProblemCode(404, "The order does not exist, or the key of its link is missing."),
    "draft_gone": ProblemCode(404, "The form behind this link was submitted, or erased after one day."),
    "not_captured": ProblemCode(404, "We have no order for this cart, or it was cancelled."),
    "not_found": ProblemCode(404, "This address does not exist."),
    "method_not_allowed": ProblemCode(
        405, "The address does not support this method. `Allow` lists the supported ones."
    ),
    "request_timeout": ProblemCode(408, "The body took too long to arrive. Send it again."),
    "cart_already_captured": ProblemCode(
        409, "The cart was already ordered. `ref` and `status_url` identify that order."
    ),
    "not_possible_now": ProblemCode(409, "The order has changed, and its current state does not allow this."),
    "card_under_way": ProblemCode(
        409, "Another card is being tried. Read the order again, and send a card only if one is required."
    ),
    "already_paid": ProblemCode(409, "The order is already paid."),
    "nothing_to_pay": ProblemCode(409, "The order is free, so no payment is required."),
    "order_given_up": ProblemCode(409, "The order was cancelled or merged, so no payment is required."),
    "sold_out": ProblemCode(
        409, "The shop had fewer pieces than were ordered since. `field` names the line, `detail` what is left of each."
    ),
    "pay_first": ProblemCode(
        409, "Too much is ordered and not authorized to be paid later. Send the order with a card."
    ),
    "cart_outdated": ProblemCode(409, "A newer version of the cart, by its `iat`, was pushed before."),
    "changed_meanwhile": ProblemCode(
        409, "Another request changed the order at the same time. Read it again and retry."
    ),
    "precondition_failed": ProblemCode(
        412, "The resource no longer matches the ETag in If-Match. Read it again and retry."
    ),
    "request_entity_too_large": ProblemCode(413, "The body is too large."),
    "unsupported_media_type": ProblemCode(415, "The content type must be application/json."),
    "idempotency_key_reused": ProblemCode(
        422, "The Idempotency-Key was already used with another body or card. Use a new one."
    ),
    "if_match_missing": ProblemCode(428, "A change requires If-Match with the ETag of the order that you read."),
    "too_much_done": ProblemCode(409, "The order reached its limit of changes. Only an agent can change it now."),
    "too_many_requests": ProblemCode(
        429, "There were too many requests from your address. `Retry-After` says how long to wait."
    ),
    "internal_server_error": ProblemCode(
        500, "An error occurred on our side. Send the same request again: it takes effect only once."
    ),
    "try_again": ProblemCode(503, "The request cannot be stored safely right now. Send it again after `Retry-After`."),
}
