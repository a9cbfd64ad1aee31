"""The package away from its checkout: installed from the wheel, started in an empty folder, taking an order."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import requests

from fallback.domain.order.lifecycle import headline
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.runtime import data
from ops.demo.running import answers
from ops.demo.stripe_sandbox import launch
from tests.crash.fleet import Program
from tests.crash.world import STRIPE_KEY, VISA, a_body, card_token, mail_sink
from tests.demo.waiting import eventually
from tests.fakes.primary import FakePrimary
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.reference_shop import ReferenceShop, serving
from tests.web.world import PRIMARY_TOKEN, a_config
from tests.workers.running import environment, ledger_of

ROOT = Path(__file__).parents[2]
# What the wheel is made of, by its place in the checkout and in the wheel.
PARTS = {
    "fallback": "fallback",
    "workers": "workers",
    "templates": "fallback/data/templates",
    "ops/policy.toml": "fallback/data/ops/policy.toml",
    "ops/runbooks": "fallback/data/ops/runbooks",
}
# Imports and three processes, on a machine that is busy.
STARTS_WITHIN = 60


def built(source: Path, kind: str, target: Path) -> Path:
    """`kind`: wheel or sdist."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target],
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [file] = target.iterdir()
    return file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bin_(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment of its own. It has the pinned requirements, and knows no checkout."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin/python"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--no-compile", wheel],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [packages] = home.glob("lib/*/site-packages")
    (packages / "requirements.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


def test_all_that_the_program_reads_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", *PARTS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    expected = {
        file.replace(part, place, 1) for file in tracked for part, place in PARTS.items() if file.startswith(part)
    }
    assert {data.ROOT / part for part in PARTS} > {data.TEMPLATES, data.POLICY, data.RUNBOOKS}
    there = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert there == expected


@pytest.fixture
def world(redis_server: RedisServer, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Redis, shop, Stripe and mail, as settings."""
    mail, web = free_port(), free_port()
    url, [secret] = f"http://127.0.0.1:{web}", a_config().stripe_webhook_secret
    with (
        serving(ReferenceShop(FakePrimary(), token=PRIMARY_TOKEN)) as shop,
        launch(tmp_path / "stripe", webhook_url=f"{url}/webhooks/stripe", webhook_secret=secret) as stripe,
        mail_sink(tmp_path / "mail", mail),
    ):
        eventually(lambda: answers(f"tcp://127.0.0.1:{mail}"), within=STARTS_WITHIN)
        yield {
            "redis_url": redis_server.url,
            "primary_url": shop.url,
            "stripe_api_base": stripe,
            "stripe_secret_key": STRIPE_KEY,
            "smtp_url": f"smtp://127.0.0.1:{mail}",
            "fallback_mail_from": "shop@example.org",
            "public_url": url,
            "port": web,
            "web_concurrency": 1,
        }


def test_an_order_goes_through_what_was_installed_elsewhere(
    world: dict[str, Any], bin_: Path, redis_server: RedisServer, tmp_path: Path
) -> None:
    settings = environment(a_config(**world))
    del settings["FALLBACK_POLICY"]  # the one in the package
    empty, url = tmp_path / "empty", world["public_url"]
    empty.mkdir()
    programs = {
        name: Program([str(bin_ / "fallback"), name], tmp_path / f"{name}.log", settings | {"HOST": "127.0.0.1"}, empty)
        for name in ("web", "worker", "clock")
    }
    try:
        eventually(lambda: answers(f"{url}/readyz"), within=STARTS_WITHIN)
        body = a_body(card_token(world["stripe_api_base"], VISA))
        taken = requests.post(f"{url}/v1/orders", json=body, headers={"Idempotency-Key": "k" * 16}, timeout=10)
        assert taken.status_code == 202, taken.text
        ledger, ref = ledger_of(redis_server), taken.json()["ref"]
        eventually(lambda: headline(ledger.load(ref)) == "settled", within=STARTS_WITHIN)
        eventually(Heartbeats(redis_server.client).webhook_at, within=STARTS_WITHIN)
        policy = requests.get(f"{url}/policy", headers={"Accept-Language": "de"}, timeout=10)
        assert "Ihre Bestellung" in policy.text

        examined = subprocess.run(
            [bin_ / "fallback", "doctor"], cwd=empty, env=settings, capture_output=True, text=True
        )
        assert examined.returncode == 0, examined.stdout
        assert list(empty.iterdir()) == []
    finally:
        for program in programs.values():
            program.close()
