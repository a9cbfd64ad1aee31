"""The `demo` command where it needs no running parts."""

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fallback.config import Config
from ops.demo import lock, running
from ops.demo.__main__ import main
from ops.demo.env import read_env
from ops.demo.places import EXAMPLE, ROOT, Place, usual_state
from ops.demo.settings import settle
from ops.demo.shops import example
from ops.demo.welcome import welcome
from tests.browser.whole_demo import free_base


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "demo", 23500)
    place.make_directories()
    return place


def demo(place: Place, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--state", str(place.state)])


def test_two_processes_never_choose_the_same_ports_for_the_demos_they_are_about_to_start() -> None:
    chosen = free_base()
    line = [sys.executable, "-c", "from tests.browser.whole_demo import free_base; print(free_base())"]

    assert int(subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout) != chosen


def test_a_port_in_use_is_told_before_anything_starts(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = demo(place, "up", "--port-base", str(port - 200))

    assert told.exit_code == 1
    # Of the demo's other ports, which lie around this one, any may be somebody's too.
    assert re.search(rf"In use by something else: port .*\b{port}\b", told.output)
    assert f"--port-base {port + 800}" in told.output
    assert not place.env_file.exists()


def test_a_setting_that_cannot_be_used_is_told_before_anything_starts(place: Place) -> None:
    told = demo(place, "up", "--port-base", str(free_base()), "--set", "FALLBACK_FAILOVER=auto")

    assert told.exit_code == 1
    assert "FALLBACK_FAILOVER" in told.output
    assert "one of advise, switch, automatic is expected" in told.output
    assert "Preparing" not in told.output


def test_starting_twice_says_so(place: Place) -> None:
    held = lock.take(place)
    assert held is not None

    told = demo(place, "up")

    assert told.exit_code == 1
    assert f"A demo is running in {place.state}" in told.output
    os.close(held)


@pytest.mark.parametrize("words", [("break", "shop"), ("heal",)])
def test_there_must_be_a_demo_to_break_and_heal(place: Place, words: tuple[str, ...]) -> None:
    told = demo(place, *words)

    assert told.exit_code == 1
    assert "No demo is running" in told.output


def test_each_part_breaks_in_its_own_ways(place: Place) -> None:
    held = lock.take(place)
    assert held is not None

    told = demo(place, "break", "redis", "--how", "slow")

    assert told.exit_code == 2
    assert "redis breaks in these ways: down" in told.output
    os.close(held)


def test_down_without_a_demo_says_so(place: Place) -> None:
    assert "No demo is running" in demo(place, "down").output


def test_secrets_are_kept_from_start_to_start_and_from_other_people(place: Place) -> None:
    first = settle(place)
    second = settle(Place(place.state, 23600))

    assert stat.S_IMODE(place.env_file.stat().st_mode) == 0o600
    assert second["SECRET_KEY"] == first["SECRET_KEY"]
    assert second["CART_KEYS"] == first["CART_KEYS"]
    assert second["PORT"] == "23700"
    assert read_env(place) == second


def test_a_start_can_be_given_settings_of_its_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "prepare", lambda *_: (_ for _ in ()).throw(running.NotReady("far enough")))

    demo(place, "up", "--port-base", str(free_base()), "--set", "FALLBACK_PACE=7", "--set", "LOG_LEVEL=DEBUG")

    given = read_env(place)
    assert (given["FALLBACK_PACE"], given["LOG_LEVEL"]) == ("7", "DEBUG")
    assert "FALLBACK_PACE" not in settle(place)


def test_a_setting_without_a_value_is_refused(place: Place) -> None:
    told = demo(place, "up", "--set", "FALLBACK_PACE")

    assert told.exit_code == 2
    assert "NAME=VALUE" in told.output
    assert not place.env_file.exists()


def test_two_demos_share_no_secret(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other", 23600)
    other.make_directories()

    assert not {settle(place)[name] for name in ("SECRET_KEY", "PRIMARY_TOKEN", "CART_KEYS")} & set(
        settle(other).values()
    )


def test_a_command_finds_the_ports_of_last_time(place: Place) -> None:
    settle(place)

    assert '"front": "http://localhost:23500"' in demo(place, "status", "--json").output


def test_fallback_can_start_with_the_demos_settings(place: Place) -> None:
    config = Config.from_env(settle(place))

    assert config.port == 23600
    assert config.primary_url == "http://127.0.0.1:23800"


def test_a_shop_that_cannot_be_prepared_stops_the_start_and_says_where_to_look(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "command", lambda *_: ["false"])

    told = demo(place, "up", "--port-base", str(free_base()))

    assert told.exit_code == 1
    assert str(place.log_file("shop-prepare")) in told.output
    assert not place.pid_file("redis").exists()


def test_a_command_that_is_printed_is_for_the_demo_that_prints_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.demo.__main__.usual_state", lambda shop: tmp_path / shop)  # none runs there
    place = Place(tmp_path / "my demo", 23500)
    place.make_directories()
    place.broken_file("mail").write_text("down")
    here = f"./ops/bin/demo --state '{place.state}'"

    printed = welcome(place, settle(place), seconds=1)
    printed += demo(place, "break", "shop").output
    held = lock.take(place)
    printed += demo(place, "up").output

    assert held is not None
    os.close(held)
    printed = printed.replace("The same on a real Vendure: ./ops/bin/demo --shop vendure\n", "")
    assert re.findall(r"\./ops/bin/demo.*?--state", printed) == ["./ops/bin/demo --state"] * printed.count("bin/demo")
    for words in ("break shop ", "mail ", "heal shop ", "status ", "heal heals everything", "starts one", "down stops"):
        assert f"{here} {words}" in printed


def test_a_printed_command_is_as_short_as_it_may_be() -> None:
    assert Place(usual_state(EXAMPLE)).command("down") == "./ops/bin/demo down"
    assert Place(ROOT / "var/other").command("down") == "./ops/bin/demo --state var/other down"
