"""How customers are reached, besides the mail server: settings."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from fallback.domain.order.mail_ids import may_take_bounces


def _setting(name: str) -> str:
    return f"fallback_{name}"


class ContactWays(Struct, frozen=True, kw_only=True, rename=_setting):
    """Every field is a setting, by its name in the environment after `FALLBACK_`.

    `bounce_address`: the envelope's sender; empty: the sender of mails is that, too.
    """

    bounce_address: str = ""

    def problems(self) -> Iterator[str]:
        """What is wrong with the settings, one sentence for each."""
        if self.bounce_address and not may_take_bounces(self.bounce_address):
            yield "FALLBACK_BOUNCE_ADDRESS is not an e-mail address with at most 17 characters before the @."
