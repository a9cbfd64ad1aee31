"""`fallback ledger`: whether all in Redis can be read and counted; a copy elsewhere; another name of the shop."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
import redis

from fallback.bootstrap.outside import build_redis
from fallback.cli.command import FOUND, NotDone, as_json, container, plain_errors, say
from fallback.cli.terminal import progress
from fallback.ledger.redis.copying import Copying
from fallback.ledger.redis.owner import rename as renamed
from fallback.ledger.verify.counts import MOVES
from fallback.ledger.verify.difference import Difference
from fallback.runtime.redis_connection import connect
from workers.alive import seen

AGREES = "Everything can be read, and all indexes and counts agree with the orders."
INDEXES_AGREE = "Everything can be read, and all indexes agree with the orders."
KEYS, MENDED, LEFT, UNKNOWN = "keys", "mended", "left", "unknown"


@click.group()
def ledger() -> None:
    """Verify what is stored in Redis, copy it elsewhere, or rename it."""


@ledger.command()
@click.option("--repair", is_flag=True, help="Correct indexes and counts from the orders. No order is changed.")
@as_json
def verify(repair: bool, as_json: bool) -> None:
    """Read every document, count every index anew, and say what differs.

    It may be run during normal operation. With --json, one document says how many keys were read, how many
    differences were corrected (mended), stay (left) or were not known while orders changed (unknown), and lists them.

    Exit code 0: nothing differs, or all of it was corrected; 1: something differs; 2: it was not verified.
    """
    built = container()
    found: Counter[str] = Counter()
    differences: list[Difference] = []
    with plain_errors(), _not_ours(), progress() as track:
        verification = built.verification(repair)
        names = _counted(track("Keys", verification.keys(), verification.count()), found)
        for each in verification.differences(names):
            found[MENDED if each.mended else UNKNOWN if each.expected == MOVES else LEFT] += 1
            if as_json:
                differences.append(each)
            else:
                click.echo(_line(each))
    counts = {name: found[name] for name in (KEYS, MENDED, LEFT, UNKNOWN)}
    say({**counts, "differences": differences}, as_json, _summary(found, repair))
    sys.exit(FOUND if found[LEFT] else 0)


@ledger.command()
@click.argument("new_redis_url", envvar="NEW_REDIS_URL")
def copy(new_redis_url: str) -> None:
    """Copy the ledger to an empty Redis or cluster.

    No web, worker or clock may run meanwhile. Workers, clocks, and web processes whose journal has orders are seen and
    refused; other web processes and commands are not seen before they write.

    The setting NEW_REDIS_URL keeps a password out of the list of processes. Afterwards set REDIS_URL to it, and run
    fallback ledger verify.
    """
    built = container()
    with plain_errors(), progress() as track:
        source = build_redis(built.config, timeout=60)
        try:
            copying = Copying(source, connect(new_redis_url, socket_timeout=60))
        except ValueError as error:
            raise NotDone(f"NEW_REDIS_URL: {error}") from None
        _refuse_while_processes_run(source)
        copying.begin()
        count = copying.copy(track("Keys", copying.keys(), copying.count()))
    click.echo(f"Copied: {count} keys. Set REDIS_URL to the new Redis; then: fallback ledger verify")


@ledger.command()
@click.argument("old_name")
def rename(old_name: str) -> None:
    """Rename the ledger of OLD_NAME to FALLBACK_SHOP.

    For a shop that has a new name, while no web, worker or clock runs. Workers, clocks, and web processes whose journal
    has orders are seen and refused. Other web processes and commands are not seen: one that is connected writes on
    under the old name until its connection ends.

    Afterwards, on each machine with a journal: fallback journal rename
    """
    config = container().config
    with plain_errors():
        client = connect(config.redis_url, socket_timeout=3)
        _refuse_while_processes_run(client)
        renamed(client, old_name, config.fallback_shop)
    click.echo(f"The ledger is that of shop {config.fallback_shop!r} now.")


def _refuse_while_processes_run(client: redis.Redis) -> None:
    if there := seen(client):
        said = ", ".join(there)
        raise NotDone(f"Processes run, or were killed less than two minutes ago: {said}. Stop web, worker and clock.")


@contextmanager
def _not_ours() -> Iterator[None]:
    """What no process of ours writes ends it: a key of another kind, or a name that is no text."""
    try:
        yield
    except (redis.ResponseError, UnicodeDecodeError) as error:
        raise NotDone(f"It was not verified to the end, because of what is in Redis: {error}.") from None


def _counted(names: Iterable[str], found: Counter[str]) -> Iterator[str]:
    for name in names:
        found[KEYS] += 1
        yield name


def _line(each: Difference) -> str:
    if each.expected == MOVES:
        return f"{each.key}: {MOVES}"
    of = f" {each.of}" if each.of and each.of not in each.key else ""
    mended = " (corrected)" if each.mended else ""
    return f"{each.key}{of}: expected {_said(each.expected)}, found {_said(each.found)}{mended}"


def _said(value: float | str | None) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else f"{value:.15g}"


def _summary(found: Counter[str], repair: bool) -> str:
    if not found[MENDED] + found[LEFT]:
        return INDEXES_AGREE if found[UNKNOWN] else AGREES
    if not repair:
        return f"Differences: {found[LEFT]}. Indexes and counts are corrected by: fallback ledger verify --repair"
    return f"Corrected: {found[MENDED]}. Left: {found[LEFT]}."
