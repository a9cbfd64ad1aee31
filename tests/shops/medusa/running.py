"""A real Medusa with the connector, on a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from fallback.domain.order.cart import Delivery, Line
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import Primary
from fallback.primaries.calls import Calls
from fallback.primaries.medusa import KIND, Settings
from fallback.primaries.medusa.primary import CAN
from ops.demo.places import ROOT
from ops.demo.shops.node import CACHE, fingerprint, installed, one_at_a_time
from ops.demo.shops.postgres import Postgres
from tests.contracts.primary.worlds import BOOK, World
from tests.ports import free_port
from tests.programs import program
from tests.shop.running import CART_KEY, NAME, TOKEN
from tests.shops.node import NodeShop

FOLDER = Path(__file__).parent
CONNECTOR = ROOT / "ops/connectors/medusa"
SIGNER = ROOT / "ops/cart-token/sign.mjs"  # packed with the connector
# A loaded machine is slow; how long we wait for a shop is tested elsewhere.
PATIENCE = 60.0


class MedusaWorld(World):
    """Medusa makes the ids of its deliveries itself."""

    post: Delivery
    book: Line = BOOK

    def an_order(self, **changes: Any) -> Order:
        return super().an_order(**{"delivery": self.post} | changes)


@dataclass
class Medusa:
    """`seed`: the ids and keys that the seed made. `options`: of the connector, read when the process starts.

    `limit`: the file of its rate limit (src/api/middlewares.js).
    """

    postgres: Postgres
    database: str
    home: Path
    seed: Mapping[str, Any]
    options: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.limit = self.postgres.directory / f"{self.database}.limit"
        command = f"start --host 127.0.0.1 --port {self.port}"
        variables = environment(self.postgres.url(self.database), command, self.options)
        self.node = NodeShop(
            self.home / "medusa.js",
            self.home / "node_modules",
            variables | {"SHOP_LIMIT": str(self.limit)},
            self.postgres.directory / f"{self.database}.log",
            f"{self.url}/health",
        )

    def admin(self, method: str, path: str, **body: Any) -> Any:
        """One call as an administrator; the body of its answer."""
        return _answer(requests.request(method, f"{self.url}/admin/{path}", auth=(self.secret, ""), **_sent(body)))

    def store(self, method: str, path: str, session: str = "", **body: Any) -> requests.Response:
        """One call of a storefront. `session`: the token of a customer who is signed in."""
        headers = {"x-publishable-api-key": self.seed["publishable"]}
        if session:
            headers["Authorization"] = f"Bearer {session}"
        return requests.request(method, f"{self.url}/store/{path}", headers=headers, **_sent(body))

    def an_account(self, email: str) -> tuple[str, str]:
        """Of a customer with two addresses, the second to be sent to: its id, and the token of its session."""
        secret = {"email": email, "password": "a-long-one-1"}
        sign_in = f"{self.url}/auth/customer/emailpass"
        registered = _answer(requests.post(f"{sign_in}/register", **_sent(secret)))["token"]
        who = {"first_name": "Nora", "last_name": "Account", "phone": "+44 1482 300300", "email": email}
        id = str(_answer(self.store("POST", "customers", registered, **who))["customer"]["id"])
        session = str(_answer(requests.post(sign_in, **_sent(secret)))["token"])
        for street, sent_to in (("1 Quay", False), ("2 Harbour Street", True)):
            address = {"address_1": street, "city": "Hull", "postal_code": "HU1 1AA", "country_code": "gb"}
            _answer(self.store("POST", "customers/me/addresses", session, **address, is_default_shipping=sent_to))
        return id, session

    def primary(self, calls: Calls | None = None) -> Primary:
        return KIND.build(Settings(primary_url=self.url, primary_token=self.secret), calls or Calls(PATIENCE))

    def world(self) -> MedusaWorld:
        def unpaid(ref: str) -> None:
            pytest.fail(f"{ref}: this kind does not cancel the shop's own unpaid orders")

        built = MedusaWorld(self.primary(), self.ship, unpaid, CAN)
        built.post = Delivery(self.delivery(), "Standard delivery", 495)
        return built

    def ship(self, ref: str) -> None:
        """As a person in the dashboard does: the order is packed, and then it leaves."""
        order = self.admin("GET", f"fallback/orders/{ref}")["order"]
        items = [{"id": item["id"], "quantity": item["quantity"]} for item in order["items"]]
        path = f"orders/{order['id']}/fulfillments"
        packed = self.admin("POST", path, items=items, location_id=self.seed["stock"])["order"]
        [fulfillment] = (
            packed.get("fulfillments") or self.admin("GET", f"fallback/orders/{ref}")["order"]["fulfillments"]
        )
        self.admin("POST", f"{path}/{fulfillment['id']}/shipments", items=items)

    def backup(self, file: Path) -> None:
        self.postgres.dump(self.database, file)

    def restore(self, file: Path) -> None:
        self.node.kill()
        self.postgres.drop(self.database)
        self.postgres.restore(self.database, file)
        self.node.start()

    def sql(self, statement: str) -> list[list[str]]:
        return self.postgres.sql(self.database, statement)

    @property
    def secret(self) -> str:
        return str(self.seed["secret"])

    def variant(self, sku: str) -> str:
        return str(self.admin("GET", f"product-variants?sku={sku}&fields=id")["variants"][0]["id"])

    def delivery(self, name: str = "Standard delivery") -> str:
        return str(self.seed["deliveries"][name])

    def a_cart(self, country: str = "gb", lines: int = 1, session: str = "") -> requests.Response:
        """The answer with a new cart of two books, and its cookie. More lines differ in their dedication."""
        book = {"variant_id": self.variant("BK-1"), "quantity": 2}
        items = [book | {"metadata": {"dedication": f"for {number}"}} for number in range(lines)]
        address = {"first_name": "Iris", "last_name": "Murdoch", "address_1": "1 Quay", "city": "Hull"}
        return self.store(
            "POST",
            "carts",
            session,
            region_id=self.seed["america" if country == "us" else "europe"],
            email="iris@example.org",
            items=items,
            shipping_address={**address, "postal_code": "HU1 1AA", "country_code": country},
        )

    def bought(self, cart: str) -> requests.Response:
        """The customer buys this cart in the shop's own checkout: the answer to its last step."""
        self.store("POST", f"carts/{cart}/shipping-methods", option_id=self.delivery())
        payment = self.store("POST", "payment-collections", cart_id=cart).json()["payment_collection"]["id"]
        self.store("POST", f"payment-collections/{payment}/payment-sessions", provider_id="pp_system_default")
        return self.store("POST", f"carts/{cart}/complete")


def orders_with(shop: Medusa, ref: str) -> int:
    """Drafts too."""
    statement = f"SELECT count(*) FROM \"order\" WHERE metadata->>'fallback_ref' = '{ref}' AND deleted_at IS NULL"
    return int(shop.sql(statement)[0][0])


@contextmanager
def running_medusa(postgres: Postgres, fallback_url: str, database: str = "medusa") -> Iterator[Medusa]:
    home = prepared()
    seed = seeded(postgres, database, home)
    options = {"shop": NAME, "cartKey": CART_KEY, "url": fallback_url, "token": TOKEN, "asksFor": ["vat_id"]}
    shop = Medusa(postgres, database, home, seed, options)
    try:
        yield shop
    finally:
        shop.node.kill()


def prepared() -> Path:
    """The folder of a Medusa project with its packages, the connector as npm packs it, and the shop's own files."""
    home = installed(FOLDER).parent
    sources = (*(CONNECTOR / "src").rglob("*.js"), *FOLDER.rglob("*.js*"), SIGNER, CONNECTOR / "package.json")
    made_of = fingerprint(*sorted(sources))
    prepared = home / "prepared"
    with one_at_a_time("medusa-files"):
        # Another process may have a shop that runs from here.
        if prepared.exists() and prepared.read_text() == made_of:
            return home
        target = home / "node_modules/@fallback-checkout/medusa"
        shutil.rmtree(target, ignore_errors=True)
        pack = [program("npm"), "pack", "--silent", "--pack-destination", home]
        name = subprocess.run(
            pack, check=True, cwd=CONNECTOR, capture_output=True, text=True, timeout=60
        ).stdout.strip()
        with tarfile.open(home / name) as packed:
            packed.extractall(home)
        target.parent.mkdir(exist_ok=True)
        (home / "package").rename(target)
        shutil.copytree(FOLDER, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        prepared.write_text(made_of)
    return home


def seeded(postgres: Postgres, database: str, home: Path) -> Mapping[str, Any]:
    """A shop's database: migrated and seeded once for each version of the packages, the connector and the seed."""
    migrations = sorted(CONNECTOR.glob("src/modules/*/migrations/*.js"))
    name = f"medusa-{fingerprint(FOLDER / 'package-lock.json', FOLDER / 'src/scripts/seed.js', *migrations)}"
    dump, seed = CACHE / f"{name}.sql", CACHE / f"{name}.json"
    with one_at_a_time(name):
        if not dump.exists():
            postgres.create(name)
            for command in ("db:migrate", "exec ./src/scripts/seed.js"):
                run(home, environment(postgres.url(name), command, {}) | {"SEED": str(seed)})
            postgres.dump(name, dump.with_suffix(".new"))
            dump.with_suffix(".new").rename(dump)
            postgres.drop(name)
    postgres.restore(database, dump)
    found: Mapping[str, Any] = json.loads(seed.read_text())
    return found


def run(home: Path, variables: Mapping[str, str]) -> None:
    command = [program("node"), "medusa.js"]
    done = subprocess.run(
        command, check=False, cwd=home, env=os.environ | dict(variables), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def environment(database: str, command: str, options: Mapping[str, Any]) -> dict[str, str]:
    return {
        "DATABASE_URL": database,
        "MEDUSA_COMMAND": command,
        "FALLBACK_OPTIONS": json.dumps(options),
        "MEDUSA_DISABLE_TELEMETRY": "true",
        "NODE_ENV": "production",
    }


def _sent(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"timeout": 60, **({"json": body} if body else {})}


def _answer(answer: requests.Response) -> Any:
    assert answer.ok, f"{answer.status_code}: {answer.text}"
    return answer.json()
