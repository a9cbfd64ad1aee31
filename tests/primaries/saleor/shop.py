"""A Saleor shop for a test: played back from a file, or recorded into it from a real one.

To record anew, bring up a shop (CONTRIBUTING.md, 'Recordings of real shops') and run the tests with
RECORD_SALEOR='http://127.0.0.1:8000 TOKEN LIMITED WAREHOUSE TAX_CLASS STANDARD COURIER': the tokens of the app and of
one that may not manage orders, and the ids of the warehouse, the tax class and the two shipping methods.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from fallback.domain.order.refs import new_ref
from fallback.primaries.calls import Calls
from fallback.primaries.saleor import Settings
from fallback.primaries.saleor.primary import SaleorPrimary, line_to
from tests.exchanges import ADDRESS, passed_on, played, recorded

EXCHANGES = Path(__file__).parent / "exchanges"
PAGE = "CONTRIBUTING.md, 'Recordings of real shops'"
# Enough for the shop of a developer to answer while eight threads ask.
PATIENCE = 60.0
# The ids of the shop that was recorded; another one has others.
WAREHOUSE, TAX_CLASS = "V2FyZWhvdXNlOjhjNjQ1NTU0LTdiYTAtNDZkZS04NjkzLTk0YmRlNGM4MzEyNw==", "VGF4Q2xhc3M6MQ=="
STANDARD, COURIER = "U2hpcHBpbmdNZXRob2Q6Mg==", "U2hpcHBpbmdNZXRob2Q6Mw=="

LINES = "query ($ref: String!) { order(externalReference: $ref) { id lines { id quantity } } }"
FULFIL = """
mutation ($order: ID!, $input: OrderFulfillInput!) {
  orderFulfill(order: $order, input: $input) { order { status } errors { code field message } }
}
"""
DRAFT = """
mutation ($input: DraftOrderCreateInput!) {
  draftOrderCreate(input: $input) { order { id number } errors { code field message } }
}
"""
COMPLETE = "mutation ($id: ID!) { draftOrderComplete(id: $id) { order { status } errors { code field message } } }"
CHANNEL = """
query {
  channel(slug: "default-channel") { id }
  productVariants(where: {sku: {eq: "BK-1"}}, first: 1) { edges { node { id } } }
}
"""
REGISTER = """
mutation ($input: AccountRegisterInput!) { accountRegister(input: $input) { errors { code field message } } }
"""
SIGN_IN = """
mutation ($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) { user { id } } }
"""
WHOSE = """
query ($ref: String!) {
  order(externalReference: $ref) {
    user { id } email: metafield(key: "fallback_email") vatId: metafield(key: "vat_id")
    billingAddress { streetAddress1 companyName country { code } }
  }
}
"""
MONEY = """
query ($ref: String!) {
  order(externalReference: $ref) {
    chargeStatus authorizeStatus totalCharged { amount } totalAuthorized { amount } totalRefunded { amount }
  }
}
"""


class SaleorShop:
    """The adapter, and the hands of the people in the shop. `standard` and `courier`: its ways to deliver."""

    def __init__(
        self,
        url: str,
        token: str,
        limited: str = "limited",
        warehouse: str = WAREHOUSE,
        tax_class: str = TAX_CLASS,
        standard: str = STANDARD,
        courier: str = COURIER,
    ) -> None:
        self._url, self._token, self.limited = url, token, limited
        self.standard, self.courier = standard, courier
        self._settings = Settings(
            primary_url=url,
            primary_token=token,
            primary_channel="default-channel",
            primary_warehouse=warehouse,
            primary_tax_class=tax_class,
        )
        self.primary = SaleorPrimary(line_to(self._settings, PATIENCE), Calls(PATIENCE), self._settings)

    def with_token(self, token: str) -> SaleorShop:
        return SaleorShop(self._url, token)

    def ship(self, ref: str) -> None:
        order = self.owner(LINES, ref=ref)["order"]
        lines = [
            {
                "orderLineId": line["id"],
                "stocks": [{"quantity": line["quantity"], "warehouse": self._settings.primary_warehouse}],
            }
            for line in order["lines"]
        ]
        done = self.owner(FULFIL, order=order["id"], input={"lines": lines, "notifyCustomer": False})
        assert done["orderFulfill"]["errors"] == []

    def own_order(self) -> str:
        """An order that a person in the shop enters for a customer on the phone. Returns its number."""
        shop = self.owner(CHANNEL)
        where = {"firstName": "A", "lastName": "Reader", "streetAddress1": "1 Quay", "city": "Hull"}
        address = where | {"postalCode": "HU1 1AA", "country": "GB"}
        body = {
            "channelId": shop["channel"]["id"],
            "userEmail": "reader@example.org",
            "billingAddress": address,
            "shippingAddress": address,
            "shippingMethod": self.standard,
            "lines": [{"variantId": shop["productVariants"]["edges"][0]["node"]["id"], "quantity": 1}],
        }
        made = self.owner(DRAFT, input=body)["draftOrderCreate"]
        assert made["errors"] == []
        assert self.owner(COMPLETE, id=made["order"]["id"])["draftOrderComplete"]["errors"] == []
        return str(made["order"]["number"])

    def an_account(self) -> tuple[str, str]:
        """The id and the e-mail address of a customer who opened one."""
        email, password = f"{new_ref().lower()}@example.org", "a-long-one-1"
        opened = {"email": email, "password": password, "channel": "default-channel"}
        assert self.owner(REGISTER, input=opened)["accountRegister"]["errors"] == []
        return self.owner(SIGN_IN, email=email, password=password)["tokenCreate"]["user"]["id"], email

    def whose(self, ref: str) -> dict[str, Any]:
        found: dict[str, Any] = self.owner(WHOSE, ref=ref)["order"]
        return found

    @property
    def warehouse(self) -> str:
        return self._settings.primary_warehouse

    def money(self, ref: str) -> dict[str, Any]:
        found: dict[str, Any] = self.owner(MONEY, ref=ref)["order"]
        return found

    def owner(self, document: str, **variables: Any) -> Any:
        """What the people of the shop do in the dashboard, over the same API."""
        headers = {"Authorization": f"Bearer {self._token}"}
        body = {"query": document, "variables": variables}
        return passed_on("POST", f"{self._url}/graphql/", json=body, headers=headers).json()["data"]


@contextmanager
def saleor_shop(request: pytest.FixtureRequest) -> Iterator[SaleorShop]:
    """Each test has a file of its own, by its name."""
    name = re.sub(r"\W+", "-", request.node.name.replace("saleor", "")).strip("-")
    file = EXCHANGES / request.node.path.stem / f"{name}.yaml"
    live = os.environ.get("RECORD_SALEOR", "").split()
    if live:
        a_second_of_its_own()
        with recorded(file, {live[0]: ADDRESS}, {"saleor": version(live[0], live[1])}):
            yield SaleorShop(*live)
    elif not file.exists():
        pytest.skip(f"not recorded yet: {file.name} ({PAGE})")
    else:
        with played(file):
            yield SaleorShop(ADDRESS, "token")


def a_second_of_its_own() -> None:
    """The refs of a recorded test come from its second, and the shop keeps those of the test before."""
    before = datetime.now(UTC).second
    while datetime.now(UTC).second == before:
        pass


def version(url: str, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    asked = requests.post(f"{url}/graphql/", json={"query": "{ shop { version } }"}, headers=headers, timeout=30)
    said: str = asked.json()["data"]["shop"]["version"]
    return said
