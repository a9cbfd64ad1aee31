"""The test vectors for signers, as they are published: ops/cart-token/vectors.json."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from fallback.domain.checkout.cart_token import CartTokens

FOLDER = Path(__file__).parents[2] / "ops/cart-token"
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text())
GOOD: list[dict[str, Any]] = VECTORS["good"]
BAD: list[dict[str, Any]] = VECTORS["bad"]
AT = datetime.fromisoformat(VECTORS["now"])
TOKENS = CartTokens(VECTORS["keys"], VECTORS["shop"])


def key_of(kid: str) -> dict[str, str]:
    [key] = [key for key in VECTORS["keys"]["keys"] if key["kid"] == kid]
    return dict(key)


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])
