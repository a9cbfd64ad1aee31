"""People whom a process has no room for get a page with their place and a time, which reloads itself."""

from __future__ import annotations

import asyncio
import re

import pytest
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from fallback.web.http.door import Door
from fallback.web.http.waiting import MINUTES, PEOPLE, Place, Waiting
from tests.web.html import Page
from tests.web.http.test_door import Asked, Busy

GERMAN = {"accept_language": "de-AT,de;q=0.9"}


def a_person(path: str = "/checkout", **headers: str) -> Asked:
    return Asked(path, accept="text/html,application/xhtml+xml", **headers)


def crowd(app: Flask, others: int, *last: Asked) -> Busy:
    """So many people come while no page is finished, and these after them."""
    busy = Busy(app)
    door = Door(busy)

    async def come() -> None:
        people = [*(a_person() for _ in range(others)), *last]
        tasks = [asyncio.create_task(door.__rsgi__(each, each)) for each in people]
        while not all(each.status for each in last):
            await asyncio.sleep(0)
        busy.goes_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(come())
    return busy


def page_of(asked: Asked) -> Page:
    assert asked.status == 503
    assert asked.answered["Content-Type"].startswith("text/html")
    return Page(TestResponse([asked.body], "503 Full", Headers(asked.headers_answered), EnvironBuilder().get_request()))


def test_who_comes_when_we_are_full_sees_a_place_a_time_and_their_page_later(app: Flask) -> None:
    asked = a_person("/orders/FB-1")
    crowd(app, 150, asked)
    page = page_of(asked)
    assert "Up to 200 people are waiting, you among them." in page.text
    assert "At the present rate this takes about a minute." in page.text
    assert "Your basket is kept." in page.text
    assert 10 <= int(asked.answered["Refresh"]) <= 14
    assert asked.answered["Retry-After"] == asked.answered["Refresh"]
    assert page.one("a")["href"] == ""
    assert asked.answered["Cache-Control"] == "no-store"


def test_in_their_language(app: Flask) -> None:
    asked = a_person(**GERMAN)
    crowd(app, 150, asked)
    assert page_of(asked).one("html")["lang"] == "de"
    assert "Bitte warten Sie" in page_of(asked).text


def test_programs_get_json(app: Flask) -> None:
    program, script = Asked("/v1/status", accept="text/html"), Asked("/status", accept="application/json")
    crowd(app, 150, program, script)
    for each in (program, script):
        assert (each.status, each.answered["Content-Type"]) == (503, "application/problem+json")
        assert "Refresh" not in each.answered


def test_who_sends_a_form_is_not_sent_again_by_a_reload(app: Flask) -> None:
    asked = Asked("/checkout", "POST", accept="text/html")
    crowd(app, 150, asked)
    assert "Refresh" not in asked.answered
    assert "Nothing is lost." in page_of(asked).text


def test_a_page_is_written_once_in_each_language(app: Flask) -> None:
    """150 people: the numbers on the page have few steps."""
    busy = crowd(app, 300, a_person(), a_person(), a_person(**GERMAN), a_person(**GERMAN))
    assert busy.refused <= len(PEOPLE) + 1


def test_the_page_brings_its_style_and_no_other_is_let_in(app: Flask) -> None:
    asked = a_person()
    crowd(app, 150, asked)
    assert "stylesheet" not in asked.body.decode()
    policies = [value for name, value in asked.headers_answered if name == "Content-Security-Policy"]
    assert len(policies) == 1
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; .*", policies[0])


# --- how many, and how long


def refused(waiting: Waiting, people: int, now: float = 100.0) -> Place:
    return [waiting.refused(now) for _ in range(people)][-1]


@pytest.mark.parametrize(("people", "said"), [(1, 5), (6, 10), (51, 100), (20_000, 10_000)])
def test_those_who_wait_are_counted_and_rounded_up(people: int, said: int) -> None:
    assert refused(Waiting(), people).people == said


def test_who_came_back_is_counted_once() -> None:
    """Each of ten reloads every twelve seconds."""
    waiting = Waiting()
    for now in range(100, 160):
        if now % 12 < 10:
            waiting.refused(float(now))
    assert refused(waiting, 1, 160.0).people == 10
    assert refused(waiting, 1, 171.0).people == 5


def test_other_processes_of_the_machine_have_as_many() -> None:
    assert refused(Waiting(processes=4), 10).people == 50


@pytest.mark.parametrize(
    ("people", "let_in", "minutes"), [(10, 10, 1), (100, 10, 2), (300, 10, 10), (10_000, 1, None), (5, 0, None)]
)
def test_the_time_is_that_of_the_present_rate(people: int, let_in: int, minutes: int | None) -> None:
    """`let_in`: within twelve seconds."""
    waiting = Waiting()
    for second in range(let_in):
        waiting.let_in(90.0 + second)
    assert refused(waiting, people).minutes == minutes
    assert minutes is None or minutes in MINUTES


def test_the_rate_is_that_of_the_last_seconds() -> None:
    waiting = Waiting()
    waiting.let_in(50.0)
    assert refused(waiting, 5).minutes is None
