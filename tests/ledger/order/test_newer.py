"""An order that a newer release wrote is left alone by this one, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.doctor import house
from fallback.doctor.findings import Trouble
from fallback.domain.errors import TryAgain, WrittenByNewer
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.unread import Unread
from fallback.ledger.order import documents
from fallback.ledger.redis import keys
from fallback.ledger.redis.packing import unpack
from tests.builders import an_order
from tests.ledger.world import IRIS, a_container, accepted
from tests.redis_server import RedisServer
from workers.shifts import work
from workers.stopping import Stop

Newer = Callable[[Order], Order]


@pytest.fixture
def house_(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


@pytest.fixture
def newer(house_: Container, monkeypatch: pytest.MonkeyPatch) -> Newer:
    """The order as the next release writes it, with a state that this one does not know."""

    def written(order: Order) -> Order:
        with monkeypatch.context() as next_release:
            next_release.setattr(documents, "SCHEMA", 2)
            order = house_.ledger.commit(order, replace(order, owner="Ann"), [])
            assert house_.ledger.load(order.ref) == order
        key = keys.order(order.ref)
        document = unpack(house_.redis.hget(key, "doc"))
        house_.redis.hset(key, "doc", document.replace(b'"state":"pending"', b'"state":"by_pigeon"'))
        return order

    return written


def test_documents_of_this_release_name_no_schema() -> None:
    assert b"schema" not in unpack(documents.encode(an_order()))


def test_it_is_neither_read_nor_written(house_: Container, newer: Newer) -> None:
    order = newer(accepted(house_.ledger))
    before = house_.redis.hgetall(keys.order(order.ref))
    with pytest.raises(WrittenByNewer, match="a newer release wrote this order") as refused:
        house_.ledger.load(order.ref)
    assert isinstance(refused.value, TryAgain)
    with pytest.raises(WrittenByNewer):
        house_.ledger.rewrap(order.ref)
    verification = house_.verification(repair=True)
    [difference] = verification.differences(verification.keys())
    assert (difference.key, difference.mended) == (keys.order(order.ref), False)
    assert house_.redis.hgetall(keys.order(order.ref)) == before


def test_a_shift_leaves_it_to_the_newer_release_and_goes_on_with_the_others(house_: Container, newer: Newer) -> None:
    left, other = newer(accepted(house_.ledger)), accepted(house_.ledger)
    with capture_logs() as logs:
        work(house_, Queue.NOTICE, Stop())
    told = [(line["event"], line["ref"]) for line in logs if line.get("ref") == left.ref]
    assert told == [("left_to_newer_release", left.ref)]
    assert house_.ledger.load(other.ref).version > other.version
    assert house_.redis.zscore(keys.due(Queue.NOTICE), left.ref)


def test_lists_have_the_others(house_: Container, newer: Newer) -> None:
    other, left = accepted(house_.ledger), newer(accepted(house_.ledger))
    with capture_logs() as logs:
        assert [order.ref for order in house_.views.page().rows] == [other.ref]
        assert [order.ref for order in house_.search.find(IRIS.email).rows] == [other.ref]
        assert house_.worklists.of("Ann") == ([], ([left.ref], []))
        assert house_.views.page().unread == Unread([left.ref], [])
    assert [(line["event"], line["count"]) for line in logs] == [("list_without_newer", 1)] * 4
    with pytest.raises(Trouble, match=left.ref):
        house.release(house_)


def test_who_asks_for_it_by_its_ref_is_not_told_that_there_is_none(house_: Container, newer: Newer) -> None:
    order = newer(accepted(house_.ledger))
    with pytest.raises(WrittenByNewer):
        house_.search.find(order.ref)


def test_the_doctor_is_content_with_orders_of_this_release(house_: Container) -> None:
    accepted(house_.ledger)
    assert "no order needs a newer one" in house.release(house_)
