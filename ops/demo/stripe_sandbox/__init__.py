"""Stripe on this machine: the wire format, the money and the moods of the real one, for the demo and the tests.

Driven by the official `stripe` library (`base_addresses={"api": "http://127.0.0.1:8200"}`) and by a browser that loads
`/v3/` as its Stripe.js. What it does follows Stripe's documentation; the modules name the pages. Controls that Stripe
does not have stand under `/_sandbox/` (see `control.py`). Its state is the truth about money for whoever checks the
books, so it survives `kill -9`.
"""

from ops.demo.stripe_sandbox.sandbox import Options
from ops.demo.stripe_sandbox.server import launch

__all__ = ["Options", "launch"]
