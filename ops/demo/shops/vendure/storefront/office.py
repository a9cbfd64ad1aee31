"""The orders in Vendure, for the shop's staff: with their own account, which the browser asks for."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.datastructures import Authorization

from ops.demo.shops.vendure.storefront.graphql import GraphQL

blueprint = Blueprint("office", __name__)

LOGIN = "mutation ($name: String!, $password: String!) { login(username: $name, password: $password) { __typename } }"
ORDERS = """{ orders(options: { take: 50, sort: { id: DESC }, filter: { orderPlacedAt: { isNull: false } } }) { items {
    code state currencyCode totalWithTax customer { emailAddress } customFields { fallbackRef fallbackPayment } } } }"""


@blueprint.get("/office/")
def orders() -> str | Response:
    shop = GraphQL(f"{current_app.config['PRIMARY_URL']}/admin-api", {})
    if not is_staff(shop, request.authorization):
        return Response("Sign in as the shop's staff.", 401, {"WWW-Authenticate": 'Basic realm="Vendure"'})
    return render_template("office.html", orders=shop.ask(ORDERS)["orders"]["items"])


def is_staff(shop: GraphQL, given: Authorization | None) -> bool:
    if given is None or given.username is None:
        return False
    answer = shop.ask(LOGIN, name=given.username, password=given.password or "")
    return bool(answer["login"]["__typename"] == "CurrentUser")
