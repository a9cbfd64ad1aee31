"""Text messages cost money: how many leave in a day, to one number and in all, and to which countries."""

from __future__ import annotations

from collections.abc import Callable

import redis

from fallback.domain import phones
from fallback.domain.errors import Refused
from fallback.domain.order.contact_ways import ContactWays
from fallback.domain.order.order import Notice, Order
from fallback.domain.order.text_messages import number_of
from fallback.domain.support.text_gateway import TextGateway
from fallback.ledger.redis import daily, keys
from fallback.ledger.redis.crypto import Crypto
from fallback.runtime.logs import get_logger

log = get_logger()

ALL = "texted"


class LimitedTexts:
    """Implements support.text_gateway.TextGateway over another one. The mail and the order's page say the same."""

    def __init__(self, gateway: TextGateway, ways: ContactWays, client: redis.Redis, crypto: Crypto) -> None:
        self._gateway = gateway
        self._ways = ways
        self._redis = client
        self._crypto = crypto

    def deliver(self, order: Order, notice: Notice, before_handing_over: Callable[[], None]) -> None:
        number = number_of(order.customer)
        if self._ways.sms_countries and phones.country(number) not in self._ways.sms_countries:
            raise Refused("country")
        if not notice.tries:  # a message that is tried again was counted
            self._count(number)
        self._gateway.deliver(order, notice, before_handing_over)

    def reach(self) -> str:
        return self._gateway.reach()

    def _count(self, number: str) -> None:
        """Raises Refused above a limit."""
        to_one, to_all = keys.daily(self._crypto.blinds("texted", number)[0]), keys.daily(ALL)
        for key, most, what in ((to_one, self._ways.sms_per_number, "number"), (to_all, self._ways.sms_per_day, "all")):
            if daily.count(self._redis, key) > most:
                log.warning("sms_limit_reached", limit=what)
                raise Refused("daily_limit")
