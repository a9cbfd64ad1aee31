"""/console/replies, and a saved reply in the answer box."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.support.accounts import Role
from fallback.domain.support.saved_replies import added
from fallback.usecases.support.ask_question import ask_question
from tests.builders import NOW, an_order
from tests.web.console.at_work import AtWork
from tests.web.filling import forge, press, send
from tests.web.html import Page, follow

TEXT = "Dear {name}, {ref} is on its way. {agent}"


@pytest.fixture
def lea(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("Lea", Role.LEAD)


@pytest.fixture
def mara(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("Mara", Role.AGENT)


def test_a_lead_writes_changes_and_removes_one_and_each_is_recorded(lea: FlaskClient, container: Container) -> None:
    page = press(lea, Page(lea.get("/console/replies")), "/replies", title="On its way", text=TEXT)
    assert TEXT in page.text
    edit = Page(lea.get(page.one("a", aria_label="Edit On its way")["href"]))
    page = press(lea, edit, "/replies/1", text="It is on its way.")
    assert "It is on its way." in page.text
    edit = Page(lea.get("/console/replies/1"))
    page = follow(lea, forge(lea, "/console/replies/1/removal", {"version": edit.fields["version"]}))
    assert "No saved replies yet." in page.text
    assert [row.text for row in page.all("ol")[0].all("li")] == [
        f"{what}: On its way 21 Nov 2026, 10:00 UTC · Lea" for what in ("Removed", "Changed", "Added")
    ]


@pytest.mark.parametrize(
    ("typed", "wrong", "said"),
    [
        ({"title": "", "text": TEXT}, "title", "The field is empty"),
        ({"title": "Late", "text": "Dear {customer}"}, "text", "Use only the placeholders {name}, {ref} and {agent}"),
        ({"title": "x" * 81, "text": TEXT}, "title", "Use at most 80 characters for the title"),
    ],
)
def test_what_cannot_be_kept_is_said_at_its_field(
    lea: FlaskClient, typed: dict[str, str], wrong: str, said: str
) -> None:
    page = Page(send(lea, Page(lea.get("/console/replies")), "/replies", typed))
    assert (page.status, list(page.errors)) == (400, [wrong])
    assert page.errors[wrong].startswith(said)
    assert page.fields["text"] == typed["text"]


def test_two_leads_at_the_same_text_both_know(lea: FlaskClient, container: Container) -> None:
    container.saved_replies.change(lambda kept: added(kept, "Late", TEXT, "Otto", NOW))
    first, second = Page(lea.get("/console/replies/1")), Page(lea.get("/console/replies/1"))
    press(lea, first, "/replies/1", text="The first text")
    page = Page(send(lea, second, "/replies/1", {"text": "The second text"}))
    assert page.status == 409
    assert "The first text" in page.one("div", role="alert").text
    assert page.fields["text"] == "The second text"
    assert container.saved_replies.read().all[0].text == "The first text"


def test_agents_read_them_and_do_not_write_them(mara: FlaskClient, container: Container) -> None:
    container.saved_replies.change(lambda kept: added(kept, "Late", TEXT, "Otto", NOW))
    page = Page(mara.get("/console/replies"))
    assert TEXT in page.text
    assert page.all("textarea") == []
    assert mara.get("/console/replies/1").status_code == 403
    assert forge(mara, "/console/replies", {"title": "Mine", "text": "x"}).status_code == 403


def test_a_reply_that_is_gone_is_said(lea: FlaskClient) -> None:
    assert lea.get("/console/replies/7").status_code == 404


# --- in the answer box


@pytest.fixture
def work(mara: FlaskClient, container: Container) -> AtWork:
    container.saved_replies.change(lambda kept: added(kept, "On its way", TEXT, "Lea", NOW))
    work = AtWork(mara, container.ledger, an_order())
    ask_question(container, work.ref, "Where is it?", None)
    return work


def test_it_comes_below_what_was_typed_and_nothing_is_sent(work: AtWork) -> None:
    page = Page(work.send("answer/reply", work.page(), answer="Good morning!"))
    assert page.status == 200
    assert page.fields["answer"] == f"Good morning!\n\nDear Iris Murdoch, {work.ref} is on its way. Mara"
    assert [what for what, _ in work.told] == ["asked_for_a_person"]
    work.send("answer", page)
    assert [what for what, _ in work.told] == ["asked_for_a_person", "answered"]


def test_into_an_empty_box_it_comes_alone(work: AtWork) -> None:
    page = Page(work.send("answer/reply", work.page()))
    assert page.fields["answer"] == f"Dear Iris Murdoch, {work.ref} is on its way. Mara"


def test_one_that_was_removed_meanwhile_leaves_the_box_as_it_is(work: AtWork) -> None:
    page = Page(work.forge("answer/reply", reply="9", answer="Good morning!"))
    assert page.fields["answer"] == "Good morning!"
