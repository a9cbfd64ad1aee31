"""How customers are reached, besides the mail server: settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from fallback.domain import phones
from fallback.domain.order.mail_ids import may_take_bounces
from fallback.domain.order.text_messages import QuietHours, quiet_hours
from fallback.domain.urls import fault_of


def _setting(name: str) -> str:
    return f"fallback_{name}"


class ContactWays(Struct, frozen=True, kw_only=True, rename=_setting):
    """Every field is a setting, by its name in the environment after `FALLBACK_`.

    `bounce_address`: the envelope's sender; empty: the sender of mails is that, too. `sms_url`: the gateway for text
    messages; empty: none are offered or sent. `sms_per_number`, `sms_per_day`: at most so many leave in a day, to one
    number and in all. `sms_countries`: only to numbers of these countries (ISO 3166-1 alpha-2); empty: to all.
    """

    bounce_address: str = ""
    sms_url: str = ""
    sms_token: str = ""
    sms_quiet_hours: str = "21:00-08:00"
    sms_per_number: Annotated[int, Meta(ge=1)] = 10
    sms_per_day: Annotated[int, Meta(ge=1)] = 1_000
    sms_countries: tuple[str, ...] = ()

    @property
    def quiet_hours(self) -> QuietHours:
        return quiet_hours(self.sms_quiet_hours)

    def problems(self) -> Iterator[str]:
        """What is wrong with the settings, one sentence for each."""
        if self.bounce_address and not may_take_bounces(self.bounce_address):
            yield "FALLBACK_BOUNCE_ADDRESS is not an e-mail address with at most 17 characters before the @."
        if self.sms_url and (fault := fault_of(self.sms_url)):
            yield f"FALLBACK_SMS_URL {fault}."
        yield from (
            f"FALLBACK_SMS_COUNTRIES: there is no country {each!r} with phone numbers; 'DE,AT' are."
            for each in self.sms_countries
            if not phones.is_country(each)
        )
        try:
            quiet_hours(self.sms_quiet_hours)
        except ValueError:
            yield f"FALLBACK_SMS_QUIET_HOURS: {self.sms_quiet_hours!r} are no hours; '21:00-08:00' are."
