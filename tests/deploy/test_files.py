"""What a deployment is made of: each file is taken by its own tool, and all of them run what the Procfile says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from fallback.payments.stripe_gateway import DEADLINE
from fallback.web.__main__ import KILL_AFTER
from tests.programs import program

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "ops/deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))
# `systemd-analyze security`: 0 is closed, 100 is open; a plain service has 96.
MOST_EXPOSED = 25


def ran(*words: str | Path, **options: Any) -> str:
    """What the program printed; it has to be content."""
    done = subprocess.run(words, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: plain(command) for name, _, command in (line.partition(": ") for line in lines)}


def plain(command: str | list[str]) -> str:
    """A command without its way of quoting, without where Python lies, and without the defaults of its variables."""
    words = command if isinstance(command, str) else " ".join(command)
    words = re.sub(r'/opt/fallback/.venv/bin/|python -m |\\?"|sh -c exec ', "", words)
    return re.sub(r"\$\{?(\w+)(:-[^}]*)?\}?", r"$\1", words)


# --- systemd


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """As they are installed: /opt/fallback is this checkout, whose programs are there."""
    for unit in (DEPLOY / "systemd").iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/fallback", str(ROOT)))
    return tmp_path


def test_systemd_takes_the_units(units: Path) -> None:
    ran(program("systemd-analyze"), "verify", *sorted(units.iterdir()))


def test_two_shops_are_started_with_the_machine_each_with_its_own_settings_and_journal(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "systemd", tmp_path / "etc/systemd/system")
    targets = {f"fallback@{shop}.target" for shop in ("shop-a", "shop-b")}
    ran(program("systemctl"), f"--root={tmp_path}", "enable", *sorted(targets))
    wanted = (tmp_path / "etc/systemd/system/multi-user.target.wants").iterdir()
    assert {link.name for link in wanted} == targets
    services = [f"fallback-{part}@%i.service" for part in ("web", "worker", "clock")]
    assert f"Wants={' '.join(services)}\n" in (DEPLOY / "systemd/fallback@.target").read_text()
    for unit in UNITS:
        said = (DEPLOY / "systemd" / unit).read_text()
        assert "EnvironmentFile=/etc/fallback/%i.env\n" in said
        assert "PartOf=fallback@%i.target\n" in said
    assert "FALLBACK_JOURNAL=/var/lib/fallback/%i/journal\n" in (DEPLOY / "systemd/fallback-web@.service").read_text()


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_may_do_little(units: Path, unit: str) -> None:
    ran(program("systemd-analyze"), "security", "--offline=true", f"--threshold={MOST_EXPOSED}", units / unit)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_what_the_procfile_says_once_the_settings_are_checked(unit: str) -> None:
    lines = dict(line.split("=", 1) for line in (DEPLOY / "systemd" / unit).read_text().splitlines() if "=" in line)
    part = unit.removeprefix("fallback-").removesuffix("@.service")
    assert plain(lines["ExecStart"]) == procfile()[part]
    assert plain(lines["ExecStartPre"]) == procfile()["release"]


# --- Docker


@pytest.fixture
def compose(tmp_path: Path) -> dict[str, Any]:
    shutil.copy(DEPLOY / "compose.yaml", tmp_path)
    (tmp_path / "fallback.env").touch()
    found: dict[str, Any] = yaml.safe_load(ran(program("docker-compose"), "-f", "compose.yaml", "config", cwd=tmp_path))
    return found


def test_compose_runs_what_the_procfile_says(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for part in ("worker", "clock", "release"):
        assert plain(services[part]["command"]) == procfile()[part]
    assert "command" not in services["web"]  # that of the image


def test_compose_asks_the_web_and_redis_whether_they_are_alive(compose: dict[str, Any]) -> None:
    """Not by the image: worker and clock answer no HTTP, and images of the OCI format hold no health check."""
    asked = {name: each["healthcheck"]["test"] for name, each in compose["services"].items() if "healthcheck" in each}
    assert set(asked) == {"web", "redis"}
    assert "/healthz" in asked["web"]
    assert "HEALTHCHECK" not in (DEPLOY / "Dockerfile").read_text()


def test_only_the_web_is_published_and_only_to_this_machine(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert list(ports) == ["web"]
    assert "127.0.0.1" in str(ports["web"])


def test_a_project_of_compose_has_the_settings_and_the_port_of_its_shop(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "compose.yaml", tmp_path)
    (tmp_path / "shop-b.env").write_text("FALLBACK_SHOP=shop-b\n")
    words = ("-p", "shop-b", "-f", "compose.yaml", "config")
    own = {"SETTINGS": "shop-b.env", "PORT": "8102"}
    found = yaml.safe_load(ran(program("docker-compose"), *words, cwd=tmp_path, env=os.environ | own))
    assert {"shop-b"} == {
        each["environment"]["FALLBACK_SHOP"] for name, each in found["services"].items() if name != "redis"
    }
    assert "8102" in str(found["services"]["web"]["ports"])


def test_hadolint_takes_the_image() -> None:
    ran(Path(sys.executable).with_name("hadolint"), DEPLOY / "Dockerfile")


def test_the_image_runs_what_the_procfile_says() -> None:
    [command] = re.findall(r"(?m)^CMD (\[.*\])", (DEPLOY / "Dockerfile").read_text())
    assert plain(yaml.safe_load(command)) == procfile()["web"]


def test_the_image_takes_only_what_is_there_and_is_let_through() -> None:
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text())
    sources = " ".join(copied).split()
    let_through = re.findall(r"(?m)^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text())
    assert set(sources) == set(let_through)
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"(?m)^USER (\S+)", (DEPLOY / "Dockerfile").read_text())
    assert users == ["10001"]


def test_modules_are_compiled_once_without_their_times() -> None:
    """pip would compile them with the times of their files, which differ from build to build."""
    built = (DEPLOY / "Dockerfile").read_text().replace("\\\n", "")
    installed = [line for line in re.split(r"&&|\n", built) if " --python /venv install " in line]
    assert len(installed) == 2
    assert all("--no-compile" in line for line in installed)
    assert "compileall -q --invalidation-mode unchecked-hash /venv/lib" in built


# --- Kubernetes


@pytest.fixture(scope="module")
def manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(ran(program("kubectl"), "kustomize", DEPLOY / "kubernetes")))


def test_kubernetes_takes_the_manifests(manifests: list[dict[str, Any]]) -> None:
    assert len(manifests) > 4
    for manifest in manifests:
        kubernetes_validate.validate(manifest, "1.29", strict=True)


def test_an_overlay_has_all_of_them_in_the_namespace_of_its_shop(
    manifests: list[dict[str, Any]], tmp_path: Path
) -> None:
    page = (ROOT / "ops/docs/how-to/several-shops.md").read_text()
    [overlay] = re.findall(r"\n(    apiVersion: kustomize.*(?:\n    .*)+)", page)
    shutil.copytree(DEPLOY / "kubernetes", tmp_path / "kubernetes")
    (tmp_path / "shop-a").mkdir()
    (tmp_path / "shop-a/kustomization.yaml").write_text(textwrap.dedent(overlay))
    of_the_shop = list(yaml.safe_load_all(ran(program("kubectl"), "kustomize", tmp_path / "shop-a")))
    assert len(of_the_shop) == len(manifests)
    assert {each["metadata"]["namespace"] for each in of_the_shop} == {"shop-a"}


def test_pods_run_what_the_procfile_says_once_the_settings_are_checked(manifests: list[dict[str, Any]]) -> None:
    for manifest in manifests:
        if manifest["kind"] != "Deployment":
            continue
        pod, part = manifest["spec"]["template"]["spec"], manifest["spec"]["selector"]["matchLabels"]["part"]
        [container], [settings] = pod["containers"], pod["initContainers"]
        assert plain(settings["command"]) == procfile()["release"]
        if part != "web":  # that of the image
            assert plain(container["command"]) == procfile()[part]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["image"] == "fallback-checkout:latest"


def test_a_pod_gets_no_names_of_services_that_look_like_settings(manifests: list[dict[str, Any]]) -> None:
    """For a service `fallback` Kubernetes would set FALLBACK_PORT=tcp://… in each container of the namespace."""
    pods = [each["spec"]["template"]["spec"] for each in manifests if each["kind"] == "Deployment"]
    assert [pod["enableServiceLinks"] for pod in pods] == [False] * 3


def test_a_stopped_process_has_time_to_finish(manifests: list[dict[str, Any]]) -> None:
    pods = [each["spec"]["template"]["spec"] for each in manifests if each["kind"] == "Deployment"]
    assert {pod["terminationGracePeriodSeconds"] for pod in pods} == {90}
    assert yaml.safe_load((DEPLOY / "compose.yaml").read_text())["x-fallback"]["stop_grace_period"] == "90s"
    assert all("TimeoutStopSec=90" in (DEPLOY / "systemd" / unit).read_text() for unit in UNITS)
    assert DEADLINE < KILL_AFTER < 90


# --- Prometheus


def test_prometheus_takes_its_settings() -> None:
    ran(program("promtool"), "check", "config", "--syntax-only", DEPLOY / "prometheus.yml")
