"""Purchases that the shop has already."""

from __future__ import annotations

import pytest

from fallback.domain.placement.primary import Duplicates

KINDS = pytest.mark.parametrize("duplicates", Duplicates)
