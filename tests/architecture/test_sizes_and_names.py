"""A module fits in the head, a function on a screen, and a name says what a thing is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted([*ROOT.glob("fallback/**/*.py"), *ROOT.glob("workers/**/*.py")])
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 50
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "manager", "managers", "common", "misc"}


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 200


def test_a_module_fits_in_the_head() -> None:
    assert those(lambda module: len(module.read_text().splitlines()) > MOST_LINES_OF_A_MODULE) == []


def test_a_function_fits_on_a_screen() -> None:
    assert those(lambda module: any(_lines(each) > MOST_LINES_OF_A_FUNCTION for each in _functions(module))) == []


def test_a_name_says_what_a_module_is_for() -> None:
    assert those(lambda module: not SAYS_NOTHING.isdisjoint(module.relative_to(ROOT).with_suffix("").parts)) == []


def test_a_module_says_what_it_is_there_for() -> None:
    assert those(lambda module: bool(module.read_text().strip()) and not _says_what_it_is_for(module)) == []


def those(offends: Callable[[Path], bool]) -> list[str]:
    return [str(module.relative_to(ROOT)) for module in MODULES if offends(module)]


def _says_what_it_is_for(module: Path) -> bool:
    return bool(ast.get_docstring(ast.parse(module.read_text())))


def _functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
