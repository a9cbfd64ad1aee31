"""Sign-in by OpenID Connect as a person does it: our button, the provider's own page, and back."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from flask import Response, redirect, render_template_string, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from fallback.domain.support.accounts import Account, Role
from fallback.web.app import create_app
from tests.browser.accessibility import barriers
from tests.browser.conftest import SIZES
from tests.browser.people import leave
from tests.ports import free_port
from tests.web.conftest import a_container
from tests.web.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, serving
from tests.web.world import a_config

ITS_PAGE = """<!doctype html><title>Provider</title><h1>Who are you?</h1>
<form>{% for name, value in asked.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<label>E-mail <input name="email" autofocus></label><button>Continue</button>
<button name="declined" value="yes">Cancel</button></form>"""


class ProviderWithAPage(OpenIdProvider):
    """It asks who the customer is, and lets their turn back."""

    def authorize(self) -> Response:
        asked = request.args.to_dict()
        if "declined" in asked:
            return redirect(f"{asked['redirect_uri']}?error=access_denied&state={asked['state']}")
        if "email" not in asked:
            return Response(render_template_string(ITS_PAGE, asked=asked))
        self.claims = {"email": asked["email"]}
        return super().authorize()


@pytest.fixture
def console() -> Iterator[str]:
    """The address of a console at which Mara, a lead, has an account."""
    with serving(ProviderWithAPage()) as provider:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        container = a_container()
        container.config = a_config(
            public_url=url,
            fallback_oidc_discovery_url=provider.discovery_url,
            fallback_oidc_client_id=CLIENT_ID,
            fallback_oidc_client_secret=CLIENT_SECRET,
        )
        container.people.add(Account("Mara", Role.LEAD, email="mara@example.org"))
        server = make_server("127.0.0.1", port, create_app(container), threaded=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"{url}/console"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", **SIZES["small phone"])
    yield context.new_page()
    context.close()


def goes_to_their_provider(page: Page, wanted: str) -> None:
    page.goto(wanted)
    page.get_by_role("link", name="Sign in with your company account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who are you?")


def says_who_the_customer_is(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Continue").click()


def test_a_sign_in_leads_back_to_the_page_that_was_wanted(page: Page, console: str) -> None:
    goes_to_their_provider(page, f"{console}/report")
    says_who_the_customer_is(page, "mara@example.org")

    expect(page.get_by_role("heading", level=1)).to_have_text("Report")
    assert page.url == f"{console}/report"
    expect(page.locator("header")).to_contain_text("Mara")

    leave(page, page.get_by_role("button", name="Sign out"))
    page.goto(f"{console}/report")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the console")


def test_who_has_no_account_reads_what_to_do(page: Page, console: str) -> None:
    goes_to_their_provider(page, console)
    says_who_the_customer_is(page, "stranger@example.org")

    expect(page.get_by_role("alert")).to_have_text("You have no account here yet. Please contact your administrator.")
    assert barriers(page) == []
    page.goto(console)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the console")


def test_who_turns_back_there_may_try_again(page: Page, console: str) -> None:
    goes_to_their_provider(page, console)
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("alert")).to_have_text("The sign-in was not completed. Please try again.")
    page.get_by_role("link", name="Sign in with your company account").click()
    says_who_the_customer_is(page, "mara@example.org")
    expect(page.locator("header")).to_contain_text("Mara")
