"""`fallback journal`: orders that this machine took while Redis was away."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from fallback.bootstrap.container import Container
from fallback.cli.command import NotDone, as_json, container, plain_errors, say, utc
from fallback.domain.checkout.journal import Journal, JournalState
from fallback.ledger.journal.directory import Directory
from fallback.usecases.checkout.replay_journal import replay_journal

MB = 2**20
OFF = "This machine keeps no journal: FALLBACK_JOURNAL is not set."


class Replayed(Struct, frozen=True):
    replayed: int
    left: int


@click.group()
def journal() -> None:
    """Orders that this machine took while Redis was away.

    The web processes replay them by themselves: 'replay' is for a machine on which none runs any more.
    """


@journal.command()
@as_json
def show(as_json: bool) -> None:
    """Show what the journal of this machine holds."""
    state = _kept(container()).state()
    say(state, as_json, "\n".join(_lines(state)))


@journal.command()
@as_json
def replay(as_json: bool) -> None:
    """Give Redis the orders of the journal. Repeating it changes nothing.

    What a running web process still writes to, that process replays.
    """
    built = container()
    kept = _kept(built)
    problems = built.readiness.problems()
    if problems:
        raise NotDone(" ".join(problems))
    with plain_errors():
        done = Replayed(replay_journal(built), kept.state().entries)
    say(done, as_json, f"{done.replayed} replayed, {done.left} left.")


@journal.command()
@click.argument("old_name")
def rename(old_name: str) -> None:
    """Rename the journal of OLD_NAME on this machine to FALLBACK_SHOP.

    For a shop that has a new name: fallback ledger rename
    """
    config = container().config
    if not config.journal.directory:
        raise NotDone(OFF)
    with plain_errors():
        try:
            Directory(Path(config.journal.directory), config.fallback_shop).rename(old_name)
        except OSError as error:
            raise NotDone(f"The journal cannot be used: {error.strerror}.") from None
    click.echo(f"The journal is that of shop {config.fallback_shop!r} now.")


def _kept(built: Container) -> Journal:
    if built.journal is None:
        refused = built.journal_refused
        raise NotDone(f"The journal cannot be used: {refused.strerror}." if refused else OFF)
    return built.journal


def _lines(state: JournalState) -> list[str]:
    oldest = f", the oldest of {utc(state.oldest)}" if state.oldest else ""
    lines = [
        f"{state.directory}: {state.entries} {'entry' if state.entries == 1 else 'entries'}{oldest}.",
        f"{state.size / MB:.1f} of {state.limit / MB:.0f} MB; the disk has {state.disk_free / MB:.0f} MB free.",
    ]
    if state.set_aside:
        lines.append(f"{state.set_aside} parts could not be read and were set aside (*.damaged).")
    if state.unreadable:
        lines.append(f"{state.unreadable} segments need a key that is no longer in SECRET_KEY.")
    return lines
