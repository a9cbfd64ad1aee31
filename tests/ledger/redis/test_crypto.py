"""Data encrypted and named by an earlier release is read and found by this one, and by both while they run together."""

from __future__ import annotations

import pytest

from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from tests.ledger.world import a_new_order
from tests.redis_server import RedisServer

SECRET, NAME = "the-old-secret-key-0123456789abcdefg", "FB-7K3M-92QX-5"
SEALED = bytes.fromhex(
    "d799333daa51e66019b7e16a1473d1207e8b72e7d2a9bd5f44aa191023f4d47a835ea58f267edd5a3a1c1416",
)


def test_what_was_sealed_before_opens_still_for_whom_it_is() -> None:
    assert Crypto([SECRET]).open(SEALED, NAME) == b"Iris Murdoch"
    with pytest.raises(Undecryptable):
        Crypto([SECRET]).open(SEALED, "FB-7K3M-92QZ-7")


def test_what_a_person_was_found_by_before_finds_them_still() -> None:
    crypto = Crypto([SECRET])
    assert crypto.blinds("email", " Iris@Example.org ") == ["9inWjHFBY0-xrWHxJVYjyw"]
    assert crypto.blinds("phone", "+44 1482 300300") == ["nCCKbwkOvPsZSD2nlYQt_Q", "ISjHsIqB66THhrUHLOxGlw"]


def test_what_the_newest_key_has_sealed_is_left_as_it_is() -> None:
    crypto = Crypto(["a-newer-secret-key-0123456789abcdefgh", SECRET])
    anew = crypto.rewrap(SEALED, NAME)
    assert anew != SEALED
    assert crypto.rewrap(anew, NAME) == anew
    assert crypto.open(anew, NAME) == b"Iris Murdoch"


def test_a_request_has_the_same_key_in_each_release(ledger: RedisLedger, redis_server: RedisServer) -> None:
    ledger.accept(a_new_order(), "a key of a client", "print")
    assert list(redis_server.client.scan_iter("key:*")) == [b"key:eE6eD-Oq_vkgP4UPtb1Nbg"]
