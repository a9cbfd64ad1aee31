"""fallback.env.example: every setting that must be set, in a form that each deployment reads alike."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fallback.config import BadConfig, Config
from fallback.environment import names
from fallback.primaries import KINDS
from tests.programs import program
from tests.web.world import a_config
from tests.workers.running import environment

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "ops/deploy/fallback.env.example").read_text()
SETTINGS = names(Config) | names(KINDS["http"].settings)
# systemd's own reader of files of settings, which prints what it read for a shell.
SYSTEMD = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"
Settings = dict[str, str]


def lines(text: str) -> Settings:
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """As an operator fills it in: a cart key is JSON, and a URL has signs that a reader might take as its own."""
    given = environment(a_config(smtp_url="smtp://shop:p%40ss;w=1@mail.example:587?x=#y"))
    file = tmp_path / "fallback.env"
    file.write_text(re.sub(r"(?m)^(\w+)=$", lambda line: f"{line[1]}={given[line[1]]}", EXAMPLE))
    return file


# --- what is in it


def test_it_has_every_setting_that_must_be_set_and_nothing_that_is_none() -> None:
    assert {name for name, required in SETTINGS.items() if required} <= lines(EXAMPLE).keys() <= SETTINGS.keys()


def test_what_is_not_filled_in_stops_the_start() -> None:
    with pytest.raises(BadConfig) as refused:
        Config.from_env(lines(EXAMPLE))
    missing = {f"{name} is missing." for name, value in lines(EXAMPLE).items() if SETTINGS[name] and not value}
    assert set(str(refused.value).splitlines()) == {*missing, "FALLBACK_MAIL_FROM is '': a text is expected."}


def test_filled_in_it_is_all_that_is_needed(filled: Path) -> None:
    assert Config.from_env(lines(filled.read_text())).cart_keys["keys"]


# --- who reads it


def systemd(file: Path) -> Settings:
    folder = file.parent / "environment.d"
    folder.mkdir()
    shutil.copy(file, folder / "50-fallback.conf")
    return dict(each.split("=", 1) for each in shlex.split(printed(SYSTEMD, env={"XDG_CONFIG_HOME": str(file.parent)})))


def compose(file: Path) -> Settings:
    shutil.copy(ROOT / "ops/deploy/compose.yaml", file.parent)
    read = yaml.safe_load(printed(program("docker-compose"), "-f", "compose.yaml", "config", cwd=file.parent))
    given: Settings = read["services"]["web"]["environment"]
    # It has a Redis of its own.
    return given | {"REDIS_URL": lines(EXAMPLE)["REDIS_URL"]}


def kubernetes(file: Path) -> Settings:
    create = ("create", "secret", "generic", "fallback", "--dry-run=client", "-o", "json")
    secret = json.loads(printed(program("kubectl"), *create, f"--from-env-file={file}"))
    return {name: b64decode(value).decode() for name, value in secret["data"].items()}


def shell(file: Path) -> Settings:
    """The runbooks' way to the settings of a unit."""
    [command] = re.findall(
        r"\| systemd \| .*`cd /opt/fallback; (.+?); PATH=", (ROOT / "ops/runbooks/README.md").read_text()
    )
    read = printed("bash", "-c", command.replace("/etc/fallback/SHOP.env", str(file)) + "; env -0", env={})
    return dict(each.split("=", 1) for each in read.split("\0") if each)


def printed(*words: str | Path, env: Settings | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_shell_of_the_runbooks_has_what_the_unit_sets_beside_the_file(filled: Path) -> None:
    unit = (ROOT / "ops/deploy/systemd/fallback-web@.service").read_text()
    [given] = re.findall(r"^Environment=(.+)$", unit.replace("%i", "SHOP"), re.MULTILINE)
    set_there = dict(each.split("=", 1) for each in given.split())
    found = shell(filled)
    assert {name: found.get(name) for name in ("PORT", "FALLBACK_JOURNAL")} == {
        name: set_there[name] for name in ("PORT", "FALLBACK_JOURNAL")
    }
    other = filled.with_name("other")
    other.write_text(f"{filled.read_text()}\nPORT=8101\n")
    assert shell(other)["PORT"] == "8101", "the file of the shop comes after the unit"


@pytest.mark.parametrize("read", [systemd, compose, kubernetes, shell])
def test_each_deployment_reads_it_alike(filled: Path, read: Callable[[Path], Settings]) -> None:
    wanted = lines(filled.read_text())
    found = read(filled)
    assert {name: found.get(name) for name in wanted} == wanted
