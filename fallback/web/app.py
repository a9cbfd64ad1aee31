"""The Flask application: blueprints, errors, security headers. Nothing is looked up or imported per request."""

from __future__ import annotations

from flask import Flask

from fallback.bootstrap import Container
from fallback.web import (
    assets,
    checkout,
    console,
    health,
    modes,
    openapi,
    orders,
    orders_api,
    problems,
    security,
    webhooks,
)


def create_app(container: Container) -> Flask:
    app = Flask("fallback", static_folder=None, template_folder=None)
    app.extensions["container"] = container
    for module in (orders_api, checkout, orders, console, modes, webhooks, health, openapi, assets):
        app.register_blueprint(module.blueprint)
    problems.register(app)
    security.register(app, container.config)
    return app
