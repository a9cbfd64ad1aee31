"""One document sent to Shopify: within its rate limit, and what its errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, RateLimited, Refused
from fallback.primaries.graphql import Failed, ask
from fallback.primaries.shopify.documents import API_VERSION
from fallback.primaries.transport import Transport

if TYPE_CHECKING:
    from fallback.primaries.shopify import Settings

# An app's bucket holds the points of ten to twenty seconds, so a document that does not fit in waits for less than one
# as a rule. A longer wait is the worker's, which does other work meanwhile.
LONGEST_WAIT = 3.0
# Where the answer does not say how fast points come back: those of the smallest plan.
RESTORED_PER_SECOND = 50.0
OUR_FAULT = frozenset({"MAX_COST_EXCEEDED", "INVALID_VARIABLE", "undefinedField", "argumentLiteralsIncompatible"})


def line_to(settings: Settings, deadline: float) -> Transport:
    url = f"{settings.primary_url.rstrip('/')}/admin/api/{API_VERSION}/graphql.json"
    return Transport(url, {"X-Shopify-Access-Token": settings.primary_token}, deadline)


def ask_shopify(
    transport: Transport, document: str, variables: Mapping[str, Any], within: float | None = None
) -> dict[str, Any]:
    """The answer's data. What is throttled was not carried out, so it may be sent again, a write too.

    All of it is over within the deadline of one call.
    """
    began = monotonic()
    ends = began + (within or transport.deadline)
    while True:
        try:
            return ask(transport, document, variables, ends - monotonic()).fields
        except Failed as failed:
            wait = _throttled_for(failed)
            if wait is None:
                raise _understood(failed) from failed
            if monotonic() + wait > min(began + LONGEST_WAIT, ends):
                raise RateLimited("the shop's rate limit is reached", wait) from failed
            sleep(wait)


def _throttled_for(failed: Failed) -> float | None:
    """Seconds until the bucket holds what the document costs; None: it was not throttled."""
    if "THROTTLED" not in failed.codes:
        return None
    cost = failed.extensions.get("cost") or {}
    bucket = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost") or 0) - float(bucket.get("currentlyAvailable") or 0)
    return max(missing, 1.0) / float(bucket.get("restoreRate") or RESTORED_PER_SECOND)


def _understood(failed: Failed) -> Exception:
    if "ACCESS_DENIED" in failed.codes:
        return NotAuthorized(f"the app's token may not: {failed}")
    if failed.codes & OUR_FAULT:
        return Refused("invalid", str(failed))
    return OutcomeUnknown(f"the shop answers with an error: {failed}")
