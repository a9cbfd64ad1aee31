"""Finds the texts that are marked for translation and the catalog of each.

The rule: a text belongs to the catalog of the file it is in, and to `pages` when files of several catalogs use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from fallback.domain.payment.policy import parse_policy, sentences
from fallback.payments.currencies import chargeable

SHARED = "pages"

CAPABILITIES = ("order", "checkout", "support", "payment", "placement", "outage")

# The catalog of a file: the first line that fits. Folders of a capability first, then the folders that hold several.
CATALOGS = (
    ("templates/mail/*", "mail"),
    ("templates/text_messages/*", "mail"),
    ("fallback/domain/*/owner_mail.py", "mail"),
    *((f"fallback/domain/{word}/*", word) for word in ("order", "outage")),
    # the console
    ("fallback/web/console/order/money*", "payment"),
    ("fallback/web/console/order/claims.py", "support"),
    ("fallback/web/console/order/answering.py", "support"),
    ("fallback/web/console/order/*", "order"),
    ("fallback/web/console/desk/drafts.py", "checkout"),
    ("fallback/web/console/desk/*", "support"),
    ("fallback/web/console/access/*", "support"),
    ("fallback/web/console/oncall/incident*", "incident"),
    ("fallback/web/console/oncall/drain.py", "outage"),
    ("fallback/web/console/oncall/switching.py", "outage"),
    ("fallback/web/console/oncall/status_page.py", "outage"),
    ("fallback/web/console/oncall/*", "oncall"),
    ("templates/console/access/*", "support"),
    *((f"templates/console/desk/{name}.html", "order") for name in ("found", "orders", "rows")),
    ("templates/console/desk/drafts.html", "checkout"),
    ("templates/console/desk/*", "support"),
    ("templates/console/oncall/incident*", "incident"),
    *((f"templates/console/oncall/{name}.html", "oncall") for name in ("oncall", "drills", "goings_on")),
    ("templates/console/oncall/*", "outage"),
    *((f"templates/console/order/{name}.html", "payment") for name in ("refund", "may_give", "panels/money")),
    *((f"templates/console/order/panels/{name}.html", "order") for name in ("changes", "holds", "standing")),
    ("templates/console/order/panels/*", "support"),
    ("templates/console/order/*", "order"),
    # the customer's pages
    ("fallback/web/*/checkout*", "checkout"),
    ("fallback/web/purchase/policy_words.py", "payment"),
    ("fallback/web/purchase/question_form.py", "support"),
    ("fallback/web/purchase/self_service_rows.py", "support"),
    ("fallback/web/customer/presence.py", "support"),
    ("fallback/web/customer/status*", "outage"),
    ("fallback/web/customer/subscriptions.py", "outage"),
    ("fallback/web/customer/find_order.py", "order"),
    ("fallback/web/purchase/public_status_rows.py", "outage"),
    ("fallback/web/purchase/*", "order"),
    *((f"templates/customer/{word}/*", word) for word in CAPABILITIES),
    ("templates/purchase/address_fields.html", "checkout"),
    ("templates/purchase/delivery_choices.html", "checkout"),
    ("templates/purchase/*", "order"),
    ("ops/policy.toml", "payment"),
    ("*", SHARED),
)


def of_policy(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, None, str, tuple[()]]]:
    """The sentences of the refund policy that we ship."""
    for _place, sentence in sentences(parse_policy(file.read().decode(), chargeable)):
        yield 0, None, sentence["en"], ()


# Where texts are marked, and how. trim_blocks and lstrip_blocks as in fallback/i18n.py: spaces are part of a text.
SOURCES = (
    ("fallback/domain/**/*.py", "python"),
    ("fallback/web/**/*.py", "python"),
    ("ops/policy.toml", of_policy),
    ("templates/**/*.html", babel_extract),
    ("templates/**/*.txt", babel_extract),
)
KEYWORDS = {"N_": None, "say": None, "_": None, "gettext": None, "ngettext": (1, 2)}
BLOCKS = {"trim_blocks": "true", "lstrip_blocks": "true"}


@dataclass(frozen=True)
class Text:
    """`forms`: the text, and its plural if it has one. `files`: all that use it, in order."""

    forms: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def catalog(self) -> str:
        catalogs = {catalog_of(file) for file in self.files}
        return catalogs.pop() if len(catalogs) == 1 else SHARED


def catalog_of(file: str) -> str:
    """`file`: from the root of the project."""
    return next(catalog for pattern, catalog in CATALOGS if fnmatchcase(file, pattern))


def marked(root: Path) -> list[Text]:
    """All texts, those of a catalog together and in the order in which they are found there."""
    files: dict[tuple[str, ...], dict[str, None]] = {}
    for file, forms in _found(root):
        files.setdefault(forms, {})[file] = None
    return sorted((Text(forms, tuple(used)) for forms, used in files.items()), key=lambda text: text.catalog)


def _found(root: Path) -> Iterable[tuple[str, tuple[str, ...]]]:
    for files, method in SOURCES:
        for path in sorted(root.glob(files)):
            for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS, options=BLOCKS):  # type: ignore[arg-type]
                forms = (message,) if isinstance(message, str) else tuple(message)
                yield path.relative_to(root).as_posix(), forms
