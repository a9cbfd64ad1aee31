"""The ledger in a cluster: all keys of a shop in one slot, and the node that serves it may die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
import redis

from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, Queue
from fallback.ledger.redis import keys
from fallback.ledger.redis.durability import Keeping
from fallback.runtime.redis_cluster import NotACluster
from fallback.runtime.redis_connection import connect
from tests.demo.waiting import eventually
from tests.ledger.clusters import Cluster
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import a_container, a_ledger, a_new_order, accepted, acknowledged
from tests.notices.mail_server import mail_server
from tests.redis_server import RedisServer
from tests.workers.running import Program

# The nodes wait for a second, and vote.
SECONDS = 60.0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.close()


def test_orders_and_work_go_on_when_the_primary_dies_and_nothing_is_lost(cluster: Cluster) -> None:
    built = a_container(cluster.url, keeping=Keeping(replicas=1))
    ledger = built.ledger

    def captured() -> Order | None:
        notice = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=datetime.now(UTC))
        return acknowledged(ledger, notices=(notice,))

    def is_told(order: Order) -> bool:
        return ledger.load(order.ref).notices[0].state is NoticeState.SENT

    kept = [eventually(captured) for _ in range(20)]
    with mail_server() as mail, Program("workers.run", cluster, Queue.NOTICE, smtp_url=mail.url) as worker:
        eventually(lambda: all(map(is_told, kept)), within=SECONDS)
        cluster.kill()
        kept.append(eventually(captured, within=SECONDS))
        with Program("workers.clock", cluster, smtp_url=mail.url):
            eventually(lambda: is_told(kept[-1]), within=SECONDS)
        assert worker.running()
    assert cluster.primary != cluster.killed
    assert built.readiness.problems() == ()
    assert [order.ref for order in ledger.load_many([each.ref for each in kept])] == [each.ref for each in kept]


def test_while_the_slot_moves_to_another_node_an_order_is_kept_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with closing(Cluster(tmp_path_factory.mktemp("moving"), primaries=2, replicas=0)) as moving:
        ledger, before = a_ledger(moving.url), moving.primary
        kept = [acknowledged(ledger) for _ in range(10)]
        kept += [acknowledged(ledger) for _ in moving.move_slot()]
        assert None in kept
        kept.append(eventually(lambda: acknowledged(ledger), within=SECONDS))
        assert moving.primary != before
        refs = [order.ref for order in kept if order]
        assert [order.ref for order in ledger.load_many(refs)] == refs
        assert_indexes_agree(moving.client, ledger)


@pytest.mark.parametrize("name", ["bikes", "toys"], ids=["on another node", "on the same node"])
def test_several_shops_are_in_one_cluster_and_see_nothing_of_each_other(cluster: Cluster, name: str) -> None:
    other = connect(cluster.url.removesuffix("shop") + name)
    order = accepted(a_ledger(cluster.url))
    own = accepted(a_ledger(cluster.url.removesuffix("shop") + name), a_new_order(cart_id=order.cart_id))
    assert [key.decode() for key in other.scan_iter("order:*")] == [keys.order(own.ref)]
    assert (cluster.node_of(name) == cluster.primary) == (name == "toys")


def test_the_address_of_one_node_is_refused_and_its_orders_are_not_errors(cluster: Cluster) -> None:
    built = a_container(f"redis://127.0.0.1:{cluster.primary}/0")
    assert built.readiness.problems() == (
        "Redis is a node of a cluster: set REDIS_URL to redis+cluster://host:port,host:port/name.",
    )
    with pytest.raises(TryAgain):
        accepted(built.ledger)


def test_a_redis_that_is_no_cluster_and_a_cluster_without_nodes_are_named(redis_server: RedisServer) -> None:
    port = redis_server.client.connection_pool.connection_kwargs["port"]
    with pytest.raises(NotACluster):
        connect(f"redis+cluster://127.0.0.1:{port}/shop").ping()
    with pytest.raises(redis.ConnectionError):
        connect("redis+cluster://127.0.0.1:1,127.0.0.1:2/shop").ping()


@pytest.mark.parametrize("path", ["", "/", "/a{b}", "/0/1"])
def test_an_address_without_a_name_for_the_hash_tag_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="hash tag"):
        connect(f"redis+cluster://127.0.0.1{path}")


def test_password_and_nodes_are_taken_from_the_address() -> None:
    pool = connect("rediss+cluster://fallback:p%40ss@a.example,[::1]:7001/shop").connection_pool
    assert (pool.connection_kwargs["username"], pool.connection_kwargs["password"]) == ("fallback", "p@ss")
    assert pool.connection_kwargs["nodes"]._known == (("a.example", 6379), ("::1", 7001))
    assert pool.connection_class.__name__ == "_InClusterTls"
