"""The last known mode on a real disk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from fallback.domain.outage.last_mode import KnownMode
from fallback.domain.outage.mode import AT_FIRST, Mode, ModeState
from fallback.ledger.journal.last_mode import WRITTEN_EVERY, DiskLastMode
from tests.builders import NOW

ACTIVE = ModeState(Mode.ACTIVE, NOW, "Omar", "a cable")
NAMELESS = ModeState(Mode.ACTIVE, NOW, "", "")
SOON, LATER = NOW + WRITTEN_EVERY - timedelta(seconds=1), NOW + WRITTEN_EVERY


def test_the_mode_is_kept_without_names_for_every_process_of_the_machine(tmp_path: Path) -> None:
    assert DiskLastMode(tmp_path).read() is None
    DiskLastMode(tmp_path).note(ACTIVE, NOW)
    assert DiskLastMode(tmp_path).read() == KnownMode(NAMELESS, NOW)


def test_a_shop_that_never_switched_is_known_as_such(tmp_path: Path) -> None:
    DiskLastMode(tmp_path).note(AT_FIRST, NOW)
    assert DiskLastMode(tmp_path).read() == KnownMode(AT_FIRST, NOW)


def test_a_newer_time_alone_is_written_every_ten_seconds_and_another_mode_at_once(tmp_path: Path) -> None:
    kept = DiskLastMode(tmp_path)
    kept.note(ACTIVE, NOW)
    kept.note(ACTIVE, SOON)
    assert kept.read() == KnownMode(NAMELESS, NOW)
    kept.note(ACTIVE, LATER)
    assert kept.read() == KnownMode(NAMELESS, LATER)
    kept.note(ModeState(Mode.STANDBY, LATER, "Omar", "it is back"), LATER)
    assert kept.read() == KnownMode(ModeState(Mode.STANDBY, LATER, "", ""), LATER)


def test_a_disk_that_does_not_keep_it_is_logged_once_in_ten_seconds(tmp_path: Path) -> None:
    kept = DiskLastMode(tmp_path / "gone")
    with capture_logs() as logs:
        for now in (NOW, SOON, LATER):
            kept.note(ACTIVE, now)
    assert [(line["event"], line["reason"]) for line in logs] == [("mode_not_kept", "No such file or directory")] * 2
    assert kept.read() is None


def test_a_file_that_is_not_whole_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "mode.json").write_bytes(b'{"state"')
    assert DiskLastMode(tmp_path).read() is None
