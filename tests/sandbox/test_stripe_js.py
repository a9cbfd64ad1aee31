"""The sandbox's Stripe.js in a real browser, on a page with a strict Content-Security-Policy."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page

from tests.chromium import chromium, pays_with_google
from tests.sandbox.conftest import Sandbox

PHONE = {"width": 320, "height": 640}
SCRIPT = """
window.stripe = Stripe("pk_test_sandbox");
window.elements = stripe.elements({mode: "payment", amount: 2893, currency: "eur", captureMethod: "manual"});
window.heard = [];
const element = elements.create("payment");
element.on("ready", () => heard.push("ready"));
element.on("change", (event) => heard.push(event.complete ? "complete" : "typing"));
element.mount("#card");
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def shop(sandbox: Sandbox) -> Iterator[str]:
    """A checkout page that allows scripts, frames and calls of the sandbox and of nobody else."""
    page = f'<!doctype html><title>Shop</title><div id="card"></div><script src="{sandbox.url}/v3/"></script>'
    policy = f"default-src 'none'; script-src 'self' {sandbox.url}; frame-src {sandbox.url}; connect-src {sandbox.url}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/checkout.js"
            body = SCRIPT if script else page + '<script src="/checkout.js"></script>'
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(sandbox: Sandbox, browser: Browser) -> Iterator[Page]:
    with shop(sandbox) as url:
        page = browser.new_page(viewport=PHONE)
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.wait_for_function("heard.includes('ready')")
        yield page
        page.close()
        assert errors == []


def fields(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title='Secure payment input frame']")


def type_card(page: Page, number: str = "4242424242424242") -> None:
    fields(page).get_by_label("Card number").press_sequentially(number)
    fields(page).get_by_label("Expiration date").press_sequentially("1244")
    fields(page).get_by_label("Security code").press_sequentially("123")


def token(page: Page) -> Any:
    """What a checkout page does: submit the element, then ask for a token."""
    billing = {"payment_method_data": {"billing_details": {"name": "Ada", "address": {"city": "Berlin"}}}}
    return page.evaluate(
        "async (params) => { const invalid = await elements.submit();"
        "  return invalid.error ? invalid : stripe.createConfirmationToken({elements, params}); }",
        billing,
    )


def test_a_typed_card_becomes_a_token_and_pays(sandbox: Sandbox, page: Page) -> None:
    type_card(page)
    made = token(page)["confirmationToken"]

    params = {"confirmation_token": made["id"], "return_url": "https://shop.test"}
    paid = sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, params)

    assert paid.status == "requires_capture"
    assert made["payment_method_preview"]["billing_details"]["name"] == "Ada"
    assert page.evaluate("heard.at(-1)") == "complete"


def test_the_number_is_grouped_and_stays_in_its_frame(page: Page) -> None:
    type_card(page)

    assert fields(page).get_by_label("Card number").input_value() == "4242 4242 4242 4242"
    assert fields(page).get_by_label("Expiration date").input_value() == "12 / 44"
    assert "4242" not in page.content()
    assert "4242" not in json.dumps(token(page)["confirmationToken"]).replace('"last4": "4242"', "")


def test_what_is_missing_is_said_beside_the_field(page: Page) -> None:
    fields(page).get_by_label("Card number").press_sequentially("4242")

    error = token(page)["error"]

    number = fields(page).get_by_label("Card number")
    assert (error["type"], error["code"]) == ("validation_error", "incomplete_number")
    assert number.get_attribute("aria-invalid") == "true"
    assert fields(page).locator("#number-error").inner_text() == "Your card number is incomplete."
    assert fields(page).locator("#number:focus").count() == 1


def test_the_frame_fits_its_fields_at_phone_width(page: Page) -> None:
    before = page.locator("iframe").bounding_box()
    token(page)
    page.wait_for_function("height => document.querySelector('iframe').offsetHeight > height", arg=before["height"])

    inner = fields(page).locator("html").evaluate("html => [html.scrollWidth, html.clientWidth, html.scrollHeight]")
    assert inner[0] == inner[1] <= PHONE["width"]
    assert inner[2] <= page.locator("iframe").bounding_box()["height"]


def test_the_bank_asks_in_a_dialog_over_the_page(sandbox: Sandbox, page: Page) -> None:
    type_card(page, "4000002760003184")
    params = {"confirmation_token": token(page)["confirmationToken"]["id"], "use_stripe_sdk": True}
    intent = sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, params)

    page.evaluate(
        "secret => { window.outcome = stripe.handleNextAction({clientSecret: secret}) }", intent.client_secret
    )
    page.frame_locator("dialog iframe").get_by_role("button", name="Complete").click()

    assert page.evaluate("outcome")["paymentIntent"]["status"] == "requires_capture"
    assert page.locator("dialog").count() == 0


def test_a_failed_challenge_is_an_error_with_its_intent(sandbox: Sandbox, page: Page) -> None:
    intent = sandbox.confirm(sandbox.intent().id, "pm_card_threeDSecure2Required", use_stripe_sdk=True)

    page.evaluate(
        "secret => { window.outcome = stripe.handleNextAction({clientSecret: secret}) }", intent.client_secret
    )
    page.frame_locator("dialog iframe").get_by_role("button", name="Fail").click()

    error = page.evaluate("outcome")["error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert error["payment_intent"]["status"] == "requires_payment_method"


def test_a_redirect_leads_to_the_bank_and_back(sandbox: Sandbox, page: Page) -> None:
    back = page.url + "orders/FB-1"
    intent = sandbox.confirm(sandbox.intent().id, "pm_card_threeDSecure2Required", return_url=back)

    page.evaluate("secret => { stripe.handleNextAction({clientSecret: secret}) }", intent.client_secret)
    page.get_by_role("button", name="Complete").click()
    page.wait_for_url("**/orders/FB-1?**redirect_status=succeeded")

    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_the_browser_confirms_an_intent_itself(sandbox: Sandbox, page: Page) -> None:
    type_card(page)
    secret = sandbox.intent().client_secret

    outcome = page.evaluate(
        "clientSecret => stripe.confirmPayment({elements, clientSecret, redirect: 'if_required',"
        " confirmParams: {return_url: location.href}})",
        secret,
    )

    assert outcome["paymentIntent"]["status"] == "requires_capture"


def test_a_declined_card_is_an_error_the_page_can_show(sandbox: Sandbox, page: Page) -> None:
    type_card(page, "4000000000009995")

    outcome = page.evaluate(
        "clientSecret => stripe.confirmPayment({elements, clientSecret, redirect: 'if_required'})",
        sandbox.intent().client_secret,
    )

    assert outcome["error"]["decline_code"] == "insufficient_funds"
    assert outcome["error"]["message"] == "Your card has insufficient funds."


def choose(page: Page, method: str) -> None:
    fields(page).get_by_text(method, exact=True).click()


def test_google_pay_opens_a_window_and_pays_with_its_card(sandbox: Sandbox, page: Page) -> None:
    choose(page, "Google Pay")
    with page.expect_popup() as opened:
        page.evaluate("() => { window.submitted = elements.submit(); }")
    pays_with_google(opened.value)
    assert page.evaluate("submitted") == {"selectedPaymentMethod": "google_pay"}

    made = page.evaluate("stripe.createConfirmationToken({elements})")["confirmationToken"]
    paid = sandbox.stripe.v1.payment_intents.confirm(
        sandbox.intent().id, {"confirmation_token": made["id"], "return_url": "https://shop.test"}
    )

    assert paid.status == "requires_capture"
    [charge] = sandbox.stripe.v1.charges.list({"payment_intent": paid.id}).data
    assert charge.payment_method_details.card.wallet.type == "google_pay"
