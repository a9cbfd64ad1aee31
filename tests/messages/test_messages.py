"""./ops/bin/messages on a small project: what `update` keeps, moves, offers and drops, and what `check` names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner

from ops.messages import __main__ as command

PAGE = "templates/customer/order/order.html"
OTHER = "templates/customer/payment/policy.html"


@dataclass
class Project:
    root: Path

    def write(self, file: str, *texts: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(f"{{% trans %}}{text}{{% endtrans %}}" for text in texts))

    def translate(self, text: str, translation: str, catalog: str = "order") -> None:
        path = self.po(catalog)
        before = f'msgid "{text}"\nmsgstr ""\n'
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, f'msgid "{text}"\nmsgstr "{translation}"\n'))

    def run(self, *arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(command.messages, arguments)
        return ran.exit_code, ran.output

    def po(self, catalog: str = "order", language: str = "de") -> Path:
        return self.root / "templates/locales" / language / f"{catalog}.po"

    def entries(self, catalog: str = "order") -> list[tuple[object, object, bool]]:
        with self.po(catalog).open("rb") as file:
            return [(message.id, message.string, message.fuzzy) for message in read_po(file, "de") if message.id]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "LOCALES", tmp_path / "templates/locales")
    project = Project(tmp_path)
    project.write(PAGE, "Your order", "Order it so", "Leave it")
    (tmp_path / "templates/locales").mkdir()
    project.run("update", "--add", "de")
    for text, translation in (("Your order", "Ihre"), ("Order it so", "So bestellen"), ("Leave it", "Lassen")):
        project.translate(text, translation)
    return project


def test_a_catalog_that_is_complete_passes(project: Project) -> None:
    assert project.run("check") == (0, "3 texts, all translated.\n")


def test_texts_stand_in_the_order_of_the_page_with_its_name_and_no_line_number(project: Project) -> None:
    assert [text for text, _, _ in project.entries()] == ["Your order", "Order it so", "Leave it"]
    assert project.po().read_text().count(f"#: {PAGE}\n") == 3


def test_a_text_that_was_rewritten_is_offered_its_old_translation(project: Project) -> None:
    project.write(PAGE, "Your order", "Place order", "Leave it")
    assert "de: fuzzy in order.po: 'Place order'" in project.run("update")[1]
    assert project.entries()[1] == ("Place order", "So bestellen", True)
    assert "#. was: Order it so\n" in project.po().read_text()
    code, said = project.run("check")
    assert (code, said.splitlines()[0]) == (1, "de: fuzzy in order.po: 'Place order'")


def test_what_is_fuzzy_stays_so_until_somebody_looked_at_it(project: Project) -> None:
    project.write(PAGE, "Your order", "Place order", "Leave it")
    project.run("update")
    once = project.po().read_text()
    project.run("update")
    assert project.po().read_text() == once
    project.po().write_text(once.replace("#, fuzzy\n", ""))
    project.run("update")
    assert "was:" not in project.po().read_text()
    assert project.run("check")[0] == 0


def test_a_text_that_moved_and_was_reworded_is_found_by_its_words(project: Project) -> None:
    project.write(PAGE, "Leave it as it is", "Your orders", "Something else", "Order it so")
    project.run("update")
    assert ("Your orders", "Ihre", True) in project.entries()
    assert ("Something else", "", False) in project.entries()


def test_a_new_text_is_named_as_missing_and_one_of_no_page_as_unused(project: Project) -> None:
    project.write(PAGE, "Your order", "Order it so")
    project.write("templates/http/fields.html", "Zip code")
    code, said = project.run("check")
    assert code == 1
    assert said.splitlines()[:2] == ["de: missing in pages.po: 'Zip code'", "de: unused in order.po: 'Leave it'"]
    project.run("update")
    assert [text for text, _, _ in project.entries()] == ["Your order", "Order it so"]
    assert "de: not translated in pages.po: 'Zip code'" in project.run("check")[1]


def test_a_text_of_two_capabilities_moves_to_pages_with_its_translation(project: Project) -> None:
    project.write(OTHER, "Leave it")
    assert "de: misplaced in order.po, belongs to pages.po: 'Leave it'" in project.run("check")[1]
    project.run("update")
    assert project.run("check")[0] == 0
    assert project.entries("pages") == [("Leave it", "Lassen", False)]
    assert "Leave it" not in project.po().read_text()


def test_a_copy_of_an_entry_in_another_catalog_is_misplaced(project: Project) -> None:
    project.po("support").write_text(project.po().read_text())
    assert project.run("check")[1].count("misplaced in support.po, belongs to order.po") == 3
    project.run("update")
    assert not project.po("support").exists()
    assert project.run("check")[0] == 0


def test_a_translation_that_lost_a_placeholder_is_named(project: Project) -> None:
    project.write(PAGE, "Your order", "Order it so", "Leave it", "Hello {{ name }}")
    project.run("update")
    project.translate("Hello %(name)s", "Hallo")
    assert "de: other placeholders in order.po: 'Hello %(name)s'" in project.run("check")[1]


def test_plural_forms_survive(project: Project) -> None:
    project.write(PAGE, "Your order", "Order it so", "Leave it")
    page = project.root / PAGE
    page.write_text(page.read_text() + "{% trans n=3 %}One order{% pluralize %}{{ n }} orders{% endtrans %}")
    project.run("update")
    assert "de: not translated in order.po: 'One order'" in project.run("check")[1]
    empty = 'msgstr[0] ""\nmsgstr[1] ""\n'
    filled = 'msgstr[0] "Eine Bestellung"\nmsgstr[1] "%(n)s Bestellungen"\n'
    assert empty in project.po().read_text()
    project.po().write_text(project.po().read_text().replace(empty, filled))
    project.run("update")
    assert project.run("check")[0] == 0
    assert filled in project.po().read_text()


def test_a_language_is_added_with_all_texts_to_translate_and_its_own_plural(project: Project) -> None:
    assert project.run("update", "--add", "fr")[0] == 0
    assert "plural=(n > 1)" in project.po(language="fr").read_text()
    assert project.run("check")[1].count("fr: not translated in order.po") == 3
    assert project.run("update", "--add", "elvish")[0] == 1


def test_extract_writes_every_text_for_the_tools_of_translators(project: Project) -> None:
    assert project.run("extract") == (0, "3 texts in var/messages.pot\n")
    with (project.root / "var/messages.pot").open("rb") as file:
        assert {message.id for message in read_po(file) if message.id} == {"Your order", "Order it so", "Leave it"}
