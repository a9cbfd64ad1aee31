"""`fallback journal`, for a machine whose web processes are gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.checkout.journal import Taken
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW
from tests.ledger.world import a_new_order
from tests.redis_server import RedisServer
from tests.web.world import SHOP, a_config
from tests.workers.running import environment

Fallback = Callable[..., Result]
KEYS = a_config().secret_key


@pytest.fixture
def fallback(redis_server: RedisServer, tmp_path: Path) -> Fallback:
    settings = environment(a_config(redis_url=redis_server.url)) | {"FALLBACK_JOURNAL": str(tmp_path)}
    return lambda *words, **more: CliRunner().invoke(main, ["journal", *words], env=settings | more)


def a_journalled_order(tmp_path: Path) -> str:
    journal, order = DiskJournal(tmp_path, SHOP, Crypto(KEYS), 2**20), a_new_order()
    journal.keep(Taken(order, "key", "print"))
    journal.replay(lambda _: False)
    return order.ref


def test_it_is_shown_replayed_and_empty_then(fallback: Fallback, tmp_path: Path, redis_server: RedisServer) -> None:
    ref = a_journalled_order(tmp_path)
    assert f"1 entry, the oldest of {NOW:%Y-%m-%d %H:%M:%S} UTC." in fallback("show").output
    assert fallback("replay").output.endswith("1 replayed, 0 left.\n")
    assert RedisLedger(redis_server.client, Crypto(KEYS)).load(ref)
    shown = json.loads(fallback("show", "--json").output)
    assert (shown["entries"], shown["oldest"], shown["size"]) == (0, None, 0)


def test_what_a_person_has_to_do_is_said(fallback: Fallback, tmp_path: Path) -> None:
    (tmp_path / "a-0.damaged").write_bytes(b"?")
    a_journalled_order(tmp_path)
    said = fallback("show", SECRET_KEY="a-new-secret-key-without-the-old-one-0123").output
    assert "1 parts could not be read" in said
    assert "1 segments need a key" in said


def test_while_redis_is_away_nothing_is_tried(fallback: Fallback, tmp_path: Path) -> None:
    a_journalled_order(tmp_path)
    answer = fallback("replay", REDIS_URL="redis://127.0.0.1:1/0")
    assert (answer.exit_code, "does not answer" in answer.output) == (2, True)


def test_without_a_journal_it_says_so(fallback: Fallback) -> None:
    assert fallback("show", FALLBACK_JOURNAL="").exit_code == 2
