"""The input of the small forms on a page: a refused form is shown again with its input and the error at the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import request

from fallback.domain.card_numbers import looks_like_card_number
from fallback.domain.errors import Invalid

# The names of fields with free text.
PROSE = ("question", "note", "sentence", "answer", "reason", "word", "asked", "tried", "promised", "remark")


@dataclass(frozen=True)
class Typed:
    """`values` and `errors` by field name, as templates/http/fields.html takes them; errors are texts to be translated.

    Names are unique on a page, even if it has several forms.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def refused(self, error: Invalid, words: Mapping[str, str]) -> Typed:
        """`words`: the text of each code. Raises the error for any other code, which no browser causes."""
        if error.code not in words:
            raise error
        return replace(self, errors={error.field: words[error.code]})

    @property
    def prose(self) -> list[str]:
        """The long texts of the form, which the person would otherwise have to type again."""
        return [text for name in PROSE if (text := self.values.get(name, "").strip())]


NOTHING = Typed()


def typed() -> Typed:
    """The form that was sent, if any. What looks like a card number is not kept."""
    sent = request.form.to_dict()
    return Typed({name: "" if looks_like_card_number(text) else text for name, text in sent.items()})
