"""The Flask application: blueprints, errors, security headers. Nothing is looked up or imported per request."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from fallback.bootstrap.container import Container
from fallback.runtime.logs import get_logger
from fallback.web import (
    assets,
    away,
    checkout,
    claim_taken_back,
    drafts,
    find_order,
    health,
    metrics,
    modes,
    openapi,
    order_changes,
    orders,
    orders_api,
    policy,
    problems,
    security,
    self_service,
    self_service_api,
    status,
    tracing,
    webhooks,
)
from fallback.web.console import (
    changes,
    claims,
    desk,
    drain,
    forms,
    handovers,
    holds,
    inbox,
    incidents,
    mine,
    money,
    notes,
    oncall,
    order_page,
    provider,
    questions,
    remarks,
    report,
    sign_in,
)

log = get_logger()


class Application(Flask):
    def log_exception(self, exc_info: Any) -> None:
        """A bug, without what its message may quote."""
        log.error("bug", route=request.endpoint, method=request.method, exc_info=exc_info[1])


def create_app(container: Container) -> Flask:
    app = Application("fallback", static_folder=None, template_folder=None)
    app.extensions["container"] = container
    for module in (
        orders_api,
        checkout,
        drafts,
        orders,
        order_changes,
        self_service,
        self_service_api,
        find_order,
        policy,
        status,
        away,
        modes,
        webhooks,
        health,
        metrics,
        openapi,
        assets,
    ):
        app.register_blueprint(module.blueprint)
    for part in (
        sign_in,
        provider,
        desk,
        order_page,
        claims,
        changes,
        money,
        oncall,
        drain,
        handovers,
        holds,
        incidents,
        questions,
        notes,
        mine,
        forms,
        report,
        remarks,
        inbox,
    ):
        app.register_blueprint(part.blueprint)
    problems.register(app)
    security.register(app, container.config)
    claim_taken_back.register(app)
    tracing.register(app, container)
    return app
