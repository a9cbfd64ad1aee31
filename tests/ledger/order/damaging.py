"""Orders that cannot be read, and how many on call hears of."""

from __future__ import annotations

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order
from fallback.ledger.redis import keys
from tests.builders import NOW


def damage(container: Container, order: Order, part: str = "doc") -> None:
    """One byte of it is another."""
    stored = container.redis.hget(keys.order(order.ref), part)
    container.redis.hset(keys.order(order.ref), part, stored[:-9] + bytes([stored[-9] ^ 1]) + stored[-8:])


def alerted(container: Container) -> int:
    """How many the alert counts, after the clock has looked again."""
    container.looking_again.once()
    return container.overview.see(NOW).damaged
