"""How long an external call may take before others settle its outcome."""

from __future__ import annotations

from datetime import datetime, timedelta

from fallback.domain.order.order import Attempt

# Longer than the longest deadline of a call: the process that began an attempt has its answer by then, or is dead.
PATIENCE = timedelta(seconds=30)
# Longer than any call: when an order comes due again, its last worker has a response or is dead.
LEASE = PATIENCE + timedelta(seconds=10)
# A call, or its last retry, leaves within this time after its attempt was recorded, or not at all. It is given up at
# most ten seconds later, and the other side has five more for its effect before we ask for the outcome.
LEAVES_WITHIN = PATIENCE - timedelta(seconds=15)


def leaves_by(attempt: Attempt) -> datetime:
    return attempt.began_at + LEAVES_WITHIN
