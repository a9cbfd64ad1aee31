"""`fallback status`: on call writes to customers from a terminal or a script."""

from __future__ import annotations

import json

from tests.cli.test_commands import Fallback, fallback

__all__ = ["fallback"]


def test_an_update_and_a_maintenance_are_written_listed_and_ended(fallback: Fallback) -> None:
    assert fallback("status").output == "Nothing was written yet.\n"
    note = json.loads(fallback("status", "note", "We are on it.", "--next", "30m", "--who", "Ida", "--json").output)
    assert (note["who"], note["text"]) == ("Ida", "We are on it.")
    assert note["next_by"] > note["at"]
    said = fallback("status", "maintenance", "A new till.", "--from", "2h", "--to", "3h", "--who", "Ida", "--json")
    planned = json.loads(said.output)
    assert fallback("status", "end", planned["id"], "--who", "Bo").exit_code == 0
    assert fallback("status", "end", planned["id"]).exit_code == 2
    written = json.loads(fallback("status", "--json").output)
    assert [each["text"] for each in written["notes"]] == ["We are on it."]
    assert written["maintenance"][0]["ended_by"] == "Bo"
    lines = fallback("status").output.splitlines()
    assert "Ida: We are on it. Next update by " in lines[0]
    assert "ended by Bo" in lines[1]


def test_what_cannot_be_is_refused_in_words(fallback: Fallback) -> None:
    assert "after the begin" in fallback("status", "maintenance", "x", "--from", "3h", "--to", "2h").output
    for span in ("soon", "", "0m", "-5m", "1441m", "25h", "9999d", "99999999h"):
        refused = fallback("status", "note", "x", f"--next={span}")
        assert (refused.exit_code, "--next: Use 30m or 2h: from 1m to 24h." in refused.output) == (2, True), span
    assert fallback("status").output == "Nothing was written yet.\n"
    assert "Give a time" in fallback("status", "maintenance", "x", "--from", "open", "--to", "2h").output
