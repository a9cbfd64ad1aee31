"""The address of Redis stands in logs without what opens it."""

from __future__ import annotations

import pytest

from fallback.runtime.redis_connection import address_of, connect


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://ledger.example:6379/0", "redis://ledger.example:6379/0"),
        ("redis://:s3cret@ledger.example/1", "redis://ledger.example/1"),
        ("rediss://shop:s3@cret@ledger.example:6380?ssl_password=s3cret@x", "rediss://ledger.example:6380"),
        ("redis://ledger.example?password=s3cret", "redis://ledger.example"),
        ("unix://shop:s3cret@/run/redis.sock?db=1", "unix:///run/redis.sock"),
        ("redis+sentinel://:s3cret@a:26379,b:26379/ledger", "redis+sentinel://a:26379,b:26379/ledger"),
        ("redis+cluster://shop:s3cret@a,[::1]:6379/shop", "redis+cluster://a,[::1]:6379/shop"),
    ],
)
def test_neither_user_nor_password_nor_options_are_shown(url: str, shown: str) -> None:
    connect(url)
    assert address_of(url) == shown
