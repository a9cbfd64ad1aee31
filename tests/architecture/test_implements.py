"""An adapter says which port it implements, and the port is there, with all that it asks for."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAYS = re.compile(r'^class (\w+)[^\n]*:\n    """Implements ([\w.]+)\.(\w+)', re.MULTILINE)


def test_each_port_that_a_docstring_names_is_there() -> None:
    found = []
    for path in sorted((ROOT / "fallback").rglob("*.py")):
        for name, module, port in SAYS.findall(path.read_text()):
            adapter = getattr(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)), name)
            asked = getattr(import_module(f"fallback.domain.{module}"), port)
            methods = [each for each in vars(asked) if not each.startswith("_")] if isinstance(asked, type) else []
            found.append(f"{name} {port}")
            assert [each for each in methods if not hasattr(adapter, each)] == [], name
    assert len(found) > 20
