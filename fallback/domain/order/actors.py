"""The names that an order's timeline gives to actors that are not people of the shop."""

from __future__ import annotations

# As the owner of a hold: the customer was asked, and the order waits for their answer until the next promised word.
CUSTOMER = "customer"
# The payment provider, whichever is used: stored timelines have this name for it.
PROVIDER = "stripe"

# Automation that writes into the timeline.
MACHINES = frozenset({"worker", PROVIDER, "primary"})
