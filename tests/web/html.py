"""Reads a page as a browser does, as far as tests ask about it."""

from __future__ import annotations

from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

INLINE = {"bdi", "a", "b", "span", "strong", "time"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Element:
    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.inside: list[Element] = []
        self.words: list[str] = []

    @property
    def text(self) -> str:
        """With the text of what is inside, in single spaces."""
        return " ".join("".join(self.words).split())

    @property
    def typed(self) -> str:
        """What stands in a text area, to the letter: of its markup only one line break at the begin is left out."""
        return "".join(self.words).removeprefix("\n")

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.inside if element.tag == tag]

    def sent(self) -> dict[str, str]:
        """What a browser would send of the fields in this, as they stand, by the first button."""
        found: dict[str, str] = {}
        for element in self.inside:
            name, kind = element.attributes.get("name"), element.attributes.get("type")
            if not name or "disabled" in element.attributes:
                continue
            if element.tag == "input" and (kind not in ("radio", "checkbox") or "checked" in element.attributes):
                found[name] = element.attributes.get("value", "on" if kind == "checkbox" else "")
            elif element.tag == "textarea":
                found[name] = element.typed
            elif element.tag == "select" and (options := element.all("option")):
                chosen = [option for option in options if "selected" in option.attributes] or options[:1]
                found[name] = chosen[-1].attributes.get("value", chosen[-1].text)
            elif element.tag == "button":
                found.setdefault(name, element.attributes.get("value", ""))
        return found

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


class Page(HTMLParser):
    """A page that is well formed: an element that is never closed, or closed twice, fails."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.status = response.status_code
        self.source = response.text
        self.elements: list[Element] = []
        self._whole = Element("", {})
        self._open = [self._whole]
        self.feed(response.text)
        assert len(self._open) == 1, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break_before(tag)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        for outer in self._open:
            outer.inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        self._break_before(tag)
        assert self._open.pop().tag == tag, f"closed in the wrong order: {tag}"

    def _break_before(self, tag: str) -> None:
        if tag not in INLINE and self._open[-1].tag != "textarea":
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.words.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Attributes by name, with _ for -; those that are no Python words may be given as `**{"data-x": "y"}`."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element for element in self.elements if element.tag == tag and wanted.items() <= element.attributes.items()
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of <{tag} {attributes}>"
        return found[0]

    @property
    def title(self) -> str:
        return self.one("h1").text

    @property
    def text(self) -> str:
        return self.one("main").text

    @property
    def fields(self) -> dict[str, str]:
        """What a browser would send if all forms were submitted as they stand, without their buttons."""
        buttons = {element.attributes.get("name") for element in self.all("button")}
        return {name: value for name, value in self._whole.sent().items() if name not in buttons}

    @property
    def errors(self) -> dict[str, str]:
        """The error summary: which field each line leads to, and what it says."""
        return {
            element["href"].removeprefix("#"): element.text
            for summary in self.all("div", id="errors")
            for element in summary.all("a")
        }


def follow(browser: FlaskClient, response: TestResponse) -> Page:
    """The page to which an answer leads."""
    assert response.status_code == 303, response.text
    return Page(browser.get(response.location))
