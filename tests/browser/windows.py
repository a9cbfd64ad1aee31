"""Windows whose requests are answered by the application itself, without a network: a page in a moment."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Route
from werkzeug.test import TestResponse

from fallback.domain.support.accounts import Role
from fallback.web.console.access.half_open import mark
from tests.browser.scenes import Scene
from tests.browser.states import Stage
from tests.web.conftest import a_browser

OURS = "http://localhost"


class Window:
    """Opens scenes; `source` is the last page as it came. Nothing else answers, so Stripe's card field stays away."""

    def __init__(self, chromium: Browser, app: Flask, stage: Stage, **options: Any) -> None:
        self.stage = stage
        self._app = app
        self._sent: dict[str, str] | None = None
        self.source = ""
        self._files: dict[str, TestResponse] = {}
        self._client: FlaskClient = a_browser(app)
        self.page: Page = chromium.new_context(**{"locale": "en-GB"} | options).new_page()
        self.page.route("**/*", lambda route: route.abort())
        self.page.route(f"{OURS}/**", self._answer)

    def open(self, scene: Scene, path: str) -> int:
        """`path` as the scene made it; the status of the answer."""
        self._client = self._of(scene.who, scene.half)
        self._sent = scene.sent(self.stage) if scene.sent else None
        answer = self.page.goto(OURS + path)
        assert answer is not None
        return answer.status

    def close(self) -> None:
        self.page.context.close()

    def _of(self, who: Role | None, half: bool) -> FlaskClient:
        """A customer's browser with the shop's cart in it, or that of somebody who has signed in."""
        browser, people = a_browser(self._app), self.stage.container.people
        if who is None:
            browser.set_cookie("fallback_cart", self.stage.cart(), path="/")
            return browser
        with browser.session_transaction("/console") as session:
            if half:
                account = people.find(who.title())
                assert account is not None
                session["half"] = [account.name, self.stage.now.timestamp(), ""]
                session["typed"] = mark(account)
            else:
                session["visit"] = [who.title(), people.begin_session(who.title(), self.stage.now)]
        return browser

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "cookie"}
        method: str = request.method
        data: Any = request.post_data_buffer
        if self._sent is not None and request.is_navigation_request():
            method, data, self._sent = "POST", self._sent, None
        answer = self._files.get(parts.path)
        if answer is None:
            answer = self._client.open(f"{parts.path}?{parts.query}", method=method, headers=headers, data=data)
        if parts.path.startswith("/static/"):
            self._files[parts.path] = answer
        if request.is_navigation_request():
            self.source = answer.text
        if answer.location and request.is_navigation_request():
            # Chromium follows no redirect that did not come from a network.
            route.fulfill(
                body=f'<meta http-equiv="refresh" content="0;url={answer.location}">', content_type="text/html"
            )
            return
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)
