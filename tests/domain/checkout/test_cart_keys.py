"""The keys that carts are signed with: which are taken, and their rotation; how claims may be written."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.order.cart import Cart
from tests.builders import NOW
from tests.domain.checkout.test_cart_token import SECRET, Key, claims, outcome, refusal, signed

# --- the keys


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(OctKey.generate_key(256, {"kid": "k"}), id="no algorithm"),
        pytest.param(OctKey.generate_key(512, {"kid": "k", "alg": "HS512"}), id="an algorithm that we do not take"),
        pytest.param(RSAKey.generate_key(2048, {"kid": "k", "alg": "RS256"}), id="RSA"),
    ],
)
def test_a_key_without_an_algorithm_of_ours_stops_the_start(key: Key) -> None:
    with pytest.raises(ValueError, match=r"^key 'k' needs an 'alg', one of ES256, Ed25519, HS256$"):
        CartTokens({"keys": [key.as_dict()]}, "demo-shop")


def test_a_key_that_is_too_short_to_keep_a_secret_stops_the_start() -> None:
    short = {"kty": "oct", "kid": "k", "alg": "HS256", "k": "c2hvcnQ"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="112 bits"):
            CartTokens({"keys": [short]}, "demo-shop")


GOOD: dict[str, str] = {"kid": "k", **SECRET.as_dict(), "alg": "HS256"}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "a JWKS with at least one key"),
        ({}, "a JWKS with at least one key"),
        ([1], "key 1 of the set needs a 'kid'"),
        ([GOOD | {"kid": 5}], "key 1 of the set needs a 'kid'"),
        ([GOOD, GOOD], f"two keys have the kid {GOOD['kid']!r}"),
        ([GOOD | {"kid": "b", "alg": "ES256"}], 'key \'b\' is no key for ES256: "kty":"EC", "crv":"P-256"'),
        ([GOOD | {"kid": "b", "k": "?"}], 'key \'b\' is no key for HS256: "kty":"oct", with a secret'),
        ([ECKey.generate_key("P-384", {"kid": "b", "alg": "ES256"}).as_dict()], "key 'b' is no key for ES256"),
        ([{"kid": "b", "alg": "Ed25519", "kty": "OKP", "crv": "Ed25519", "x": "AAAA"}], "a public key of 32 bytes"),
    ],
)
def test_a_key_that_verifies_no_cart_stops_the_start_and_is_named(keys: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        CartTokens({"keys": keys}, "demo-shop")
    assert GOOD["k"] not in str(refused.value)


def test_the_name_of_the_key_of_our_own_drills_is_taken() -> None:
    with pytest.raises(ValueError, match=r"^the kid 'drill' is reserved for our own drills$"):
        CartTokens({"keys": [OctKey.generate_key(256, {"kid": "drill", "alg": "HS256"}).as_dict()]}, "demo-shop")


def test_carts_of_the_old_key_and_of_the_new_one_are_read_during_a_rotation() -> None:
    newer = OctKey.generate_key(256, {"kid": "newer", "alg": "HS256"})
    both = CartTokens({"keys": [SECRET.as_dict(), newer.as_dict()]}, "demo-shop")
    assert both.read(signed(claims(), SECRET), NOW) == both.read(signed(claims(), newer), NOW)


@pytest.mark.parametrize(
    "claim",
    [
        {"aud": ["another-checkout", "fallback-checkout"]},
        {"exp": NOW.timestamp() + 0.5},
        {"exp": float(int(NOW.timestamp()) + 60)},
    ],
    ids=["several audiences", "a fraction", "a whole number with a point"],
)
def test_audiences_and_times_are_read_as_jwt_writes_them(claim: dict[str, Any]) -> None:
    assert isinstance(outcome(signed(claims(**claim))), Cart)


def test_a_cart_for_several_others_is_foreign() -> None:
    assert refusal(signed(claims(aud=["one-checkout", "another-checkout"]))) == "cart_foreign"
