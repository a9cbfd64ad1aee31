"""./ops/bin/messages: the texts that are marked for translation, and their catalogs."""

from __future__ import annotations

from pathlib import Path

import click
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from .catalogs import faults, update
from .texts import marked

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "templates/locales"


@click.group(help=__doc__)
def messages() -> None: ...


@messages.command()
def check() -> None:
    """Names what is missing, fuzzy, unused or misplaced in each language; fails if there is any."""
    texts = marked(ROOT)
    found = [fault for folder in _languages() for fault in faults(folder, texts)]
    for fault in found:
        click.echo(fault)
    if found:
        raise click.ClickException(f"{len(found)} to mend. './ops/bin/messages update' moves, adds and drops entries.")
    click.echo(f"{len(texts)} texts, all translated.")


@messages.command("update")
@click.option("--add", metavar="LANGUAGE", help="A language that there is not yet: 'fr'.")
def update_all(add: str | None) -> None:
    """Renews the catalogs of all languages from the code and the templates."""
    if add:
        (LOCALES / _known(add)).mkdir(exist_ok=True)
    texts = marked(ROOT)
    for folder in _languages():
        update(folder, texts)
        to_do = faults(folder, texts)
        click.echo("\n".join([*to_do, f"{folder.name}: {len(to_do)} to translate or to look at."]))


@messages.command()
def extract() -> None:
    """Writes all texts without translations, for tools of translators: var/messages.pot."""
    catalog = Catalog(project="Fallback Checkout")
    for text in marked(ROOT):
        catalog.add(text.forms if len(text.forms) > 1 else text.forms[0], locations=[(file, 0) for file in text.files])
    target = ROOT / "var/messages.pot"
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as file:
        write_po(file, catalog, width=0, include_lineno=False)
    click.echo(f"{len(catalog)} texts in {target.relative_to(ROOT)}")


def _languages() -> list[Path]:
    return sorted(path for path in LOCALES.iterdir() if path.is_dir())


def _known(language: str) -> str:
    try:
        Locale.parse(language)
    except (UnknownLocaleError, ValueError) as error:
        raise click.ClickException(f"{language!r} is no language: {error}") from error
    return language


if __name__ == "__main__":
    messages()
