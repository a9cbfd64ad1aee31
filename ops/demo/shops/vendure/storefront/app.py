"""The storefront as a WSGI application."""

from __future__ import annotations

import os

from flask import Flask, render_template

from ops.demo.shops.legal_pages import PAGES
from ops.demo.shops.vendure.storefront import office, pages
from ops.demo.shops.vendure.storefront.graphql import Away

SYMBOLS = {"EUR": "€"}


def from_environment() -> Flask:
    app = Flask(__name__)
    app.config["PRIMARY_URL"] = os.environ["PRIMARY_URL"]
    app.jinja_env.globals |= {
        "fallback_url": os.environ["SHOP_FALLBACK_PUBLIC_URL"],
        "legal_pages": {path: title for path, (title, _) in PAGES.items()},
    }
    app.jinja_env.filters["money"] = money
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(office.blueprint)
    app.register_error_handler(Away, away)
    return app


def money(minor: int, currency: str) -> str:
    return f"{SYMBOLS.get(currency, currency + ' ')}{minor / 100:.2f}"


def away(error: Away) -> tuple[str, int]:
    """The proxy shows the page of Fallback Checkout instead, and the checkout where one was asked for."""
    return render_template("away.html"), error.status
