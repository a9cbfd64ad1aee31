"""ops/redis/users.acl: our user may call what is needed, and nothing else. All tests on a RedisServer run under it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rq import Queue as Line
from rq.serializers import JSONSerializer

from fallback.domain.order.order import Queue
from fallback.ledger.redis.bells import Bells
from fallback.ledger.redis.commands import NEEDED, refused
from fallback.runtime.redis_connection import connect
from tests.ledger.world import a_container, hang_up
from tests.redis_server import OURS, RedisServer
from workers.run import Worker

ROOT = Path(__file__).parents[3]
USERS = ROOT / "ops/redis/users.acl"
# How redis-py names a command, where it has another name.
IN_PYTHON = {"del": "delete", "exec": "transaction=True", "multi": "transaction=True"}


def called() -> set[str]:
    """What stands in our own code and scripts."""
    scripts = "".join(path.read_text() for path in (ROOT / "fallback/ledger/scripts").glob("*.lua"))
    python = "".join(
        path.read_text()
        for folder in ("fallback/ledger", "fallback/runtime", "workers")
        for path in (ROOT / folder).rglob("*.py")
    )
    found = {name.lower() for name in re.findall(r"redis\.call\('(\w+)'", scripts)}
    found |= {name.lower() for name in re.findall(r'\(\(*"([A-Z]+)"', python)}
    found.add("select")  # redis-py, where REDIS_URL has a database other than 0
    return found | {name for name in NEEDED if re.search(_call(name), python)}


def _call(name: str) -> str:
    method, words = name.replace("|", "_"), name.upper().replace("|", " ")
    return rf"""\.{method}(_iter)?\(|{IN_PYTHON.get(name, f'"{words}"')}"""


def called_by_rq(server: RedisServer) -> set[str]:
    """Of jobs that succeed, fail and cannot be run, and of one that is waited for."""
    client = connect(server.url)
    before = set(server.client.info("commandstats"))
    server.client.config_resetstat()
    bells, line = Bells(client), Line(Queue.NOTICE, connection=client, serializer=JSONSerializer)
    bells.ring(Queue.NOTICE)
    for work in ("time.time", "fallback.nothing", "math.sqrt"):
        line.enqueue_call(work, timeout=300, result_ttl=0, failure_ttl=60)
    Line.dequeue_any([line], 1, connection=client, serializer=JSONSerializer)
    Worker([line], connection=client, serializer=JSONSerializer).work(burst=True, logging_level=None)
    found = set(server.client.info("commandstats"))
    client.close()
    assert before
    names = {name.removeprefix("cmdstat_") for name in found} - {"config|resetstat", "hello", "info"}
    together = names & {"client", "config"}  # Redis 6.2 counts subcommands so
    return names - together | {name for name in NEEDED if "|" in name and name.partition("|")[0] in together}


def test_the_file_has_what_the_doctor_asks_for() -> None:
    [rules] = re.findall(rf"^user {OURS} on ~\* &\* -@all (.*)$", USERS.read_text(), re.MULTILINE)
    assert rules.split() == [f"+{name}" for name in sorted(NEEDED)]


def test_each_command_is_called_by_us_by_a_script_or_by_rq(redis_server: RedisServer) -> None:
    by_rq = called_by_rq(redis_server)
    assert by_rq - NEEDED.keys() == set()
    assert NEEDED.keys() - called() - by_rq == set()
    assert redis_server.denied() == set()


@pytest.mark.parametrize("lacks", ["zmscore", "exec", "multi", "config|get"])
def test_the_doctor_names_what_a_user_lacks_and_changes_nothing(mortal_redis: RedisServer, lacks: str) -> None:
    command, _, _ = lacks.partition("|")  # Redis 6.2 cannot take a subcommand away alone
    mortal_redis.client.execute_command("ACL", "SETUSER", OURS, f"-{command}")
    built = a_container(mortal_redis.url)
    assert refused(built.redis) == [lacks]
    assert mortal_redis.client.dbsize() == 0
    assert mortal_redis.client.info("persistence").get("aof_rewrites", 0) == 0
    mortal_redis.client.execute_command("ACL", "SETUSER", OURS, f"+{lacks}")
    assert refused(built.redis) == []
    hang_up()


def test_a_user_of_the_file_has_no_power_over_redis_and_no_password_that_we_gave(redis_server: RedisServer) -> None:
    assert not NEEDED.keys() & {"config|set", "flushall", "keys", "shutdown", "acl|setuser", "script|flush", "debug"}
    assert not re.search(r"nopass|[>#]", USERS.read_text())
