"""The form in which a customer asks for a person: what she typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fallback.domain.errors import Invalid
from fallback.domain.questions import TimeOfDay
from fallback.web.checkout_form import CARD_NUMBER
from fallback.web.voice import N_

NOT_A_PHONE = N_("Enter a phone number, like +44 20 7946 0958, or leave it empty")
ERRORS = {
    "empty": N_("Write what you would like to know"),
    "too_long": N_("Write at most 2,000 characters"),
    "card_number": CARD_NUMBER,
    "invalid": NOT_A_PHONE,
}
TIMES = {
    TimeOfDay.ANY: N_("At any time"),
    TimeOfDay.MORNING: N_("In the morning"),
    TimeOfDay.AFTERNOON: N_("In the afternoon"),
    TimeOfDay.EVENING: N_("In the evening"),
}


@dataclass(frozen=True)
class QuestionForm:
    """`values` and `errors` by field name: question, phone, when."""

    values: dict[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    def refused(self, error: Invalid) -> QuestionForm:
        """What looks like a card number is not kept."""
        kept = {error.field: ""} if error.code == "card_number" else {}
        return replace(self, values=self.values | kept, errors={error.field: ERRORS[error.code]})


NOTHING_ASKED = QuestionForm({"question": "", "phone": "", "when": TimeOfDay.ANY})


def read_question(sent: Mapping[str, str]) -> QuestionForm:
    when = sent.get("when", "")
    return QuestionForm(
        {
            "question": sent.get("question", "").strip(),
            "phone": " ".join(sent.get("phone", "").split()),
            "when": when if when in list(TimeOfDay) else TimeOfDay.ANY,
        }
    )
