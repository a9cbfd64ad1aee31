"""Fills the forms of a page, and sends them: a test types into fields and presses buttons that the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.html import Element, Page, follow
from tests.web.world import CONSOLE_TOKEN

# None takes a choice back; a list ticks several boxes of one name.
Typed = str | list[str] | None
CHOICES = ("radio", "checkbox")
# A hidden field that a script fills: card.js puts Stripe's token there.
SCRIPTED = "confirmation_token"


def send(
    browser: FlaskClient, page: Page, action: str, typed: Mapping[str, Typed] | None = None, **more: Typed
) -> TestResponse:
    """The answer to the form of this page whose address, or that of one of its buttons, ends so.

    Whatever is not typed stands as it is shown.
    """
    typed = {**(typed or {}), **more}
    form, address = _form(page, action, typed)
    return submit(browser, form, address, typed)


def submit(browser: FlaskClient, form: Element, address: str, typed: Mapping[str, Typed]) -> TestResponse:
    """`address`: the form's, or that of one of its buttons."""
    return browser.post(address, data=filled(form, typed))


def forge(client: FlaskClient, address: str, fields: Mapping[str, object] | None = None, **more: Any) -> TestResponse:
    """What no page of ours sends: its fields are made by hand, by another site, an old page or a broken program."""
    return client.post(address, data=fields or {}, **more)


def press(
    browser: FlaskClient, page: Page, action: str, typed: Mapping[str, Typed] | None = None, **more: Typed
) -> Page:
    """The page to which the answer leads."""
    return arrived(browser, send(browser, page, action, typed, **more))


def sign_in(browser: FlaskClient, **typed: Typed) -> TestResponse:
    """Use the console token, unless something else is typed."""
    page = Page(browser.get("/console/sign-in"))
    return send(browser, page, "/console/sign-in", typed or {"token": CONSOLE_TOKEN})


def arrived(browser: FlaskClient, answer: TestResponse) -> Page:
    """The page that a browser shows after this answer."""
    return follow(browser, answer) if answer.status_code == 303 else Page(answer)


def filled(form: Element, typed: Mapping[str, Typed]) -> dict[str, str | list[str]]:
    """What the form sends with this in its fields. A field or a choice that is not there fails the test."""
    sent: dict[str, str | list[str]] = {**form.sent()}
    for name, value in typed.items():
        assert _has(form, name, value), (
            f"nobody can put {value!r} into {name!r} of {form['action']}, which sends {sent}"
        )
        if value is None:
            sent.pop(name, None)
        else:
            sent[name] = value
    return sent


def _form(page: Page, action: str, typed: Mapping[str, Typed]) -> tuple[Element, str]:
    """Of several to one address that which takes what is typed."""
    found = [
        (form, address)
        for form in page.all("form", method="post")
        for address in addresses(form)
        if urlsplit(address).path.endswith(action)
    ]
    if len(found) > 1:
        found = [(form, address) for form, address in found if all(_has(form, *each) for each in typed.items())]
    assert len(found) == 1, f"{len(found)} forms for {action} among {[form['action'] for form in page.all('form')]}"
    return found[0]


def _has(form: Element, name: str, value: Typed) -> bool:
    return all(_fields(form, name, each) for each in (value if isinstance(value, list) else [value]))


def _fields(form: Element, name: str, value: str | None) -> list[Element]:
    """Those of this name that may have this value."""
    return [each for each in form.inside if each.attributes.get("name") == name and _takes(each, value)]


def addresses(form: Element) -> list[str]:
    """Where it is sent to, and where its buttons send it."""
    buttons = (each["formaction"] for each in form.all("button") if "formaction" in each.attributes)
    return [*dict.fromkeys(address.partition("#")[0] for address in (form["action"], *buttons))]


def _takes(field: Element, value: str | None) -> bool:
    kind = field.attributes.get("type", "text")
    if "disabled" in field.attributes:
        return False
    if value is None or kind in CHOICES:
        return kind in CHOICES and value in (None, field.attributes.get("value", "on"))
    if field.tag == "select":
        return value in [each.attributes.get("value", each.text) for each in field.all("option")]
    if field.tag == "button":
        return value == field.attributes.get("value", "")
    return kind != "hidden" or field["name"] == SCRIPTED or value == field["value"]
