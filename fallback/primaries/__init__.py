"""One folder per kind of shop system, each with an implementation of the port Primary and its settings."""

from __future__ import annotations

from collections.abc import Mapping

from fallback.primaries import http, medusa, saleor, shopify, vendure, woocommerce
from fallback.primaries.kind import Kind

# A new kind of shop system gets a folder beside http/ and its place here.
KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (http.KIND, medusa.KIND, saleor.KIND, shopify.KIND, vendure.KIND, woocommerce.KIND)
}
