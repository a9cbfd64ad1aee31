"""An address that leads to another Redis from some moment on, as a name or a virtual IP does after a change of roles.

What is connected already stays with the Redis that it has.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread

from tests.demo.waiting import eventually
from tests.ledger.listener import CHUNK, Listener, connect
from tests.redis_server import RedisServer


class MovingAddress(Listener):
    def __init__(self, server: RedisServer) -> None:
        super().__init__()
        self._leads_to = server

    def change_roles(self, new: RedisServer) -> None:
        """`new`, a replica, becomes the primary, and the primary its replica. New connections lead to `new`.

        As such a change is made when nobody died: it has all that was written before.
        """
        old, self._leads_to = self._leads_to, new
        written = old.client.info("replication")["master_repl_offset"]
        eventually(lambda: new.client.info("replication")["slave_repl_offset"] >= written)
        new.client.replicaof("NO", "ONE")
        follow(new, old)

    def serve(self, client: socket.socket) -> None:
        redis = connect(self._leads_to.url)
        for ends in ((client, redis), (redis, client)):
            Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(here: socket.socket, there: socket.socket) -> None:
    with suppress(OSError):
        while some := here.recv(CHUNK):
            there.sendall(some)
    with suppress(OSError):
        there.shutdown(socket.SHUT_RDWR)
    here.close()


def follow(primary: RedisServer, replica: RedisServer) -> None:
    """`replica` has what the primary has, and gets what is written from now on."""
    there = primary.client.connection_pool.connection_kwargs
    primary.client.config_set("repl-diskless-sync-delay", 0)
    replica.client.replicaof(there["host"], there["port"])
    eventually(lambda: replica.client.info("replication")["master_link_status"] == "up")
    eventually(lambda: primary.client.info("replication")["connected_slaves"] == 1)
