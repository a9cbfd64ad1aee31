"""Fields for the quantities of lines, named by the place of the line: they mean the lines that the page showed."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fallback.web.http.form_values import Typed
from fallback.web.http.voice import N_

OTHER_LINES = N_("The items of this order have changed. Please check them again")


def name_of(place: int) -> str:
    return f"quantities.{place}"


def are_of_other_lines(sent: Mapping[str, str], names: Collection[str]) -> bool:
    """Whether the page was opened before lines were taken out. `names`: the fields as they are now."""
    return not {name for name in sent if name.startswith("quantities.")} <= set(names)


def to_check_again(now: Typed) -> Typed:
    """The form as it is `now`: the places that were sent mean other lines."""
    return Typed(now.values, {"quantities": OTHER_LINES})
