"""Where the button has to say that an order obliges to pay."""

from __future__ import annotations

import pytest

from fallback.domain.checkout.order_button import SAYS_OBLIGATION


@pytest.mark.parametrize("country", ["DE", "IE", "NO", "GB", "MQ"])
def test_there_it_says_so(country: str) -> None:
    assert country in SAYS_OBLIGATION


@pytest.mark.parametrize("country", ["US", "CH", "AU", "JP"])
def test_elsewhere_it_need_not(country: str) -> None:
    assert country not in SAYS_OBLIGATION
