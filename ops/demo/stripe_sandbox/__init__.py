"""A local Stripe for the demo and the tests: the real wire format, money handling and faults.

Clients are the official `stripe` library (`base_addresses={"api": "http://127.0.0.1:8200"}`) and browsers that load
`/v3/` as Stripe.js. It follows Stripe's documentation; each module names the pages. Controls that Stripe does not have
are under `/_sandbox/` (see `control.py`). Tests check the books against its state, so the state survives `kill -9`.
"""

from ops.demo.stripe_sandbox.sandbox import Options
from ops.demo.stripe_sandbox.server import launch

__all__ = ["Options", "launch"]
