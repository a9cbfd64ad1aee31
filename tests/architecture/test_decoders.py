"""msgspec 0.22 prepares a type when it is first decoded, and crashes the process when two threads do that at once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted([*ROOT.glob("fallback/**/*.py"), *ROOT.glob("workers/*.py")])


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_type_is_decoded_by_a_decoder_that_was_made_at_import(module: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    late = [call.lineno for call in calls if _is_decode(call) and any(word.arg == "type" for word in call.keywords)]

    assert late == []


def _is_decode(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "decode"
