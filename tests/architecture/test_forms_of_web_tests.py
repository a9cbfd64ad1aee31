"""Web tests send the forms that a page shows: one with fields made by hand would not miss a field that is gone."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1] / "web"
# What programs send has no page. What no page sends is made by `forge`, which says so.
OF_PROGRAMS = ("/v1", "/webhooks")


def test_no_web_test_posts_to_a_page_past_its_form() -> None:
    modules = [path for path in TESTS.rglob("test_*.py") if path.parent.name != "api"]
    posts = [(path, call) for path in modules for call in ast.walk(ast.parse(path.read_text())) if is_post(call)]
    assert posts
    assert [f"{path.name}:{call.lineno}" for path, call in posts if not is_of_a_program(call)] == []


def is_post(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "post"


def is_of_a_program(call: ast.Call) -> bool:
    """In JSON, or to one of their addresses, as `**at(order, …)` is."""
    if any(keyword.arg in (None, "json") for keyword in call.keywords):
        return True
    begins = next((node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)), "")
    return str(begins).startswith(OF_PROGRAMS) or "/v1" in ast.unparse(call.args[0])
