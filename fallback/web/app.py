"""The Flask application: blueprints, errors, security headers. Nothing is looked up or imported per request."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

from fallback.bootstrap.container import Container
from fallback.domain.order.refs import parse_ref
from fallback.runtime.logs import get_logger
from fallback.web.api import bounces, carts, health, metrics, modes, openapi, webhooks
from fallback.web.api import journalled as journalled_api
from fallback.web.api import order_search as order_search_api
from fallback.web.api import self_service as self_service_api
from fallback.web.console.access import account, provider, second_step, sign_in
from fallback.web.console.desk import bulk, desk, inbox, my_work, remarks, replies, report
from fallback.web.console.desk import drafts as drafts_page
from fallback.web.console.oncall import drain, incidents, oncall, runbooks, status_page
from fallback.web.console.order import changes, claims, handovers, holds, money, notes, order_page, questions
from fallback.web.console.order import withdrawal as withdrawals
from fallback.web.customer import (
    away,
    checkout,
    drafts,
    find_order,
    journalled,
    language,
    order_changes,
    policy,
    self_service,
    status,
    subscriptions,
    withdrawal,
)
from fallback.web.http import assets, claim_taken_back, problems, security, tracing

log = get_logger()

# The pages and the API of orders come with what stands in for them while the ledger is away.
API = (journalled_api, order_search_api, carts, self_service_api, modes, webhooks, bounces, health, metrics, openapi)
CUSTOMER = (
    checkout,
    drafts,
    journalled,
    order_changes,
    self_service,
    withdrawal,
    find_order,
    policy,
    status,
    subscriptions,
    language,
    away,
)


class Application(Flask):
    def log_exception(self, exc_info: Any) -> None:
        """A bug, without what its message may quote."""
        log.error("bug", route=request.endpoint, method=request.method, exc_info=exc_info[1])


def create_app(container: Container) -> Flask:
    app = Application("fallback", static_folder=None, template_folder=None)
    app.extensions["container"] = container
    app.url_value_preprocessor(_read_ref)
    for module in (*API, *CUSTOMER, assets):
        app.register_blueprint(module.blueprint)
    for part in (
        sign_in,
        provider,
        second_step,
        account,
        desk,
        bulk,
        order_page,
        claims,
        changes,
        money,
        oncall,
        drain,
        runbooks,
        status_page,
        handovers,
        holds,
        incidents,
        questions,
        notes,
        withdrawals,
        my_work,
        drafts_page,
        report,
        remarks,
        replies,
        inbox,
    ):
        app.register_blueprint(part.blueprint)
    problems.register(app)
    security.register(app, container.config)
    claim_taken_back.register(app)
    tracing.register(app, container)
    return app


def _read_ref(_: str | None, values: dict[str, Any] | None) -> None:
    """Each route, and what stands in for it while the ledger is away, gets the ref as it is stored, however typed."""
    if values and (ref := parse_ref(values.get("ref", ""))):
        values["ref"] = ref
