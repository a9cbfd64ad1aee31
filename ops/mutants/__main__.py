"""Plants small bugs one by one, and names those that neither a test nor the types find.

mutmut makes them: in each function and method that has no decorator, not in constants, properties and Lua. They are
tried in forks of one pytest process, by the tests that run the function. What was found stays found until its function
changes (or with --again), the rest is tried again each time; the copy in which this happens is var/mutants/<part>.

equivalent.txt has those that change nothing that anybody could see, each with its reason after the last ' # '. They
too are tried only with --again, since each takes as long as all tests of its function. The share that is 'found'
counts what mypy finds, as a part of ./ops/bin/test; the share of 'tests' does not.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import click
import msgspec

from .kept import FOUND, PLAN, REACH, TRIED, Plan, Reach, State, ToTry, Tried
from .planting import ROOT, Mutant, caught_by_types, copy, plant

# Test modules of which the named one most often finds it.
NEAREST = 3
EQUIVALENT = Path(__file__).with_name("equivalent.txt")


@dataclass(frozen=True)
class Part:
    """Code with the tests that look at it directly. `at_least`: the share that they are to find.

    `leave_out`: they run through everything, seconds or minutes for each mutant, and say only that something is wrong.
    """

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    at_least: float
    leave_out: tuple[str, ...] = ()


PARTS = (
    Part(
        "domain",
        ("fallback/domain",),
        (
            *("tests/domain", "tests/usecases", "tests/notices", "tests/cart_token"),
            *("tests/test_config.py", "tests/test_config_values.py"),
        ),
        at_least=0.90,
        leave_out=(
            "tests/every_order/test_every_order.py",
            "tests/usecases/test_any_sequence.py",
            "tests/usecases/payment/test_what_is_owed.py",
            "tests/usecases/test_races.py",
            "tests/usecases/test_crash_points.py",
        ),
    ),
    Part(
        "usecases",
        ("fallback/usecases",),
        (
            *("tests/usecases", "tests/notices", "tests/contracts", "tests/web"),
            *("tests/cart_token/test_check.py", "tests/domain/outage/test_dry_run.py"),
        ),
        at_least=0.90,
        leave_out=(
            "tests/usecases/test_any_sequence.py",
            "tests/usecases/payment/test_what_is_owed.py",
            "tests/usecases/test_races.py",
            "tests/usecases/test_crash_points.py",
            "tests/web/scripts",
            # Reads the sources, which mutants are planted in.
            "tests/web/api/test_openapi.py",
        ),
    ),
    Part("ledger", ("fallback/ledger",), ("tests/ledger", "tests/contracts"), at_least=0.85),
    Part(
        "payments",
        ("fallback/payments",),
        ("tests/payments", "tests/contracts", "tests/doctor/test_wallets.py"),
        at_least=0.85,
    ),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("patterns", nargs=-1)
@click.option("--at-once", default=2, show_default=True, help="How many mutants are tried at the same time.")
@click.option("--again", is_flag=True, help="Try those too that were found before or are equivalent.")
@click.option("--sample", type=click.IntRange(1), help="Try so many of each part, the same ones while it is unchanged.")
def main(patterns: tuple[str, ...], at_once: int, again: bool, sample: int | None) -> None:
    """Try all mutants, or those of the functions that match PATTERNS ('fallback.domain.order.grants*')."""
    parts = [part for part in PARTS if not patterns or any(_is_of(part, pattern) for pattern in patterns)]
    if not parts:
        packages = ", ".join(_package(part) for part in PARTS)
        raise click.UsageError(f"Nothing matches {' '.join(patterns)}. Looked at are {packages}.")
    good = [_kept(part, patterns or ("*",), at_once, again, sample) for part in parts]
    sys.exit(0 if all(good) else 1)


def _package(part: Part) -> str:
    return part.sources[0].replace("/", ".")


def _is_of(part: Part, pattern: str) -> bool:
    return pattern.startswith(_package(part))


def _kept(part: Part, patterns: tuple[str, ...], at_once: int, again: bool, sample: int | None) -> bool:
    """Whether the tests find as many as they are to find."""
    place = ROOT / "var" / "mutants" / part.name
    place.mkdir(parents=True, exist_ok=True)
    os.chdir(place)  # mutmut reads its settings from here
    copy(place, part.sources)
    click.echo(f"{part.name}: planting")
    mutants = plant(place, part.sources)
    for change in sorted(_equivalent() - {mutant.change for mutant in mutants}):
        if change.startswith(f"{_package(part)}."):
            click.echo(f"in {EQUIVALENT.name}, and planted no more: {change}")
    chosen = [mutant for mutant in mutants if any(_matches(mutant, pattern) for pattern in patterns)]
    if sample and sample < len(chosen):
        chosen = Random(part.name).sample(chosen, sample)
    states = _before(place, chosen) if not again else {}
    typed = _typed(place, part, mutants)
    states |= {mutant.name: State.TYPES for mutant in chosen if mutant.name in typed}
    left = [mutant for mutant in chosen if mutant.name not in states]
    _try(place, part, left, at_once)
    states |= _tried(place, left)
    _try_from_the_start(place, [mutant for mutant in left if states[mutant.name] not in FOUND])
    states |= _tried(place, left)
    return _report(part, chosen, states)


def _matches(mutant: Mutant, pattern: str) -> bool:
    """`fallback.domain.order.grants` is its module, `fallback.domain.order.grants.of` a function in it."""
    readable = mutant.function.replace(".x_", ".").replace("ǁ", ".").replace(".x.", ".")
    return any(fnmatch.fnmatchcase(name, pattern) for name in (readable, mutant.module, mutant.name))


def _typed(place: Path, part: Part, mutants: list[Mutant]) -> set[str]:
    kept = place / "typed.json"
    digest = hashlib.sha256(msgspec.json.encode(mutants)).hexdigest()
    if kept.exists():
        before, names = msgspec.json.decode(kept.read_bytes(), type=tuple[str, list[str]])
        if before == digest:
            return set(names)
    click.echo(f"{part.name}: asking mypy about {len(mutants)} mutants")
    found = caught_by_types(place, mutants)
    kept.write_bytes(msgspec.json.encode((digest, sorted(found))))
    return found


def _before(place: Path, mutants: list[Mutant]) -> dict[str, State]:
    judged = {mutant.name: State.EQUIVALENT for mutant in mutants if _is_equivalent(mutant)}
    return judged | {name: state for name, state in _tried(place, mutants).items() if state in FOUND}


def _tried(place: Path, mutants: list[Mutant]) -> dict[str, State]:
    """The last word about each, if its function is still the same."""
    digests = {mutant.name: mutant.digest for mutant in mutants}
    file = place / TRIED
    lines = file.read_bytes().splitlines() if file.exists() else []
    decoded = (msgspec.json.decode(line, type=Tried) for line in lines)
    return {tried.name: tried.state for tried in decoded if digests.get(tried.name) == tried.digest}


def _try(place: Path, part: Part, mutants: list[Mutant], at_once: int) -> None:
    if not mutants:
        return
    plan = Plan([ToTry(each.name, each.function, each.digest) for each in mutants], at_once, _basis(place))
    (place / PLAN).write_bytes(msgspec.json.encode(plan))
    without = [word for path in part.leave_out for word in ("--ignore", path)]
    settings = ["-q", "-s", "-p", "no:cacheprovider", "-p", "ops.mutants.trying"]
    command = [sys.executable, "-m", "pytest", *settings, *without, *part.tests]
    if subprocess.run(command, cwd=place, env=os.environ | {"PYTHONPATH": str(place)}).returncode not in (0, 5):
        raise click.ClickException(f"The mutants could not be tried; their copy is {place.relative_to(ROOT)}.")


def _try_from_the_start(place: Path, mutants: list[Mutant]) -> None:
    """What runs while modules are imported has run before the fork: these have a pytest process each."""
    if not mutants:
        return
    reach = msgspec.json.decode((place / REACH).read_bytes(), type=Reach)
    for mutant in mutants:
        near = {
            test.partition("::")[0]
            for test, functions in reach.functions.items()
            if any(function.startswith(f"{mutant.module}.") for function in functions)
        }
        if mutant.function not in reach.early or not near:
            continue
        settings = ["-x", "-q", "-p", "no:cacheprovider"]
        tests = sorted(near, key=lambda module: mutant.module.rpartition(".")[2] not in module)
        surroundings = os.environ | {"PYTHONPATH": str(place), "MUTANT_UNDER_TEST": mutant.name}
        command = [sys.executable, "-m", "pytest", *settings, *tests[:NEAREST]]
        ended = subprocess.run(command, cwd=place, env=surroundings, capture_output=True).returncode
        tried = Tried(mutant.name, mutant.digest, State.KILLED if ended else State.SURVIVED, "from the start")
        with (place / TRIED).open("ab") as file:
            file.write(msgspec.json.encode(tried) + b"\n")


def _basis(place: Path) -> str:
    """The digest of all that tests run on, themselves left out."""
    digest = hashlib.sha256()
    for folder in ("fallback", "workers", "templates", "tests"):
        for path in sorted((place / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".po", ".lua", ".txt") and not path.name.startswith("test_"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _report(part: Part, mutants: list[Mutant], states: dict[str, State]) -> bool:
    modules: dict[str, Counter[State]] = {}
    for mutant in mutants:
        state = states[mutant.name]
        if state not in FOUND and _is_equivalent(mutant):
            state = State.EQUIVALENT
        elif state not in FOUND:
            click.echo(f"{state}: {mutant.change}")
        modules.setdefault(mutant.module, Counter())[state] += 1
    click.echo(f"{'':40}" + "".join(f"{state:>12}" for state in State) + f"{'found':>8}{'tests':>8}")
    for module, counts in [*sorted(modules.items()), ("together", sum(modules.values(), Counter[State]()))]:
        figures = "".join(f"{counts[state]:12}" for state in State)
        click.echo(f"{module:40}{figures}{_share(counts):8.1%}{_share(counts, but={State.TYPES}):8.1%}")
    share = _share(sum(modules.values(), Counter[State]()))
    verdict = "kept" if share >= part.at_least else "MISSED"
    click.echo(f"{part.name}: {share:.1%} found, at least {part.at_least:.0%}: {verdict}")
    return share >= part.at_least


def _is_equivalent(mutant: Mutant) -> bool:
    return mutant.change in _equivalent()


@cache
def _equivalent() -> Set[str]:
    return {line.rpartition(" # ")[0] for line in EQUIVALENT.read_text().splitlines()}


def _share(counts: Counter[State], but: Set[State] = frozenset()) -> float:
    """`but`: not counting those."""
    all_of_them = counts.total() - counts[State.EQUIVALENT] - sum(counts[state] for state in but)
    return sum(counts[state] for state in FOUND - but) / max(all_of_them, 1)


if __name__ == "__main__":
    main(prog_name="mutants")
