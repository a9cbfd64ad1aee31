"""The pages of the documentation lead to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from fallback.cli.main import main
from ops.demo.__main__ import main as demo
from tests.cli.commands import COMMANDS, GROUPS

ROOT = Path(__file__).parents[2]
FOLDERS = ("fallback", "workers", "templates", "ops", "tests")
TEXTS = {".py", ".md", ".html", ".txt", ".po", ".lua", ".js", ".yml", ".yaml", ".toml", ".conf", ".cfg", ".service", ""}
TOP = sorted(ROOT.glob("*.md"))
PAGES = [*TOP, *sorted(ROOT.glob("ops/**/*.md"))]
SOURCES = [
    *TOP,
    ROOT / "pyproject.toml",
    *(
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in TEXTS and path.is_file()
    ),
]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def test_there_are_pages_to_look_at() -> None:
    assert len(PAGES) > 40
    assert len(SOURCES) > 1000


@every_page
def test_a_page_links_only_to_what_is_there(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def test_the_test_of_links_finds_a_broken_link(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n## It's `here`, now\n\n[a](page.md#its-here-now) [b](gone.md) [c](#gone) [d](https://x.example)\n"
    )
    assert [link for link in links(page) if not leads_somewhere(page, link)] == ["gone.md", "#gone"]


def test_every_page_that_a_file_names_is_there() -> None:
    """In comments, docstrings and messages a page is named by its path."""
    named = {(str(source.relative_to(ROOT)), name) for source in SOURCES for name in pages_named(source)}
    assert len(named) > 40
    assert [(source, name) for source, name in sorted(named) if not (ROOT / name).exists()] == []


def test_nothing_refers_to_a_numbered_section_of_a_page_that_is_not_here() -> None:
    assert [
        str(source.relative_to(ROOT)) for source in SOURCES if re.search("\N{SECTION SIGN}\\s*\\d", text_of(source))
    ] == []


def is_command(group: click.Group, word: str, further: str) -> bool:
    command = group.get_command(click.Context(group), word)
    return command is not None and (not isinstance(command, click.Group) or not further or further in command.commands)


def links(page: Path) -> list[str]:
    """Relative ones, outside of code blocks."""
    text = re.sub(r"(?ms)^```.*?^```", "", page.read_text())
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?:|mailto:", link)]


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def pages_named(source: Path) -> list[str]:
    return re.findall(r"(?<![\w/.])(?:ops/[\w/-]+|README|CONTRIBUTING|CHANGELOG)\.md\b", text_of(source))


def text_of(source: Path) -> str:
    try:
        return source.read_text()
    except UnicodeDecodeError:
        return ""


def test_every_command_is_on_its_page() -> None:
    page = (ROOT / "ops/docs/reference/commands.md").read_text()
    listed = dict(re.findall(r"(?m)^\| `fallback (\w+)((?: [\w\\|]+)?)", page))
    assert listed.keys() == COMMANDS.keys()
    groups = {name: group.commands.keys() for name, group in GROUPS.items()}
    assert {name: set(re.findall(r"\w+", listed[name])) for name in groups} == groups


@every_page
def test_every_command_in_the_documentation_exists(page: Path) -> None:
    """In code only: as it would be typed."""
    code = "\n".join(
        re.findall(r"(?ms)^```sh\n.*?^```$|^    .+?$|^ {3}```sh\n.*?^ {3}```$|`[^`\n]+`", page.read_text())
    )
    typed = re.findall(r"(?<![\w/-])fallback ([a-z]+)(?: ([a-z]+)\b)?", code)
    assert [words for words in typed if not is_command(main, *words)] == []
    started = re.findall(r"\./ops/bin/([a-z]+)(?: ([a-z]+)\b)?", code)
    assert [name for name, _ in started if not (ROOT / "ops/bin" / name).exists()] == []
    assert [word for name, word in started if name == "demo" and word and word not in demo.commands] == []


def test_commands_are_seen_on_pages() -> None:
    shown = [page for page in PAGES if "fallback doctor" in page.read_text()]
    assert len(shown) > 8
    assert not is_command(main, "orders", "relase")
    assert not is_command(main, "doctr", "")


def test_the_index_lists_every_page_of_the_documentation() -> None:
    index = ROOT / "ops/docs/README.md"
    linked = {(index.parent / link).resolve() for link in links(index)}
    pages = {page for page in PAGES if page.is_relative_to(index.parent) and page != index}
    assert len(pages) > 8
    assert pages <= linked


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 200


@every_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    folders = (ROOT, ROOT / "fallback", ROOT / "ops/demo", page.parent, page.parent / "templates")
    named = re.findall(r"`((?:\w[\w-]*/)+[\w-]+\.(?:py|lua|toml|html|txt|conf|yml|yaml|json))`", page.read_text())
    if page.name != "CHANGELOG.md":  # there a name is that of its release
        assert [name for name in named if not any((folder / name).exists() for folder in folders)] == []


@every_page
def test_a_page_calls_no_customer_or_colleague_she(page: Path) -> None:
    """What commands print is quoted as it is."""
    words = re.sub(r"`[^`]*`", "", page.read_text())
    assert page.name == "CHANGELOG.md" or re.findall(r"(?i)\b(?:she|her|hers|herself)\b", words) == []
