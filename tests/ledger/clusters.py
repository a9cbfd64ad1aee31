"""A cluster of three primaries, with the file that a deployment has; the ledger's primary has two replicas."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import redis

from fallback.runtime.hash_tag import HashTag
from fallback.runtime.redis_connection import connect
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.programs import program
from tests.redis_server import OURS, PASSWORD, denied_by, write_users

OPS = Path(__file__).parents[2] / "ops"
HOST, SHOP = "127.0.0.1", "shop"
SLOTS = 16_384


class Cluster:
    """`url` is what REDIS_URL says; `client` may call everything. Used where a RedisServer is, too."""

    def __init__(self, directory: Path, path: str = "", primaries: int = 3, replicas: int = 2) -> None:
        self._directory, self._program = directory, path or program("redis-server")
        self._servers: dict[int, subprocess.Popen[bytes]] = {}
        settings = (OPS / "deploy/redis/cluster.conf").read_text().replace("/etc/fallback", str(OPS / "redis"))
        (directory / "redis.conf").write_text(f"{settings}\naclfile {write_users(directory)}\n")
        self._primaries = [self._node() for _ in range(primaries)]
        self._replicas = [self._node() for _ in range(replicas)]
        places = f"{','.join(f'{HOST}:{port}' for port in self._primaries)}/{SHOP}"
        self.url = f"redis+cluster://{OURS}:{PASSWORD}@{places}"
        self.client = connect(f"redis+cluster://{places}", socket_timeout=5)
        self._join()

    @property
    def primary(self) -> int:
        """The port of the node that serves the ledger's slot."""
        return self.node_of(SHOP)

    def node_of(self, shop: str) -> int:
        with closing(connect(self.url.removesuffix(SHOP) + shop)) as client:
            port: int = client.connection_pool.connection_kwargs["nodes"].primary()[1]
        return port

    def node(self, port: int) -> redis.Redis:
        return redis.Redis(port=port, socket_timeout=5)

    def empty(self) -> None:
        with self.node(self.primary) as node:
            node.flushall()

    def denied(self) -> set[str]:
        """What the application called and may not, at any node that lives."""
        found: set[str] = set()
        for port in self._servers:
            with suppress(redis.ConnectionError), self.node(port) as node:
                found |= denied_by(node)
        return found

    def kill(self) -> None:
        """The primary, as `kill -9` does."""
        self.killed = self.primary
        self._servers[self.killed].kill()
        self._servers[self.killed].wait()

    def start(self) -> None:
        """What was killed comes back when another is the primary, and becomes its replica."""
        eventually(self._another_is_primary, within=60)
        self._start(self.killed)

    def pause_replica(self) -> None:
        """It holds its connections and answers nothing."""
        self._servers[self._replicas[0]].send_signal(signal.SIGSTOP)

    def move_slot(self) -> Iterator[int]:
        """To another primary, as `redis-cli --cluster reshard` does it; gives control back after each few keys."""
        source, slot = self.primary, HashTag(SHOP).slot
        target = next(port for port in self._primaries if port != source)
        ids = {}
        for port in (source, target):
            with self.node(port) as node:
                ids[port] = node.execute_command("CLUSTER MYID").decode()
        with self.node(source) as giving, self.node(target) as taking:
            taking.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", ids[source])
            giving.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", ids[target])
            while keys := giving.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
                giving.execute_command("MIGRATE", HOST, target, "", 0, 5000, "KEYS", *keys)
                yield len(keys)
            for node in (taking, giving):
                node.execute_command("CLUSTER SETSLOT", slot, "NODE", ids[target])

    def close(self) -> None:
        for process in self._servers.values():
            process.kill()
            process.wait()
        self.client.close()

    def _start(self, port: int) -> None:
        words = [self._program, str(self._directory / "redis.conf"), "--port", str(port)]
        home = self._directory / str(port)
        home.mkdir(exist_ok=True)
        self._servers[port] = subprocess.Popen([*words, "--dir", str(home)], stdout=subprocess.DEVNULL)
        eventually(lambda: self._answers(port), within=20)

    def _another_is_primary(self) -> bool:
        try:
            return self.primary != self.killed
        except redis.ConnectionError:
            return False

    def _node(self) -> int:
        port = free_port()
        self._start(port)
        return port

    def _join(self) -> None:
        """Each node gets a third of the slots and an epoch of its own, as `redis-cli --cluster create` does it."""
        share, nodes = SLOTS // len(self._primaries), (*self._primaries, *self._replicas)
        for number, port in enumerate(nodes):
            with self.node(port) as node:
                node.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
                if port in self._primaries:
                    end = share * (number + 1) if port != self._primaries[-1] else SLOTS
                    node.execute_command("CLUSTER ADDSLOTS", *range(share * number, end))
                node.execute_command("CLUSTER MEET", HOST, self._primaries[0])
        eventually(lambda: all(self._knows(port, len(nodes)) for port in nodes), within=20)
        with self.node(self._primary_at_first()) as primary:
            its_id = primary.execute_command("CLUSTER MYID")
        for port in self._replicas:
            with self.node(port) as node:
                node.execute_command("CLUSTER REPLICATE", its_id)
        eventually(self._replicated, within=20)

    def _primary_at_first(self) -> int:
        share = SLOTS // len(self._primaries)
        return self._primaries[min(HashTag(SHOP).slot // share, len(self._primaries) - 1)]

    def _knows(self, port: int, how_many: int) -> bool:
        with self.node(port) as node:
            info = node.execute_command("CLUSTER INFO")
        told = (info["cluster_state"], info["cluster_slots_assigned"], info["cluster_known_nodes"])
        return told == ("ok", str(SLOTS), str(how_many))

    def _replicated(self) -> bool:
        """Every node knows each replica as one of our primary, which has sent it everything."""
        with self.node(self._primary_at_first()) as primary:
            replication = primary.info("replication")
        states = [replication.get(f"slave{number}", {}).get("state") for number in range(len(self._replicas))]
        return all(state == "online" for state in states) and all(map(self._knows_replicas, self._servers))

    def _knows_replicas(self, port: int) -> bool:
        with self.node(port) as node:
            known = node.execute_command("CLUSTER NODES").values()
        return sum("slave" in each["flags"] for each in known) == len(self._replicas)

    def _answers(self, port: int) -> bool:
        with self.node(port) as node:
            try:
                return bool(node.ping())
            except (redis.ConnectionError, redis.BusyLoadingError):
                return False
