from __future__ import annotations

import pytest

from fallback.primaries import KINDS, build_primary


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_builds_a_primary_that_is_thought_up(kind: str) -> None:
    assert build_primary(kind, "https://shop.example", "token").available


def test_a_kind_that_we_do_not_have_is_told_with_those_that_we_have() -> None:
    with pytest.raises(ValueError, match="'magento'; it can be: http"):
        build_primary("magento", "https://shop.example", "token")
