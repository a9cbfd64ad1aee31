"""A module fits in the head, a function on a screen, and a name says what a thing is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted([*ROOT.glob("fallback/**/*.py"), *ROOT.glob("workers/**/*.py")])
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 50
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "manager", "managers", "common", "misc"}

every_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


@every_module
def test_a_module_fits_in_the_head(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= MOST_LINES_OF_A_MODULE


@every_module
def test_a_function_fits_on_a_screen(module: Path) -> None:
    long = {function.name for function in _functions(module) if _lines(function) > MOST_LINES_OF_A_FUNCTION}
    assert long == set()


@every_module
def test_a_name_says_what_a_module_is_for(module: Path) -> None:
    assert SAYS_NOTHING.isdisjoint(module.relative_to(ROOT).with_suffix("").parts)


@every_module
def test_a_module_says_what_it_is_there_for(module: Path) -> None:
    source = module.read_text()
    assert not source.strip() or ast.get_docstring(ast.parse(source))


def _functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
