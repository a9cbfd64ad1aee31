"""./ops/bin/test: what it decides to do, and which tests take part only if they are named."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from ops.demo import programs
from tests.programs import program

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
COMMAND = ROOT / "ops/bin/test"
# They start a demo, a shop, a proxy, a browser or our own processes, try every Redis server, or look at every order
# there can be.
SLOW = {
    *(
        "browser",
        "crash",
        "demo",
        "deploy",
        "every_order",
        "every_server",
        "night",
        "proxy",
        "runbooks",
        "sandbox",
        "shop",
        "shops",
        "watching",
    ),
    *("web/scripts", "workers"),
}
STARTS_MUCH = re.compile(r"tests\.(browser|chromium|crash\.fleet|demo\.little_demo|night|runbooks|shop|web\.scripts)\b")


def plan(*words: str) -> dict[str, str]:
    """What would be run, by the name of the step."""
    done = subprocess.run([COMMAND, "--plan", *words], capture_output=True, text=True, check=True, cwd="/")
    return dict(re.findall(r"== (.+)\n(.+)", done.stdout))


def quick_files(pytestconfig: pytest.Config) -> set[Path]:
    paths = [path for pattern in pytestconfig.getini("testpaths") for path in ROOT.glob(pattern)]
    return {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}


def is_slow(file: Path) -> bool:
    folder = file.parent.relative_to(TESTS).as_posix()
    return any(f"{folder}/".startswith(f"{slow}/") for slow in SLOW)


# --- what it runs


def test_without_arguments_it_runs_all_there_is() -> None:
    steps = plan()
    assert list(steps) == ["programs", "ruff check", "ruff format", "import layers", "types", "tests"]
    assert steps["tests"].endswith(" tests")


def test_ci_runs_it_without_arguments() -> None:
    assert (ROOT / ".ci/run").read_text().rstrip().endswith('ops/bin/test"')


def test_a_path_needs_nothing_but_its_tests() -> None:
    assert plan("tests/domain/order/test_cart.py", "-x") == {
        "tests": "python -m pytest tests/domain/order/test_cart.py -x"
    }


def test_a_word_is_looked_for_in_the_quick_tests() -> None:
    assert plan("-k", "cart") == {"tests": "python -m pytest -k cart"}


def test_fast_is_style_types_and_the_tests_of_the_core() -> None:
    steps = plan("--fast", "-x")
    assert list(steps) == ["ruff check", "ruff format", "import layers", "types", "tests"]
    assert steps["tests"].endswith(" tests/architecture tests/domain tests/usecases tests/contracts -x")


def test_the_help_of_the_test_command_lists_all_its_options() -> None:
    done = subprocess.run([COMMAND, "--help"], capture_output=True, text=True, check=True)
    for way in ("--fast", "PATH...", "-k word", "--plan"):
        assert f"./ops/bin/test {way}" in done.stdout


@pytest.mark.parametrize(("python", "environment"), [("", ".venv"), ("/opt/bin/python3.12", "var/venv-python3.12")])
def test_another_python_has_an_environment_of_its_own(python: str, environment: str) -> None:
    done = subprocess.run(
        ["bash", "-c", ". ops/bin/_setup; echo $venv"],
        env=os.environ | {"PYTHON": python},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == environment


# --- which tests are quick


def test_every_test_is_quick_or_starts_something(pytestconfig: pytest.Config) -> None:
    files = set(TESTS.rglob("test_*.py"))
    quick = quick_files(pytestconfig) & files
    slow = {file for file in files if is_slow(file)}
    assert not quick & slow
    assert files - slow - quick == set()


def test_every_slow_folder_is_there() -> None:
    assert [folder for folder in SLOW if not list((TESTS / folder).glob("test_*.py"))] == []


def test_a_quick_test_starts_no_demo_no_shop_and_no_browser(pytestconfig: pytest.Config) -> None:
    imported = {
        (file.relative_to(TESTS).as_posix(), module)
        for file in quick_files(pytestconfig)
        for module in re.findall(r"(?m)^from (tests\.[\w.]+) import", file.read_text())
    }
    assert imported
    assert {(file, module) for file, module in imported if STARTS_MUCH.match(module)} == set()


# --- programs


def test_a_program_that_is_here_is_found() -> None:
    assert Path(program("redis-server")).exists()


def test_a_test_without_its_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(programs, "SERVERS", "")
    with pytest.raises(pytest.fail.Exception, match=r"needs nginx, which is not installed.* apt install nginx-light"):
        program("nginx")


def test_every_program_that_a_test_asks_for_has_its_package() -> None:
    asked = {name for file in TESTS.rglob("*.py") for name in re.findall(r'\bprogram\("([\w-]+)"\)', file.read_text())}
    assert "haproxy" in asked
    assert asked - set(programs.packages()) == set()
