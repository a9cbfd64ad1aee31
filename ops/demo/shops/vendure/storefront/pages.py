"""The pages for customers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response

from ops.demo.shops.legal_pages import PAGES
from ops.demo.shops.vendure.storefront import customer
from ops.demo.shops.vendure.storefront.graphql import GraphQL, Refused

blueprint = Blueprint("pages", __name__)
COOKIE = "fallback_cart"
FIELDS = ("name", "email", "line1", "city", "postal_code", "country", "delivery")


def shop() -> GraphQL:
    if "shop" not in g:
        g.shop = GraphQL(f"{current_app.config['PRIMARY_URL']}/shop-api", request.cookies)
    found: GraphQL = g.shop
    return found


@blueprint.after_app_request
def pass_cookies_on(response: Response) -> Response:
    if "shop" in g:
        for header in g.shop.set_cookies.values():
            response.headers.add("Set-Cookie", header)
    return response


def page(template: str, basket: customer.Basket | None, **more: Any) -> str:
    """A page that shows the basket. A browser whose basket is gone forgets the signed one as well."""
    if not basket and COOKIE in request.cookies:
        shop().set_cookies[COOKIE] = f"{COOKIE}=; Path=/; Max-Age=0; SameSite=Lax"
    return render_template(template, basket=basket, token=(basket or {}).get("fallbackCart") or "", **more)


@blueprint.get("/")
def home() -> str:
    books, basket = customer.books(shop())
    return page("home.html", basket, books=books)


@blueprint.get("/basket/")
def basket() -> str:
    return page("basket.html", customer.basket(shop()))


@blueprint.post("/basket/")
def change_basket() -> Response | tuple[str, int]:
    form = request.form
    try:
        if "line" in form:
            customer.change(shop(), form["line"], form.get("quantity", 0, type=int))
        else:
            customer.add(shop(), form["variant"], form.get("quantity", 1, type=int))
    except Refused as refused:
        return page("basket.html", customer.basket(shop()), refused=str(refused)), 409
    return redirect("/basket/", 303)


@blueprint.get("/checkout/")
def checkout() -> str | Response:
    basket = customer.basket(shop())
    if not basket or not basket["lines"]:
        return redirect("/basket/", 303)
    return checkout_page(basket, {})


def checkout_page(basket: customer.Basket | None, entered: dict[str, str], refused: str = "") -> str:
    deliveries, countries = customer.ways_to_deliver(shop())
    return page("checkout.html", basket, entered=entered, deliveries=deliveries, countries=countries, refused=refused)


@blueprint.post("/checkout/")
def buy() -> Response | tuple[str, int]:
    entered = {name: request.form.get(name, "").strip() for name in FIELDS}
    first, _, last = entered["name"].rpartition(" ")
    who = {"firstName": first, "lastName": last, "emailAddress": entered["email"]}
    address = {
        "fullName": entered["name"],
        "streetLine1": entered["line1"],
        "city": entered["city"],
        "postalCode": entered["postal_code"],
        "countryCode": entered["country"],
    }
    try:
        code = customer.buy(shop(), who, address, entered["delivery"])
    except Refused as refused:
        return checkout_page(customer.basket(shop()), entered, str(refused)), 409
    return redirect(f"/thanks/{code}", 303)


@blueprint.get("/thanks/<code>")
def thanks(code: str) -> str:
    order = customer.order(shop(), code) or abort(404)
    return page("thanks.html", None, order=order)


def legal() -> str:
    title, text = PAGES[request.path]
    return render_template("legal.html", title=title, text=text)


for path in PAGES:
    blueprint.add_url_rule(path, view_func=legal)
