"""The form in which a customer asks for help: its errors, and the times to call."""

from __future__ import annotations

from fallback.domain.support.questions import TimeOfDay
from fallback.web.http.voice import N_
from fallback.web.purchase.checkout_fields import CARD_NUMBER

NOT_A_PHONE = N_("Enter a phone number, like +44 20 7946 0958, or leave it empty")
ERRORS = {
    "empty": N_("Enter your question"),
    "too_long": N_("Enter at most 2,000 characters"),
    "card_number": CARD_NUMBER,
    "invalid": NOT_A_PHONE,
}
TIMES = {
    TimeOfDay.ANY: N_("At any time"),
    TimeOfDay.MORNING: N_("In the morning"),
    TimeOfDay.AFTERNOON: N_("In the afternoon"),
    TimeOfDay.EVENING: N_("In the evening"),
}
