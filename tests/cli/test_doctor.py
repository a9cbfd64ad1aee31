"""`fallback doctor` as a person and a machine run it: a real Redis, with nothing else of the house running."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.support.accounts import Account, Role
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.people import People
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment


def doctor(redis_url: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words], env=environment(a_config(redis_url=redis_url)))


def test_each_part_has_a_line_and_what_failed_says_what_to_do(redis_server: RedisServer) -> None:
    said = doctor(redis_server.url)
    lines = said.output.splitlines()
    assert said.exit_code == 1
    [durable] = [line for line in lines if "redis durability" in line]
    assert durable.startswith(
        "ok         redis durability: disk, fsynced before the answer; Redis says: appendonly yes, "
    )
    assert any(line.startswith("ok         redis user: may call all ") for line in lines)
    failed = lines.index("FAILED     workers: no worker for payment, placement, notice")
    assert lines[failed + 1].strip() == "Start `fallback worker`; its log says why it ended."


def test_what_no_order_needs_is_a_warning_with_advice(redis_server: RedisServer) -> None:
    lines = doctor(redis_server.url).output.splitlines()
    [warned] = [line for line in lines if line.startswith("warning")]
    assert warned.startswith("warning    legal pages: FALLBACK_TERMS_URL, ")
    assert lines[lines.index(warned) + 1].strip().startswith("Set them to these pages of the shop")


def test_doctor_prints_the_same_results_as_json(redis_server: RedisServer) -> None:
    said = [json.loads(line) for line in doctor(redis_server.url, "--json").output.splitlines()]
    found = {each["name"]: each for each in said}
    assert found["redis clock"]["ok"] is True
    assert found["clock process"]["ok"] is False
    assert found["clock process"]["advice"]


def test_without_redis_everything_else_is_looked_at(redis_server: RedisServer) -> None:
    said = doctor("redis://127.0.0.1:1/0")
    assert said.exit_code == 1
    assert "FAILED     redis durability: Redis does not answer (ConnectionError)." in said.output
    assert "FAILED     mail: the mail server does not answer" in said.output


def test_with_settings_that_cannot_be_used_nothing_can_be_tried() -> None:
    refused = CliRunner().invoke(main, ["doctor"], env={"SECRET_KEY": "short"})
    assert refused.exit_code == 2
    assert "FAILED     settings: REDIS_URL is missing." in refused.output


def test_an_account_that_no_key_opens_is_a_finding_and_the_rest_is_looked_at(redis_server: RedisServer) -> None:
    config = a_config(redis_url=redis_server.url)
    People(redis_server.client, Crypto(["a-key-that-was-removed-too-early-0123"])).add(Account("Mara", Role.AGENT))
    said = CliRunner().invoke(main, ["doctor"], env=environment(config))
    assert "FAILED     colleagues: No key of SECRET_KEY opens the personal data of account:mara" in said.output
    assert "last drill:" in said.output
    listed = CliRunner().invoke(main, ["users", "list"], env=environment(config))
    assert (listed.exit_code, "Error: No key of SECRET_KEY opens" in listed.output) == (2, True)
