"""The Vendure shop of the tests: seeded once for each version of its files, started once for each test session."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fallback.domain.placement.primary import Primary
from fallback.primaries.calls import Calls
from fallback.primaries.vendure import KIND, Settings
from fallback.primaries.vendure.session import Session, line_to
from ops.demo.places import ROOT
from ops.demo.shops.node import CACHE, fingerprint, installed, one_at_a_time, run_once
from ops.demo.shops.postgres import Postgres
from tests.ports import free_port
from tests.shops.node import NodeShop

FOLDER = ROOT / "ops/demo/shops/vendure"
PLUGIN = ROOT / "ops/connectors/vendure"
ADMINISTRATOR = "superadmin"
USER, PASSWORD = "fallback@shop.example", "fallback-at-the-shop"
NAME = "vendure-shop"
# A loaded machine is slow; how long we wait for a shop is tested elsewhere.
PATIENCE = 60.0
CART_KEY: dict[str, Any] = {
    "kty": "oct",
    "kid": "shop-1",
    "alg": "HS256",
    "k": "Zm9yLXRlc3RzLW9ubHktZm9yLXRlc3RzLW9ubHktMTI",
}


@dataclass
class VendureShop:
    """`limit`: the file of its rate limit (ops/demo/shops/vendure/limit.js)."""

    url: str
    database: str
    postgres: Postgres
    process: NodeShop
    limit: Path

    @property
    def settings(self) -> Settings:
        return Settings(primary_url=self.url, primary_user=USER, primary_password=PASSWORD)

    def primary(self, calls: Calls | None = None) -> Primary:
        return KIND.build(self.settings, calls or Calls(PATIENCE))

    @property
    def skus(self) -> list[str]:
        return [sku for (sku,) in self.sql("SELECT sku FROM product_variant ORDER BY id")]

    def variant(self, sku: str) -> str:
        [[id]] = self.sql(f"SELECT id FROM product_variant WHERE sku = '{sku}'")
        return id

    def asks_as_administrator(self, document: str, **variables: Any) -> dict[str, Any]:
        """What a person in the dashboard does; our own account may do less."""
        line = line_to(self.settings, 30)
        return Session(line, ADMINISTRATOR, ADMINISTRATOR).ask(document, variables)

    def backup(self, file: Path) -> None:
        self.postgres.dump(self.database, file)

    def restore(self, file: Path) -> None:
        """The shop as it was when `file` was written: nobody there knows what came after."""
        self.process.kill()
        self.postgres.drop(self.database)
        self.postgres.restore(self.database, file)
        self.process.start()

    def sql(self, statement: str) -> list[list[str]]:
        return self.postgres.sql(self.database, statement)


@contextmanager
def running_vendure(postgres: Postgres, fallback_url: str, fallback_token: str) -> Iterator[VendureShop]:
    modules, database, port = installed(FOLDER), f"vendure_{free_port()}", free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "SHOP_DATABASE": postgres.url(database),
        "SHOP_PORT": str(port),
        "SHOP_NAME": NAME,
        "SHOP_CART_KEY": json.dumps(CART_KEY),
        "SHOP_FALLBACK_URL": fallback_url,
        "SHOP_FALLBACK_TOKEN": fallback_token,
        "SHOP_ASKS_FOR": "company vat_id",
    }
    postgres.restore(database, seeded(postgres))
    with tempfile.TemporaryDirectory(prefix="fallback-vendure-") as state:
        log, limit = Path(state) / "log", Path(state) / "limit"
        process = NodeShop(FOLDER / "index.js", modules, environment | {"SHOP_LIMIT": str(limit)}, log, f"{url}/health")
        try:
            yield VendureShop(url, database, postgres, process, limit)
        finally:
            process.kill()


def seeded(postgres: Postgres) -> Path:
    """A dump of the shop with its products, made anew when one of its files or of the plugin's has changed."""
    files = [*FOLDER.glob("*.js"), *PLUGIN.glob("*.js"), FOLDER / "package-lock.json"]
    name = f"vendure-{fingerprint(*sorted(files))}.sql"
    dump = CACHE / name
    with one_at_a_time(name):
        if not dump.exists():
            seed = f"seed_{free_port()}"
            postgres.create(seed)
            with tempfile.TemporaryDirectory(prefix="fallback-seed-") as folder:
                products = {"SHOP_SEED": f"{folder}/products.csv", "SHOP_DATABASE": postgres.url(seed)}
                run_once(FOLDER / "seed.js", installed(FOLDER), products | {"SHOP_PORT": str(free_port())})
            postgres.dump(seed, dump.with_suffix(".new"))
            dump.with_suffix(".new").rename(dump)
            postgres.drop(seed)
    return dump
