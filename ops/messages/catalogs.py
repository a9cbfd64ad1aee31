"""Reads, renews and checks the catalogs of a language: `templates/locales/<language>/<catalog>.po`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from io import BytesIO
from itertools import groupby
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from .texts import Text

Forms = tuple[str, ...]
HEADER = """\
# {catalog}, in {name}. ./ops/bin/messages update writes this file: change only the translations.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


@dataclass(frozen=True)
class Translation:
    """`strings`: as many as the language has plural forms, or one. `files`: where the text stood at the last update.

    `was`: while it is fuzzy, the text that it translated before.
    """

    forms: Forms
    strings: Forms
    files: tuple[str, ...] = ()
    fuzzy: bool = False
    was: tuple[str, ...] = ()


def read(folder: Path) -> dict[str, list[Translation]]:
    """The translations of a language by the catalog that they are in."""
    return {path.stem: _read(path, folder.name) for path in sorted(folder.glob("*.po"))}


def _read(path: Path, language: str) -> list[Translation]:
    with path.open("rb") as file:
        return [_translation(message) for message in read_po(file, language, abort_invalid=True) if message.id]


def _translation(message: Message) -> Translation:
    was = tuple(message.auto_comments) if message.fuzzy else ()
    files = tuple(file for file, _ in message.locations)
    return Translation(_tuple(message.id), _tuple(message.string or ""), files, message.fuzzy, was)


def _tuple(value: str | Sequence[str]) -> Forms:
    return (value,) if isinstance(value, str) else tuple(value)


def update(folder: Path, texts: Sequence[Text]) -> None:
    """Every text gets its entry in its catalog and keeps its translation; entries of no text are dropped.

    A new text that stands where an old one stood, or reads much like it, gets that one's translation, marked fuzzy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    old = {entry.forms: entry for catalog in read(folder).values() for entry in catalog}
    before = _predecessors(old, {text.forms: text for text in texts})
    written = set()
    for name, members in groupby(texts, key=lambda text: text.catalog):
        path = folder / f"{name}.po"
        path.write_bytes(_po(name, folder.name, [(text, _renewed(text.forms, old, before)) for text in members]))
        written.add(path)
    for path in set(folder.glob("*.po")) - written:
        path.unlink()


def _renewed(forms: Forms, old: dict[Forms, Translation], before: dict[Forms, Forms]) -> Translation:
    if forms in old:
        return old[forms]
    if forms in before and any(old[before[forms]].strings):
        return Translation(forms, old[before[forms]].strings, fuzzy=True, was=(f"was: {before[forms][0]}",))
    return Translation(forms, ("",))


def _predecessors(old: Mapping[Forms, Translation], new: Mapping[Forms, Text]) -> dict[Forms, Forms]:
    """For texts that are new, those that are gone and that they most likely replace: by place, then by words."""
    found: dict[Forms, Forms] = {}
    for _, a, b, c, d in SequenceMatcher(None, list(old), list(new), autojunk=False).get_opcodes():
        before = [forms for forms in list(old)[a:b] if forms not in new]
        after = [forms for forms in list(new)[c:d] if forms not in old]
        if len(before) == len(after):
            pairs = zip(after, before, strict=True)
            found |= {text: entry for text, entry in pairs if set(new[text].files) & set(old[entry].files)}
    left = {forms[0]: forms for forms in old if forms not in new and forms not in found.values()}
    for forms in new:
        if forms not in old and forms not in found and (near := get_close_matches(forms[0], left, n=1)):
            found[forms] = left[near[0]]
    return {after: before for after, before in found.items() if len(after) == len(before)}


def _po(catalog: str, language: str, entries: Iterable[tuple[Text, Translation]]) -> bytes:
    filled = Catalog(locale=language)
    for text, entry in entries:
        filled.add(
            text.forms if len(text.forms) > 1 else text.forms[0],
            entry.strings if len(text.forms) > 1 else entry.strings[0],
            locations=[(file, 0) for file in text.files],
            flags=["fuzzy"] if entry.fuzzy else [],
            auto_comments=entry.was,
        )
    name = Locale.parse(language).english_name
    header = HEADER.format(catalog=catalog.title(), name=name, language=language, plural=filled.plural_forms)
    body = BytesIO()
    write_po(body, filled, width=0, omit_header=True, include_lineno=False)
    return (header.encode() + body.getvalue()).rstrip() + b"\n"


def faults(folder: Path, texts: Sequence[Text]) -> list[str]:
    """What is missing, fuzzy, unused, misplaced or twice there, and what has other placeholders than its text."""
    where = {text.forms: text.catalog for text in texts}
    entries = [(name, entry) for name, catalog in read(folder).items() for entry in catalog]
    present = {entry.forms for _, entry in entries}
    found = [f"missing in {name}.po: {forms[0]!r}" for forms, name in where.items() if forms not in present]
    for name, entry in entries:
        found += [f"{fault}: {entry.forms[0]!r}" for fault in _faults(name, entry, where.get(entry.forms))]
    return [f"{folder.name}: {fault}" for fault in found]


def _faults(name: str, entry: Translation, belongs: str | None) -> Iterable[str]:
    if belongs is None:
        yield f"unused in {name}.po"
    elif belongs != name:
        yield f"misplaced in {name}.po, belongs to {belongs}.po"
    if not all(entry.strings):
        yield f"not translated in {name}.po"
    elif entry.fuzzy:
        yield f"fuzzy in {name}.po"
    elif not _same_placeholders(entry):
        yield f"other placeholders in {name}.po"


def _same_placeholders(entry: Translation) -> bool:
    """A plural form may leave out the number ('one order'), and may not name what the text does not have."""
    known = [_placeholders(form) for form in entry.forms]
    if len(known) == 1:
        return _placeholders(entry.strings[0]) == known[0]
    return all(set(_placeholders(string)) <= set().union(*known) for string in entry.strings)


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]", text))
