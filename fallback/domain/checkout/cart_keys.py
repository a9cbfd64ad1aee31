"""The keys that verify cart tokens: a JWK set (RFC 7517), checked so that each of them can verify one."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, import_key


class _Kind(NamedTuple):
    kty: str
    crv: str | None
    words: str


# Each key of the set names one algorithm and is used only with it; 'none' and RSA are not allowed. RFC 7518, 8037.
KINDS = {
    "HS256": _Kind("oct", None, '"kty":"oct", with a secret of at least 14 bytes (112 bits) as "k"'),
    "ES256": _Kind("EC", "P-256", '"kty":"EC", "crv":"P-256", with a point of that curve as "x" and "y"'),
    "Ed25519": _Kind("OKP", "Ed25519", '"kty":"OKP", "crv":"Ed25519", with a public key of 32 bytes as "x"'),
}
ALGORITHMS = frozenset(KINDS)
# The kid of the key that only we have: a cart signed with it is a drill of our own, not a purchase.
DRILL = "drill"


def cart_keys(jwks: Any) -> dict[str, Key]:
    """By their kid. Raises ValueError, which says which key is wrong and what is expected; no value is quoted."""
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ValueError('a JWKS with at least one key is expected, {"keys": [{...}]} (RFC 7517)')
    keys: dict[str, Key] = {}
    for number, jwk in enumerate(listed, 1):
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        if not isinstance(kid, str) or not kid:
            raise ValueError(f"key {number} of the set needs a 'kid', the text by which tokens name it")
        if kid == DRILL:
            raise ValueError(f"the kid {DRILL!r} is reserved for our own drills")
        if kid in keys:
            raise ValueError(f"two keys have the kid {kid!r}; tokens could not tell which is meant")
        keys[kid] = _key(kid, jwk)
    return keys


def _key(kid: str, jwk: dict[str, Any]) -> Key:
    alg = jwk.get("alg")
    if not isinstance(alg, str) or alg not in KINDS:
        raise ValueError(f"key {kid!r} needs an 'alg', one of {', '.join(sorted(ALGORITHMS))}")
    kty, crv, words = KINDS[alg]
    try:
        with warnings.catch_warnings(action="error", category=SecurityWarning):  # for a key too short
            if (jwk.get("kty"), jwk.get("crv")) == (kty, crv):
                return import_key(jwk)
    except (JoseError, SecurityWarning, ValueError, TypeError):  # said in words of the library
        pass
    raise ValueError(f"key {kid!r} is no key for {alg}: {words}, in Base64url, is expected")
