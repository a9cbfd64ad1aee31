"""Ports that stay this process's to its end, so that nobody takes one between its choice and its use.

A port that is merely found free may be chosen by another process too, or be given to an outgoing connection. Servers
that share ports, as HAProxy does, would then answer each other's requests.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import count

from ops.demo.places import LOOPBACK
from ops.demo.running import can_bind

BLOCK = 500
# Below those that Linux gives to outgoing connections; the nodes of a cluster also use the ports 10,000 higher.
_BLOCKS = range(10_500, 22_000, BLOCK)

# The last port of a block is bound by the process that has the block.
_ours: set[int] = set()


def blocks() -> Iterator[int]:
    """The first ports of the blocks that this process has, or can have: it takes each one as it comes."""
    return (block for block in _BLOCKS if block in _ours or _takes(block))


def free_port() -> int:
    """None that this function returned lately."""
    return next(port for port in _ports if can_bind(port))


def _takes(block: int) -> bool:
    guard = socket.socket()
    try:
        guard.bind((LOOPBACK, block + BLOCK - 1))
    except OSError:
        guard.close()
        return False
    guard.detach()
    _ours.add(block)
    return True


def _in_turn() -> Iterator[int]:
    block = next(block for block in _BLOCKS if block not in _ours and _takes(block))
    yield from (block + number % (BLOCK - 1) for number in count())


_ports = _in_turn()
