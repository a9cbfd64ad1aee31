"""Makes the copy of the project in which mutants are planted.

mutmut writes each function once for each of its mutants into one module, and a switch that says which of them runs.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).parents[2]


class Mutant(msgspec.Struct, frozen=True):
    """`function` and `digest`: where it is planted, and what stands there. `change`: as in equivalent.txt."""

    name: str
    function: str
    digest: str
    change: str
    first_line: int
    last_line: int

    @property
    def module(self) -> str:
        return self.function.rpartition(".")[0]


class Planted(msgspec.Struct, frozen=True):
    """One module, as it is kept: `source` is the digest of what it was made from."""

    source: str
    mutants: list[Mutant]


def copy(place: Path, sources: tuple[str, ...]) -> None:
    """What git knows, committed or not, but for the sources, which are planted. What is no more goes."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    wanted = {name for name in names if name and (ROOT / name).is_file()}
    for folder in ("fallback", "workers", "templates", "ops", "tests"):
        for old in (place / folder).rglob("*.*"):
            if old.is_file() and old.suffix in (".py", ".html", ".po") and str(old.relative_to(place)) not in wanted:
                old.unlink()
    for name in wanted:
        there = place / name
        if name.startswith(sources) and name.endswith(".py"):
            continue
        _write(there, (ROOT / name).read_bytes())
    _write(place / "setup.cfg", b"[mutmut]\nsource_paths = fallback\n")


def _write(path: Path, content: bytes) -> None:
    """Only what changes: the rest need not be compiled anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def plant(place: Path, sources: tuple[str, ...]) -> list[Mutant]:
    """All mutants of these packages. The copy must be in place, and be the working directory."""
    found: list[Mutant] = []
    for source in sources:
        for path in sorted((ROOT / source).rglob("*.py")):
            found += _planted(place, path.relative_to(ROOT)).mutants
    return found


def _planted(place: Path, path: Path) -> Planted:
    code = (ROOT / path).read_text()
    source = hashlib.sha256(code.encode()).hexdigest()
    kept = place / f"{path}.planted"
    if kept.exists() and (place / path).exists():
        before = msgspec.json.decode(kept.read_bytes(), type=Planted)
        if before.source == source:
            return before
    mutated = mutate_file_contents(str(path), code)
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    lines = mutated.code.splitlines()
    mutants = []
    for name in mutated.mutant_names:
        function = name.rpartition("__mutmut_")[0]
        original = mutated.line_span_by_function_name[f"{function}__mutmut_orig"]
        span = mutated.line_span_by_function_name[name]
        lines_before, lines_after = (
            [re.sub(r"\bx[_ǁ]\w*__mutmut_\w+", "it", line) for line in lines[each.start - 1 : each.end]]
            for each in (original, span)
        )
        change = [
            " ".join(line.split())
            for line in difflib.unified_diff(lines_before, lines_after, lineterm="", n=0)
            if line[:1] in "+-" and not line.startswith(("+++", "---"))
        ]
        mutants.append(
            Mutant(
                name=f"{module}.{name}",
                function=f"{module}.{function}",
                digest=mutated.hash_by_function_name.get(function, source),
                change=" | ".join([f"{module}.{function}", *change]),
                first_line=span.start,
                last_line=span.end,
            )
        )
    planted = Planted(source, mutants)
    _write(place / path, mutated.code.encode())
    kept.write_bytes(msgspec.json.encode(planted))
    return planted


def caught_by_types(place: Path, mutants: list[Mutant]) -> set[str]:
    """Those that mypy finds, which is one of the checks of ./ops/bin/test: they are not tried.

    An error that the function has without its mutant too, because of the way in which mutmut writes it, does not count.
    """
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", "--no-warn-unused-ignores"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, env=os.environ | {"MYPYPATH": ""})
    if done.returncode not in (0, 1):
        raise RuntimeError(f"mypy could not look at {place}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    errors: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for line in done.stdout.splitlines():
        if match := re.match(r"(\S+?):(\d+): error: (.*)", line):
            errors[match[1]].append((int(match[2]), re.sub(r"__mutmut_\w+", "", match[3])))
    caught = set()
    for mutant in mutants:
        here = Counter(
            words for line, words in errors[_file(place, mutant)] if mutant.first_line <= line <= mutant.last_line
        )
        if here:
            caught.add(mutant.name)
    return caught


def _file(place: Path, mutant: Mutant) -> str:
    path = mutant.module.replace(".", "/")
    return f"{path}.py" if (place / f"{path}.py").exists() else f"{path}/__init__.py"
