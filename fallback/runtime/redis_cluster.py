"""A cluster is asked which node serves our slot, at each new connection, as Sentinels are asked for the primary."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import redis
from redis.connection import Connection
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as LostConnection

Address = tuple[str, int]

if TYPE_CHECKING:
    _Base = Connection
else:
    _Base = object


class NoPrimaryInCluster(LostConnection):
    """No node serves our slot, or none knows it: an election goes on, or a primary and its replicas are down."""


class NotACluster(LostConnection):
    """REDIS_URL names a Redis that is not part of a cluster."""


class ClusterNodes:
    """Thread safe. Knows the nodes of the settings, and later all others of the cluster too.

    `options`: how a node is asked, as those of redis-py's connections.
    """

    def __init__(self, addresses: Sequence[Address], slot: int, options: dict[str, Any]) -> None:
        self._given = tuple(addresses)
        # The one that answered last comes first: the others may be dead, and each costs a timeout.
        self._known = self._given
        self._slot = slot
        self._options = options

    def primary(self) -> Address:
        """The node that serves our slot now, as the first that answers says. Raises RedisError."""
        failure: RedisError = NoPrimaryInCluster("no node serves its slot")
        for address in self._known:
            try:
                ranges = self._ask(*address)
            except (NotACluster, AuthenticationError):
                raise
            except RedisError as error:
                failure = error
                continue
            others = (_address(node, address[0]) for _, _, *nodes in ranges for node in nodes)
            self._known = tuple(dict.fromkeys((address, *self._given, *others)))
            for first, last, primary, *_ in ranges:
                if first <= self._slot <= last:
                    return _address(primary, address[0])
        raise failure

    def _ask(self, host: str, port: int) -> list[Any]:
        """Ranges of slots, each with its primary and replicas."""
        with closing(redis.Redis(host=host, port=port, **self._options)) as node:
            info = node.info("cluster")
            if not info["cluster_enabled"]:
                raise NotACluster(f"{host}:{port} is no node of a cluster")
            state = node.execute_command("CLUSTER INFO")["cluster_state"]  # type: ignore[no-untyped-call]
            if state != "ok":  # cut off from the others, it would still name itself
                raise NoPrimaryInCluster(f"{host}:{port} says that the cluster is in state {state}")
            ranges: list[Any] = node.execute_command("CLUSTER SLOTS")  # type: ignore[no-untyped-call]
            return ranges


def _address(node: list[Any], asked: str) -> Address:
    """A node that does not know its own address (NULL or '') has the one under which it was asked."""
    host = node[0].decode() if isinstance(node[0], bytes) else node[0]
    return host or asked, int(node[1])


class AtPrimaryOfSlot(_Base):
    """A connection to the node that serves our slot when it is made."""

    def __init__(self, *args: Any, nodes: ClusterNodes, **options: Any) -> None:
        self._nodes = nodes
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]

    def _connect(self) -> Any:
        """Called for each attempt to connect."""
        self.host, self.port = self._nodes.primary()
        return super()._connect()  # type: ignore[no-untyped-call]
