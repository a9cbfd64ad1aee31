"""REDIS_URL=rediss://…: an authority of the operator's own, and a certificate of ours that Redis asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from rq.serializers import JSONSerializer

from fallback.domain.order.order import Queue
from fallback.ledger.redis.durability import Keeping
from fallback.runtime.redis_connection import connect
from tests.ledger.certificates import TlsServer, speaks_tls
from tests.ledger.world import a_container, accepted
from tests.programs import program
from workers.run import Worker, open_connection

KEEPING = Keeping(min_free_disk_mb=0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    if not speaks_tls(program("redis-server")):
        pytest.skip("this build of Redis has no TLS")
    running = TlsServer(tmp_path_factory.mktemp("tls"))
    yield running
    running.close()


def test_orders_bells_and_workers_go_through_tls(server: TlsServer) -> None:
    built = a_container(server.secure_url(), keeping=KEEPING)
    assert built.readiness.problems() == ()
    order = accepted(built.ledger)
    assert built.ledger.commit(order, replace(order, released=True), []).version == 2
    built.bells.ring(Queue.NOTICE)
    with open_connection(built.config) as connection:
        worker = Worker([Queue.NOTICE], connection=connection, serializer=JSONSerializer)
        assert [queue.count for queue in worker.queues] == [1]
        assert worker.dequeue_job_and_maintain_ttl(1)
    assert server.denied() == set()


@pytest.mark.parametrize(
    "wrong", [{"ssl_ca_certs": None}, {"ssl_certfile": None, "ssl_keyfile": None}], ids=["authority", "own certificate"]
)
def test_a_handshake_that_fails_is_told_from_silence(server: TlsServer, wrong: dict[str, None]) -> None:
    [problem] = a_container(server.secure_url(**wrong)).readiness.problems()
    assert problem.startswith("The TLS connection to Redis fails: ")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("ssl_ca_certs=/nowhere/ca.pem", "there is no file /nowhere/ca.pem (ssl_ca_certs)"),
        ("ssl_ca_cert=/ca.pem", "ssl_ca_cert is not"),
        ("nonsense=1", "nonsense is not"),
        ("nonsense", "nonsense has no value"),
        ("ssl_ca_certs=", "ssl_ca_certs has no value"),
        ("ssl_cert_reqs=none&nonsense", "nonsense has no value"),
        ("ssl_cert_reqs=perhaps", "perhaps"),
    ],
)
@pytest.mark.parametrize("place", ["rediss://127.0.0.1/0", "rediss+sentinel://127.0.0.1/ledger"])
def test_what_is_misspelt_is_named_at_start(place: str, query: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        connect(f"{place}?{query}")
