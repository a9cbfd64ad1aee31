"""While Redis' memory is full, whatever is only read is read as before: of a transaction Redis refuses reads too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.incident.incident import Span
from fallback.domain.order.order import Order
from fallback.domain.support.accounts import KEEPER
from fallback.ledger.order.views import Place
from tests.builders import NOW
from tests.contracts.test_drafts import a_draft
from tests.ledger.world import IRIS, a_container, accepted
from tests.redis_server import RedisServer

ALL, HOUR, REF_HEARD = Span(0), timedelta(hours=1), slice(3, 7)


def verify(built: Container, _: Order) -> object:
    verification = built.verification()
    return list(verification.differences(verification.keys()))


def look_for_damaged_ones(built: Container, _: Order) -> object:
    built.looking_again.once()
    return built.looking_again.unread()


READS: dict[str, Callable[[Container, Order], object]] = {
    "orders": lambda built, order: built.ledger.load_many([order.ref]),
    "the orders of a person": lambda built, _: built.ledger.refs_of_person(email=IRIS.email, limit=9),
    "a page of orders": lambda built, _: built.views.page(limit=1),
    "the page after it": lambda built, order: built.views.page(after=Place(2.0, order.ref)),
    "the versions of a page": lambda built, _: built.views.versions(),
    "the counts of all lists": lambda built, _: built.views.counts(),
    "what an address finds": lambda built, _: built.search.find(IRIS.email),
    "what a part of a ref finds": lambda built, order: built.search.find(order.ref[REF_HEARD]),
    "damaged orders": look_for_damaged_ones,
    "a saved form": lambda built, _: built.drafts.of_cart("basket-17"),
    "the orders of an incident": lambda built, _: list(built.books.scan(ALL)),
    "how many stand where": lambda built, _: built.books.by_headline(ALL),
    "since when orders are an incident's": lambda built, _: built.books.since(NOW - HOUR),
    "the report": lambda built, _: list(
        built.report_source.stories(built.report_source.period(NOW - HOUR, NOW + HOUR, most=9))
    ),
    "what waits for the shop": lambda built, _: built.backlog.waiting(NOW),
    "customers whom the shop failed": lambda built, _: built.observations.customers(NOW),
    "how fast the drain goes": lambda built, _: built.pace.going().pace,
    "the situation": lambda built, _: built.overview.see(NOW).oldest_waiting,
    "the metrics": lambda built, _: built.metrics_store.read(),
    "who is on duty": lambda built, _: built.duty.roster(),
    "who is signed in": lambda built, _: built.people.signed_in(KEEPER.name, "another secret", NOW),
    "what Redis refuses": lambda built, _: [
        problem for problem in built.readiness.problems(not_older_than=0) if "refuses" in problem
    ],
    "whether indexes agree with orders": verify,
}


@pytest.mark.parametrize("what", READS)
def test_it_is_read_as_before(mortal_redis: RedisServer, what: str) -> None:
    built = a_container(mortal_redis.url)
    built.drafts.save(a_draft())
    order, _ = accepted(built.ledger), accepted(built.ledger)
    before = READS[what](built, order)
    mortal_redis.client.config_set("maxmemory", 1)
    assert READS[what](built, order) == before
