"""The plugin itself, as far as it goes without WordPress."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.programs import program

PLUGIN = Path(__file__).parents[3] / "ops/connectors/woocommerce"
FILES = sorted(PLUGIN.glob("*.php"))
MAIN = (PLUGIN / "fallback-checkout.php").read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_php_can_read_it(file: Path) -> None:
    said = subprocess.run([program("php"), "-l", file], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nobody_opens_a_file_of_it_without_wordpress(file: Path) -> None:
    run = subprocess.run([program("php"), file], capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_every_file_is_part_of_the_plugin() -> None:
    parts = [file.name for file in FILES if file.name != "fallback-checkout.php"]
    assert [part for part in parts if f"require __DIR__ . '/{part}';" not in MAIN] == []
