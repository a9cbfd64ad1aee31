"""Plants small bugs one by one with mutmut, and names those that no test finds.

All of it takes hours; a pattern such as 'fallback.domain.refunds*' takes minutes. What was tried before is not tried
again unless its function has changed. The copy in which it works is var/mutants/<part>.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
KILLED = {"killed", "timeout", "segfault", "caught by type check"}


@dataclass(frozen=True)
class Part:
    """Code with the tests that look at it directly. `at_least`: the share that its tests are to find."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    at_least: float
    leave_out: tuple[str, ...] = ()

    def configuration(self) -> str:
        without = [word for path in self.leave_out for word in ("--deselect", path)]
        return f"""
[tool.mutmut]
source_paths = {list(self.sources)}
also_copy = ["fallback", "workers", "templates", "ops", "tests"]
pytest_add_cli_args_test_selection = {list(self.tests)}
pytest_add_cli_args = {["-p", "no:cacheprovider", *without]}
"""


PARTS = (
    Part(
        "core",
        ("fallback/domain", "fallback/usecases"),
        ("tests/domain", "tests/usecases", "tests/notices", "tests/contracts", "tests/web"),
        at_least=0.90,
        # They run through everything, minutes for each mutant, and say only that something somewhere is wrong.
        leave_out=("tests/usecases/test_races.py", "tests/usecases/test_crash_points.py", "tests/web/scripts"),
    ),
    Part(
        "edges",
        ("fallback/ledger", "fallback/payments"),
        ("tests/ledger", "tests/payments", "tests/contracts"),
        at_least=0.85,
    ),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("patterns", nargs=-1)
@click.option("--at-once", default=2, show_default=True, help="How many mutants are tried at the same time.")
def main(patterns: tuple[str, ...], at_once: int) -> None:
    """Try all mutants, or those whose names match PATTERNS ('fallback.domain.grants*')."""
    good = [_tried(part, _of(part, patterns), at_once) for part in PARTS if not patterns or _of(part, patterns)]
    if not good:
        raise click.UsageError(
            f"No part has {' '.join(patterns)}: domain, usecases, ledger and payments are looked at."
        )
    sys.exit(0 if all(good) else 1)


def _of(part: Part, patterns: tuple[str, ...]) -> list[str]:
    packages = [source.replace("/", ".") for source in part.sources]
    return [pattern for pattern in patterns if any(pattern.startswith(package) for package in packages)]


def _tried(part: Part, patterns: list[str], at_once: int) -> bool:
    """Whether the tests find as many as they are to find."""
    place = _copy(part)
    if subprocess.run(["mutmut", "run", "--max-children", str(at_once), *patterns], cwd=place).returncode:
        raise click.ClickException(f"mutmut could not run; its copy is {place.relative_to(ROOT)}.")
    equivalent = EQUIVALENT.read_text().splitlines()
    found: dict[str, Counter[bool]] = {}
    for mutant, state in _results(place):
        package = ".".join(mutant.split(".")[:3])
        killed = state in KILLED
        change = "" if killed else _change(place, mutant)
        if change in equivalent:
            continue
        found.setdefault(package, Counter())[killed] += 1
        if not killed:
            click.echo(change)
    for package, each in sorted(found.items()):
        click.echo(f"{package:32} {each.total():6} tried  {each[True] / each.total():7.1%} found")
    together = sum(found.values(), Counter[bool]())
    share = together[True] / max(together.total(), 1)
    click.echo(f"{part.name}: {share:.1%} found, at least {part.at_least:.0%}: {_verdict(share, part)}")
    return share >= part.at_least


def _verdict(share: float, part: Part) -> str:
    return "kept" if share >= part.at_least else "MISSED"


def _copy(part: Part) -> Path:
    place = ROOT / "var" / "mutants" / part.name
    for source in part.sources + part.tests:
        shutil.rmtree(place / source, ignore_errors=True)  # what is no more is not to be tried
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    with (place / "pyproject.toml").open("a") as configuration:
        configuration.write(part.configuration())
    return place


def _results(place: Path) -> list[tuple[str, str]]:
    """The names of all mutants that were tried, and what became of them."""
    done = subprocess.run(["mutmut", "results", "--all", "true"], cwd=place, capture_output=True, text=True, check=True)
    pairs = [line.strip().rsplit(": ", 1) for line in done.stdout.splitlines() if ": " in line]
    return [(mutant, state) for mutant, state in pairs if state != "not checked"]


def _change(place: Path, mutant: str) -> str:
    """As it stands in equivalent.txt: the function, the line before and the line after."""
    shown = subprocess.run(["mutmut", "show", mutant], cwd=place, capture_output=True, text=True, check=True).stdout
    lines = [line for line in shown.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    return " | ".join([mutant.rsplit("__mutmut_", 1)[0], *(" ".join(line.split()) for line in lines)])


if __name__ == "__main__":
    main(prog_name="mutants")
