"""CONTRIBUTING says where things are: its tree, its walk and its tables are compared with the code."""

from __future__ import annotations

import ast
import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from fallback.domain.oncall.alerts import Alert
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import NoticeKind
from fallback.i18n import LANGUAGES, WRITTEN_IN
from fallback.primaries import KINDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
SOURCES = {str(path.relative_to(ROOT)): path.read_text() for path in sorted((ROOT / "fallback").rglob("*.py"))}
NAMES = sorted(set(re.findall(r"`([\w/]+\.py)::([\w.]+)`", PAGE)))
PATHS = sorted(set(re.findall(r"`((?:fallback|workers|templates|ops|tests)/[\w/*.-]*)`", PAGE)))
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
CHANGES = dict(re.findall(r"(?ms)^### (.+?)\n\n(\| file .*?)\n\n", PAGE))


def test_layers_and_floors_are_those_that_are_checked() -> None:
    layers, floors = (
        contract["layers"]
        for contract in CONTRACTS
        if contract["name"].startswith(("Layers", "The floors of the domain"))
    )
    section = PAGE.split("## Layers and floors")[1].split("\n## ")[0]
    lines = re.findall(r"(?m)^\d\. (.+)$", section)
    assert len(lines) == len(layers)
    for line, layer in zip(lines, layers, strict=True):
        assert set(re.findall(r"`fallback/(\w+)", line)) == set(re.findall(r"fallback\.(\w+)", layer))
    sentence = section.split("In `fallback/domain`")[1].split(". ")[0]
    assert re.findall(r"`(\w+)`", sentence) == re.findall(r"\w+", " ".join(floors[:-1]))


def test_there_is_a_table_for_each_of_the_seven_changes() -> None:
    assert list(CHANGES) == [
        "A payment provider",
        "A shop adapter",
        "A hold",
        "A page of the console",
        "A mail's text",
        "An alert",
        "A language",
    ]


def test_the_tree_has_each_folder_with_its_first_line() -> None:
    assert PAGE.split("```")[1].strip() == tree()


@pytest.mark.parametrize(("file", "name"), NAMES)
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    assert name in names_in(file)


def test_the_walk_has_a_line_for_each_hop() -> None:
    walk = PAGE.split("## One order, file by file")[1].split("\n## ")[0]
    hops = re.split(r"(?m)^\d+\. ", walk)[1:]
    assert len(hops) > 15
    assert [hop for hop in hops if not re.search(r"`[\w/]+\.py::[\w.]+`", hop)] == []


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_the_page_names_is_there(path: str) -> None:
    assert list(ROOT.glob(path.removesuffix("/")))


def test_a_row_names_a_file_and_says_when_and_what() -> None:
    rows = [row for change in CHANGES for row in rows_of(change)]
    assert len(rows) > 40
    assert [row for row in rows if not (row[0] and row[1] and row[2])] == []


def test_a_payment_provider_is_known_where_the_table_says() -> None:
    known = modules(r"\bfallback\.payments\b|\bstripe_(?:secret|publishable|webhook|api|js)|\bfallback_drill_stripe")
    assert outside_of("fallback/payments/", known) == modules_always("A payment provider")
    scripts = {
        str(path.relative_to(ROOT)) for path in ROOT.glob("fallback/web/static/*.js") if "Stripe" in path.read_text()
    }
    assert scripts == {file for file in always("A payment provider") if file.endswith(".js")}


def test_a_shop_adapter_is_known_where_the_table_says() -> None:
    assert modules(r"(?m:^KINDS: )") == modules_always("A shop adapter")
    named_elsewhere = modules(rf"(?i)\b(?:{'|'.join(KINDS.keys() - {'http'}) or 'no other kind'})\b")
    assert outside_of("fallback/primaries/", named_elsewhere) == set()


def test_every_hold_is_where_the_table_says() -> None:
    assert {home_of("HoldCode")} | where_all_are(HoldCode) == modules_always("A hold")
    assert all("HoldCode" in SOURCES[file] for file in named("A hold"))
    causes = modules(r"(?<!def )\bput_on_hold\(")
    assert causes == marked("A hold", "one of them")


def test_every_alert_is_where_the_table_says() -> None:
    assert {home_of("Alert")} | where_all_are(Alert) == modules_always("An alert")


def test_every_mail_is_where_the_table_says() -> None:
    assert {home_of("NoticeKind")} | where_all_are(NoticeKind) <= named("A mail's text")
    assert all((ROOT / f"templates/mail/{kind}.txt").exists() for kind in NoticeKind)


def test_every_page_of_the_console_is_where_the_table_says() -> None:
    pages = {file for file in modules(r"\bBlueprint\(") if file.startswith("fallback/web/console/")}
    assert len(pages) > 15
    assert [file for file in pages if not (ROOT / file).match("fallback/web/console/*/*.py")] == []
    registered = set(re.findall(r"fallback\.web\.console\.(\w+) import (.+)", SOURCES["fallback/web/app.py"]))
    assert {
        f"fallback/web/console/{folder}/{name.split(' as ')[0]}.py"
        for folder, names in registered
        for name in names.split(", ")
    } == pages
    templates = {name for file in pages for name in re.findall(r'"(console/[\w/]+\.html)"', SOURCES[file])}
    assert len(templates) > 10
    assert [name for name in templates if not (ROOT / "templates" / name).exists()] == []


def test_a_language_is_named_where_the_table_says() -> None:
    translated = "|".join(language for language in LANGUAGES if language != WRITTEN_IN)
    assert modules(rf'"(?:{translated})"') == modules_always("A language") == set()
    assert not re.search(rf"(?m)^[^#\n]*\b(?:{translated}) = ", (ROOT / "ops/policy.toml").read_text())


# --- the page


def rows_of(change: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in CHANGES[change].splitlines()[2:]]


def named(change: str) -> set[str]:
    """The modules of fallback/ in the first column, without patterns."""
    files = {file for row in rows_of(change) for file in re.findall(r"`([^`]+)`", row[0])}
    return {file for file in files if file in SOURCES}


def always(change: str) -> set[str]:
    return marked(change, "always")


def marked(change: str, when: str) -> set[str]:
    return {file for row in rows_of(change) if row[1] == when for file in re.findall(r"`([^`]+)`", row[0])}


def modules_always(change: str) -> set[str]:
    return always(change) & SOURCES.keys()


# --- the code


def tree() -> str:
    lines = []
    for init in sorted((ROOT / "fallback").rglob("__init__.py"), key=lambda path: path.parent.parts):
        doc = ast.get_docstring(ast.parse(init.read_text())) or ""
        folder = init.parent.relative_to(ROOT)
        name = "  " * (len(folder.parts) - 1) + folder.name + "/"
        lines.append(f"{name:<15} {doc.splitlines()[0]}")
    return "\n".join(lines)


def modules(pattern: str) -> set[str]:
    return {file for file, source in SOURCES.items() if re.search(pattern, source)}


def outside_of(folder: str, files: set[str]) -> set[str]:
    return {file for file in files if not file.startswith(folder)}


def home_of(name: str) -> str:
    (file,) = modules(rf"(?m)^class {name}\b")
    return file


def where_all_are(kinds: type[StrEnum]) -> set[str]:
    """The modules that name each of them."""
    return set.intersection(*(modules(rf"\b{kinds.__name__}\.{kind.name}\b") for kind in kinds))


@cache
def names_in(file: str) -> set[str]:
    """Functions and classes of a module, methods as `Class.method`."""
    found: set[str] = set()
    for node in ast.parse((ROOT / file).read_text()).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return found
