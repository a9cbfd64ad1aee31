"""The Helm chart, linted and rendered by Helm's own code: by default it is what kustomize makes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.test_files import DEPLOY, ran
from tests.programs import program

helm = pytest.importorskip("helm_python", reason="Helm's code in a wheel is made for x86-64 and macOS only")

ROOT = Path(__file__).parents[2]
CHART = str(DEPLOY / "helm")
# Helm's severities: 1 is a recommendation, 2 a warning, 3 an error.
WARNING = 2
Manifests = dict[tuple[str, str], dict[str, Any]]


def rendered(**values: Any) -> Manifests:
    with helm.Chart.load(CHART) as chart:
        files: dict[str, str] = chart.render(values, name="fallback", namespace="checkout")
    return by_name(text for name, text in files.items() if name.endswith(".yaml"))


def by_name(texts: Any) -> Manifests:
    each = [manifest for text in texts for manifest in yaml.safe_load_all(text) if manifest]
    return {(manifest["kind"], manifest["metadata"]["name"]): manifest for manifest in each}


def containers(manifests: Manifests) -> list[dict[str, Any]]:
    pods = [each["spec"]["template"]["spec"] for (kind, _), each in manifests.items() if kind == "Deployment"]
    return [container for pod in pods for container in (*pod["initContainers"], *pod["containers"])]


def test_helm_takes_the_chart() -> None:
    found = helm.lint(CHART)
    assert found["errors"] == []
    assert [each for each in found["messages"] if each["severity"] >= WARNING] == []


def test_without_values_it_is_what_kustomize_makes() -> None:
    made = by_name([ran(program("kubectl"), "kustomize", DEPLOY / "kubernetes")])
    for manifest in made.values():
        del manifest["metadata"]["namespace"]  # Helm's is that of the release
    assert rendered(image={"tag": "latest"}) == made


def test_an_image_by_its_digest_and_secrets_as_files_are_taken_by_kubernetes() -> None:
    digest = f"sha256:{'0123456789abcdef' * 4}"
    manifests = rendered(
        image={"digest": digest, "pullSecrets": ["registry"]},
        settings={"open": {"FALLBACK_SHOP_NAME": "Harbour Books: 'new'", "FALLBACK_REPLICAS": 1}},
        secretFiles={"secret": "vault", "files": ["SECRET_KEY", "STRIPE_SECRET_KEY"]},
    )
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, "1.29", strict=True)
    found = containers(manifests)
    assert {each["image"] for each in found} == {f"fallback-checkout@{digest}"}
    wanted = {
        "FALLBACK_SHOP_NAME": "Harbour Books: 'new'",
        "FALLBACK_REPLICAS": "1",
        "SECRET_KEY_FILE": "/run/secrets/fallback/SECRET_KEY",
        "STRIPE_SECRET_KEY_FILE": "/run/secrets/fallback/STRIPE_SECRET_KEY",
    }
    assert all({each["name"]: each["value"] for each in container["env"]} == wanted for container in found)


def test_a_value_that_there_is_not_is_refused() -> None:
    with pytest.raises(helm.HelmError, match="replica"):
        rendered(web={"replica": 3})


def test_the_chart_has_the_version_of_the_package() -> None:
    chart = yaml.safe_load((DEPLOY / "helm/Chart.yaml").read_text())
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert chart["version"] == chart["appVersion"] == package["version"]
