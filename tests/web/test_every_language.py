"""Each page and each mail in each language: complete, in its direction, and without an error."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback import i18n
from fallback.bootstrap.container import Container
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind
from fallback.domain.support.accounts import Account, Role
from fallback.notices.message import compose, compose_for_owner
from tests.builders import NOW
from tests.web.hostile import fill, is_page, orders
from tests.web.html import Page
from tests.web.test_hostile_text import Visitors

LINKS = Links(["a-secret-of-the-tests-of-mails-0123456789"], "https://pay.example")
# Orders in other states have other texts, and test_our_catalogs.py fills in each of these.
SOME = 2
TRANSLATED = [language for language in i18n.LANGUAGES if language != i18n.WRITTEN_IN]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_page_stands_there(
    language: str, app: Flask, container: Container, colleague: Callable[[str, Role], FlaskClient]
) -> None:
    written = orders()
    fill(container, written)
    visitors = Visitors(app, container, colleague("Ann", Role.ADMIN), written)
    shown = set()
    for route in sorted(app.url_map.iter_rules(), key=str):
        if "GET" not in route.methods:
            continue
        for answer in islice(visitors.visits(route, language), SOME):
            assert answer.status_code != 500, route
            if is_page(answer):
                html = Page(answer).one("html")
                shown.add((html["lang"][:2], html["dir"]))
    assert shown - {("en", "ltr")} == {(language, i18n.direction_of(language))}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_mail_is_written(language: str) -> None:
    owner = Account("Mara", Role.AGENT, email="mara@example.org")
    for order in (replace(order, locale=language) for order in orders()[:SOME]):
        assert order.customer
        for kind in NoticeKind:
            notice = Notice(id="3", kind=kind, due_at=NOW, said=6)
            if kind is NoticeKind.OWNER:
                several = () if order.holds else (order, order)
                mail = compose_for_owner(owner, order, notice, LINKS, "a@pay.example", language, all_theirs=several)
            else:
                mail = compose(order, order.customer, notice, LINKS, "a@pay.example")
            page = mail.get_body(("html",))
            assert page
            assert f'<html lang="{language}" dir="{i18n.direction_of(language)}">' in page.get_content()
            assert mail["Content-Language"] == language
