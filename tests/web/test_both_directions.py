"""Pages and mails run in the direction of their language: what is physical in a style sheet would not be mirrored."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fallback import i18n
from fallback.domain.order.cart import Slot
from fallback.domain.order.refs import parse_ref
from fallback.i18n import LANGUAGES
from fallback.web.http.static_files import FILES
from fallback.web.http.voice import Voice
from fallback.web.http.waiting import STYLE
from tests.builders import NOW

SHEETS = {name: body.decode() for name, body in FILES.items() if name.endswith(".css")} | {"queue.html": STYLE}
SIDES = re.compile(r"(?<![\w-])(?:[\w-]+-)?(?:left|right)(?:-[\w-]+)?(?=\s*[;:}])")
FOUR = re.compile(r"(?:margin|padding|inset|border-\w+):\s*([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+?)\s*[;}]")


@pytest.mark.parametrize("name", SHEETS)
def test_no_style_names_the_left_or_the_right(name: str) -> None:
    without_comments = re.sub(r"(?s)/\*.*?\*/", "", SHEETS[name])
    assert SIDES.findall(without_comments) == []
    assert [values for values in FOUR.findall(without_comments) if values[1] != values[3]] == []
    assert "letter-spacing" not in without_comments  # it would tear apart letters that join


def test_the_rule_finds_what_it_looks_for() -> None:
    styles = "a{left:0}b{text-align: right;}c{padding-left: 1px}d{float:left}e{border-top-left-radius:1px}.left{top:0}"
    assert len(SIDES.findall(styles)) == 5
    assert FOUR.findall("a{margin: 1px 2px 3px 4px}") == [("1px", "2px", "3px", "4px")]


def test_the_direction_is_that_of_the_language() -> None:
    assert {i18n.direction_of(language) for language in (*LANGUAGES, "he")} == {"ltr", "rtl"}
    assert (i18n.direction_of("de"), i18n.direction_of("fa")) == ("ltr", "rtl")


def test_what_runs_the_other_way_stands_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "LANGUAGES", ("en", "de", "he"))
    phone = "+44 1482 300300"
    assert Voice("de").say("Callback: %(phone)s", phone=phone).endswith(f": {phone}")
    assert Voice("he").say("Callback: %(phone)s", phone=phone) == f"Callback: \u2068{phone}\u2069"
    rendered = i18n.environment("he").from_string('{{ _("Callback: %(phone)s", phone=phone) }}').render(phone=phone)
    assert rendered == f"Callback: \u2068{phone}\u2069"


def test_a_ref_that_was_copied_with_its_marks_is_read() -> None:
    assert parse_ref("\u2068FB-7K3M-92QX-5\u2069") == parse_ref("\u200fFB-7K3M-92QX-5") == parse_ref("FB-7K3M-92QX-5")


# --- figures and times


@pytest.mark.parametrize(
    ("locale", "moment", "slot", "either", "count"),
    [
        ("en", "21 Nov 2026, 10:00 UTC", "Saturday, November 21, 10:00 AM – 2:00 PM UTC", "a, b, or c", "1,234"),
        ("en-GB", "21 Nov 2026, 10:00 UTC", "Saturday 21 November, 10:00 – 14:00 UTC", "a, b or c", "1,234"),
        ("de", "21. Nov. 2026, 10:00 UTC", "Samstag, 21. November, 10:00 – 14:00 UTC", "a, b oder c", "1.234"),
        ("fr", "21 nov. 2026, 10:00 UTC", "samedi 21 novembre, 10:00 – 14:00 UTC", "a, b ou c", "1 234"),
        ("pl", "21 lis 2026, 10:00 UTC", "sobota, 21 listopada, 10:00 – 14:00 UTC", "a, b lub c", "1 234"),
        ("ar", "21 نوفمبر 2026، 10:00 UTC", "السبت، 21 نوفمبر، 10:00 ص – 2:00 م UTC", "a أو b أو c", "1,234"),
    ],
)
def test_figures_and_times_are_those_of_the_locale(
    locale: str, moment: str, slot: str, either: str, count: str
) -> None:
    four_hours = Slot("am", NOW, NOW + timedelta(hours=4))
    found = Voice(locale).ngettext("%(count)s", "%(count)s", 1234)
    said = [i18n.moment(NOW, locale), i18n.slot(four_hours, locale), i18n.alternatives(["a", "b", "c"], locale), found]
    assert [re.sub("[\u00a0\u202f]", " ", each) for each in said] == [moment, slot, either, count]
