"""What a person has of the command in a terminal: a version, completion, tables, progress."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import fallback
from fallback.cli.main import main
from tests.cli.commands import COMMANDS, GROUPS
from tests.ledger.world import a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "fallback")


def run(*words: str, **environ: str) -> str:
    done = subprocess.run(
        [*COMMAND, *words], env=os.environ | environ, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_a_terminal(*words: str, code: int = 0, **environ: str) -> str:
    """What it prints where its output is one."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*COMMAND, *words], env=os.environ | environ, cwd=ROOT, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65_536):
            shown += piece
    except OSError:  # Linux: the other side is closed
        pass
    assert process.wait(120) == code, shown
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())


def test_the_version_is_that_of_the_package_without_any_settings() -> None:
    assert run("--version").strip() == f"fallback, version {fallback.__version__}"
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == fallback.__version__


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_what_completes_commands(shell: str) -> None:
    script = run("completion", shell)
    assert "_FALLBACK_COMPLETE" in script
    assert f"{shell}_complete" in script


def test_commands_and_values_are_completed() -> None:
    asked = {"_FALLBACK_COMPLETE": "bash_complete", "COMP_CWORD": "2"}
    assert run(COMP_WORDS="fallback orders re", **asked).split() == ["plain,release"]
    headlines = run(COMP_WORDS="fallback orders list --headline on_", **asked | {"COMP_CWORD": "4"})
    assert headlines.split() == ["plain,on_hold"]
    assert set(run(COMP_WORDS="fallback ", **asked | {"COMP_CWORD": "1"}).split()) == {
        f"plain,{name}" for name in COMMANDS
    }


@pytest.fixture
def settings(redis_server: RedisServer) -> dict[str, str]:
    return environment(a_config(redis_url=redis_server.url))


def test_a_list_is_a_table_in_a_terminal_and_lines_in_a_pipe(
    redis_server: RedisServer, settings: dict[str, str]
) -> None:
    order = accepted(a_ledger(redis_server.url), a_new_order())
    shown = in_a_terminal("orders", "list", **settings)
    assert re.search(r"Ref +Headline +Total +Received \(UTC\) +Owner", shown)
    assert re.search(rf"{order.ref} +received +[\d.]+ EUR +2026-11-21 10:00", shown)
    [line] = run("orders", "list", **settings).splitlines()
    assert line.split()[:2] == [order.ref, "received"]


def on_a_screen_says(settings: dict[str, str], *words: str) -> str:
    return CliRunner().invoke(main, words, env=settings).output


def test_what_people_wrote_is_no_markup_of_a_table(settings: dict[str, str], on_a_screen: None) -> None:
    on_a_screen_says(settings, "mode", "active", "--reason", "[bold]payments[/bold] fail", "--who", "Jo")
    assert re.search(r"ongoing +\[bold\]payments\[/bold\] fail", on_a_screen_says(settings, "incident", "list"))


def test_accounts_stand_with_how_they_sign_in(settings: dict[str, str], on_a_screen: None) -> None:
    on_a_screen_says(settings, "users", "add", "Mara", "--role", "agent", "--no-password", "--email", "m@example.org")
    shown = on_a_screen_says(settings, "users", "list")
    assert re.search(r"Mara +agent +m@example.org +by OpenID Connect", shown)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("orders", "list"), "No orders."),
        (("inbox", "list"), "The inbox is empty."),
        (("incident", "list"), "No incidents yet."),
        (("users", "list"), "No accounts yet."),
        (("drill", "--log"), "No drills yet."),
        (("drain", "--log"), "No decisions yet: the settings apply."),
    ],
)
def test_an_empty_list_says_so_on_a_screen(
    settings: dict[str, str], on_a_screen: None, words: tuple[str, ...], said: str
) -> None:
    assert on_a_screen_says(settings, *words).strip() == said


def test_who_waits_sees_how_far_a_count_is_and_a_file_gets_none_of_it(
    redis_server: RedisServer, settings: dict[str, str]
) -> None:
    accepted(a_ledger(redis_server.url), a_new_order())
    shown = in_a_terminal("incident", "audit", "--since", "2026-11-20", code=1, **settings)
    assert re.search(r"The ledger .* 1/1 ", shown)
    assert "The shop did not answer" in shown
    done = subprocess.run(
        [*COMMAND, "incident", "audit"], env=os.environ | settings, cwd=ROOT, capture_output=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (1, b"")


def test_no_list_of_commands_cuts_a_sentence() -> None:
    """In a terminal of 80 columns: what stands behind the cut is what a person looks for."""
    cut = [line for group in (main, *GROUPS.values()) for line in listed(group) if line.endswith("...")]
    assert cut == []


def listed(group: click.Group) -> list[str]:
    shown = CliRunner().invoke(group, ["--help"], terminal_width=80).output
    return shown.partition("Commands:\n")[2].splitlines()
