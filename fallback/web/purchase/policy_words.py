"""The policy in plain words: the same for the agent's screen and for the customer's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fallback import i18n
from fallback.domain.order.grants import BY_PEOPLE, GrantKind
from fallback.domain.payment.policy import Amounts, GrantLimit, Policy, Text
from fallback.domain.support.accounts import Role
from fallback.web.http.voice import N_, Voice

KINDS = {
    GrantKind.REFUND: N_("Refund"),
    GrantKind.GOODWILL: N_("Goodwill"),
    GrantKind.DIFFERENCE: N_("The order costs less since it was changed"),
}
MEANINGS = {
    GrantKind.REFUND: N_("A refund for an item that you bought, if:"),
    GrantKind.GOODWILL: N_("A partial refund as an apology, if:"),
}
ROLES = {
    Role.AGENT: N_("An agent"),
    Role.LEAD: N_("A lead"),
    Role.ADMIN: N_("A support manager"),
}
YOURSELF = N_("You, once, on your order page, if we did not reply by the time that we promised")
ANY = N_("any amount, up to what your card was charged")
NOTHING = N_("nothing without approval")
PER_ORDER = N_("up to %(amount)s in total for one order")
PER_ORDER_AND_INCIDENT = N_("up to %(amount)s in total for one order, and %(sum)s in total for one outage")


@dataclass(frozen=True)
class KindRow:
    """`reasons` as sentences; `limits`: who may grant, and how much."""

    name: str
    meaning: str
    reasons: list[str]
    limits: list[tuple[str, str]]


def sentence(text: Text, voice: Voice) -> str:
    """In the reader's language, as the policy has it or as our catalogs translate its English; otherwise in English."""
    return text.get(voice.language) or voice.translated(text["en"])


def kind_rows(policy: Policy, voice: Voice) -> list[KindRow]:
    """What a customer reads: every kind, with all currencies."""
    return [
        KindRow(
            name=voice.say(KINDS[kind]),
            meaning=voice.say(MEANINGS[kind]),
            reasons=[sentence(reason, voice) for reason in policy.reasons_for(kind).values()],
            limits=[*_own(kind, policy, voice), *_of_roles(kind, policy, voice)],
        )
        for kind in BY_PEOPLE
    ]


def _own(kind: GrantKind, policy: Policy, voice: Voice) -> list[tuple[str, str]]:
    """What customers may claim themselves."""
    limit = policy.limits.customer.goodwill if kind is GrantKind.GOODWILL else None
    return [(voice.say(YOURSELF), limit_words(limit, voice))] if limit else []


def _of_roles(kind: GrantKind, policy: Policy, voice: Voice) -> list[tuple[str, str]]:
    return [(voice.say(name), limit_words(policy.limit(role, kind), voice)) for role, name in ROLES.items()]


def limit_words(limit: GrantLimit | None, voice: Voice, currency: str = "") -> str:
    """`currency`: the one that matters; otherwise all that the policy names."""
    if limit is None:
        return voice.say(NOTHING)
    if limit.per_order == "any":
        return voice.say(ANY)
    amounts = _amounts(limit.per_order, voice, currency)
    if not amounts:
        return voice.say(NOTHING)
    if limit.per_incident == "any":
        return voice.say(PER_ORDER, amount=amounts)
    return voice.say(PER_ORDER_AND_INCIDENT, amount=amounts, sum=_amounts(limit.per_incident, voice, currency))


def role_names(roles: Sequence[Role], voice: Voice) -> str:
    return i18n.alternatives([voice.say(ROLES[role]) for role in roles if role in ROLES], voice.locale)


def _amounts(amounts: Amounts, voice: Voice, currency: str) -> str:
    assert amounts != "any"
    shown = {currency: amounts.get(currency, 0)} if currency else amounts
    return i18n.alternatives([voice.money(amount, each) for each, amount in shown.items() if amount], voice.locale)
