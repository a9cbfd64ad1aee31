"""The files that are read while it runs and are no code: templates and catalogs, the refund policy, the runbooks.

In a checkout they stand where people edit them; in the wheel, under the same names in `fallback/data` (pyproject.toml).
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = _PACKAGE / "data"
ROOT = INSTALLED if INSTALLED.exists() else _PACKAGE.parent
TEMPLATES = ROOT / "templates"
POLICY = ROOT / "ops/policy.toml"
RUNBOOKS = ROOT / "ops/runbooks"
