"""The refund form: its input, its errors, and the grant that it requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fallback.domain.errors import Invalid
from fallback.domain.money import Money
from fallback.domain.order.grants import GrantKind, GrantRequest
from fallback.domain.order.order import Order
from fallback.domain.payment.policy import Policy
from fallback.domain.payment.refunds import refundable
from fallback.web.http.amounts import LONGEST, read_amount, typed
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase.checkout_rows import in_stripe_units

# What is wrong, by the code of Invalid. `left`: the refundable amount now, `example`: how an amount is typed.
ERRORS = {
    "not_an_amount": N_("Amount: enter an amount like %(example)s"),
    "too_many_decimals": N_("Amount: enter an amount like %(example)s, with no more decimals"),
    "not_positive": N_("Amount: enter more than zero"),
    "too_much": N_("Amount: at most %(left)s can be refunded"),
    "refundable_changed": N_(
        "Amount: it has changed in the meantime, %(left)s can be refunded now. Please check again"
    ),
    "not_chargeable": N_("Amount: Stripe cannot refund exactly this amount, the last digit has to be 0"),
    "above_every_limit": N_("Amount: above every limit of the policy"),
    "unknown_reason": N_("Reason: choose one"),
    "too_long": N_("Message: at most 2,000 characters"),
    "card_number": N_("Message: this looks like a card number, please remove it"),
}


@dataclass(frozen=True)
class MoneyForm:
    """`values` and `errors` by field, as templates/http/fields.html takes them. `requested`: where it has no errors."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    requested: GrantRequest | None = None

    def refused(self, error: Invalid, order: Order, voice: Voice) -> MoneyForm:
        """The form with an error that depends on the current order."""
        return replace(self, errors={error.field: _word(error.code, order, voice)})


def new_form() -> MoneyForm:
    return MoneyForm({"amount": "", "reason": "", "sentence": ""})


def read_form(sent: Mapping[str, str], order: Order, policy: Policy, voice: Voice) -> MoneyForm:
    """The form as it was sent. Raises Invalid for what no browser sends."""
    values = {name: sent.get(name, "").strip() for name in ("amount", "reason", "sentence")}
    errors: dict[str, str] = {}
    amount, chosen = 0, _reason(values["reason"], policy)
    try:
        amount = read_amount(values["amount"], order.currency, voice.locale, "amount")
        if in_stripe_units(Money(amount, order.currency)) is None:
            raise Invalid("amount", "not_chargeable", "The last digit has to be 0.")
    except Invalid as error:
        errors["amount"] = _word(error.code, order, voice)
    if chosen is None:
        errors["reason"] = _word("unknown_reason", order, voice)
    if errors or chosen is None:
        return MoneyForm(values, errors)
    kind, reason = chosen
    requested = GrantRequest(
        kind=kind, amount=amount, reason=reason, refundable=_refundable(sent), sentence=values["sentence"]
    )
    return MoneyForm(values, requested=requested)


def _reason(text: str, policy: Policy) -> tuple[GrantKind, str] | None:
    kind, _, code = text.partition(".")
    known = kind in list(GrantKind) and code in policy.reasons_for(GrantKind(kind))
    return (GrantKind(kind), code) if known else None


def _refundable(sent: Mapping[str, str]) -> int:
    seen = sent.get("refundable", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) <= LONGEST):
        raise Invalid("refundable", "invalid", "Please open the order again and send the form from there.")
    return int(seen)


def _word(code: str, order: Order, voice: Voice) -> str:
    left = Money(refundable(order), order.currency)
    return voice.say(ERRORS[code], left=voice.money(left.amount, left.currency), example=typed(left, voice.locale))
