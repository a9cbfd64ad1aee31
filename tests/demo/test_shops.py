"""The shops that a demo can run on, where no shop has to run for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fallback.config import Config
from ops.demo import lock
from ops.demo.__main__ import main
from ops.demo.env import place_in
from ops.demo.places import EXAMPLE, Place, usual_state
from ops.demo.programs import Failed
from ops.demo.settings import settle
from ops.demo.shops import SHOPS, node, postgres
from ops.demo.shops.vendure import told_in_tenths
from ops.demo.shops.vendure.storefront import app
from tests.browser.whole_demo import free_base
from tests.ports import free_port


@pytest.fixture(params=SHOPS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A demo that was started once, with each of the shops."""
    place = Place(tmp_path / "demo", 23500, request.param)
    place.make_directories()
    settle(place)
    return place


@pytest.fixture
def vendure(tmp_path: Path) -> Place:
    place = Place(tmp_path / "demo", 23500, "vendure")
    place.make_directories()
    settle(place)
    return place


def demo(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def test_fallback_can_start_with_the_settings_for_each_shop(place: Place) -> None:
    config = Config.from_env(settle(place))

    assert config.primary_url == "http://127.0.0.1:23800"
    assert config.shop_token


def test_the_folder_knows_its_shop(place: Place) -> None:
    assert place_in(place.state) == place


def test_a_folder_keeps_its_shop_because_orders_may_wait_for_it(vendure: Place) -> None:
    told = demo("up", "--state", str(vendure.state), "--shop", EXAMPLE)

    assert told.exit_code == 1
    assert f"{vendure.state} is the folder of a demo with the shop 'vendure'" in told.output
    assert "./ops/bin/demo uses another folder" in told.output


def test_each_shop_has_a_folder_of_its_own() -> None:
    assert len({usual_state(name) for name in SHOPS}) == len(SHOPS)


def test_a_printed_command_names_the_shop(vendure: Place) -> None:
    assert vendure.command("heal") == f"./ops/bin/demo --shop vendure --state {vendure.state} heal"
    assert Place(usual_state("vendure"), shop="vendure").command("heal") == "./ops/bin/demo --shop vendure heal"


def test_a_fault_that_only_the_example_shop_has_is_refused_with_what_a_real_one_has(vendure: Place) -> None:
    held = lock.take(vendure)
    assert held is not None

    told = demo("break", "shop", "--how", "reply_lost", "--state", str(vendure.state))

    assert told.exit_code == 2
    assert "shop breaks in these ways: down, hung." in told.output
    assert "Only the example shop can be told to do 'reply_lost'." in told.output
    assert "postgres: down" in told.output
    os.close(held)


def test_somebody_who_forgot_to_name_the_shop_is_told_which_demo_runs(
    vendure: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ops.demo.__main__.usual_state", lambda shop: vendure.state if shop == "vendure" else tmp_path / shop
    )
    held = lock.take(vendure)
    assert held is not None

    told = demo("break", "shop")

    assert told.exit_code == 1
    assert f"No demo is running in {tmp_path / EXAMPLE}. One runs as: {vendure.command()}" in told.output
    os.close(held)


def test_what_a_shop_needs_and_this_machine_lacks_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ops.demo.programs.SERVERS", "")
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)

    told = demo("--shop", "vendure", "--state", str(tmp_path / "demo"))

    assert told.exit_code == 1
    assert "PostgreSQL, node, npm, which are not installed" in told.output
    assert "apt install postgresql nodejs npm" in told.output
    assert not (tmp_path / "demo").exists()


def test_a_node_that_is_too_old_is_told_before_anything_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "node", "echo v18.19.0")
    script(tmp_path / "npm", "true")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    told = demo("--shop", "vendure", "--state", str(tmp_path / "demo"), "--port-base", str(free_base()))

    assert told.exit_code == 1
    assert "needs Node.js 20 or newer; here is v18.19.0" in told.output


def test_an_npm_that_fails_says_why_and_leaves_nothing_that_looks_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text('{"packages": {"": {}, "node_modules/a": {}}}')
    script(tmp_path / "npm", "echo no route to the registry >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(node, "CACHE", tmp_path / "cache")

    for _ in range(2):
        with pytest.raises(Failed, match="no route to the registry"):
            node.installed(tmp_path)


def test_a_long_installation_is_told_in_tenths() -> None:
    told: list[str] = []
    progress = told_in_tenths(told.append)
    for done in (0, 3, 20, 29, 41, 200):
        progress(done, 200)

    begins, *steps = told
    assert begins.startswith("Installing Vendure (once; 200 packages")
    assert steps == ["  0 of 200 packages", "  20 of 200 packages", "  41 of 200 packages", "  200 of 200 packages"]


def test_a_storefront_whose_shop_is_away_answers_as_a_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIMARY_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("SHOP_FALLBACK_PUBLIC_URL", "http://localhost")
    browser = app.from_environment().test_client()

    for path in ("/", "/basket/", "/checkout/"):
        answer = browser.get(path)
        assert answer.status_code == 502
        assert "cannot be reached right now" in answer.text
    assert browser.get("/terms/").status_code == 200


def script(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
