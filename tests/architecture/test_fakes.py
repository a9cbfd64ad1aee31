"""What tests stand on keeps its word: each fake passes a contract suite, with the real thing beside it."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]
# Compares the names of methods alone.
NO_SUITE = "test_same_methods.py"


def test_every_fake_is_named_in_a_contract() -> None:
    suites = [path for path in (TESTS / "contracts").rglob("*.py") if path.name != NO_SUITE]
    named = {node.id for path in suites for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    assert sorted(fakes() - named) == []


def fakes() -> set[str]:
    trees = [ast.parse(path.read_text()) for path in (TESTS / "fakes").glob("*.py")]
    found = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return {name for name in found if name.startswith("Fake")}
