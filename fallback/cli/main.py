"""The `fallback` command, for the on-call engineer and for a shop's developer. It starts the processes, too."""

from __future__ import annotations

from importlib import import_module

import click

from fallback import __version__
from fallback.runtime import logs

# Each command by the module that has it. Only the one that is asked for is loaded: a process starts at once.
MODULES = dict.fromkeys(("web", "worker", "clock"), "processes") | {
    name: name
    for name in (
        *("settings", "doctor", "mode", "alerts", "status", "drain", "incident", "drill", "orders", "inbox", "journal"),
        *("bounces", "customers", "users", "report", "ledger", "secrets", "completion", "cart", "primary"),
    )
}


class _NotDone(click.ClickException):
    """As in command.py, which takes time to load."""

    exit_code = 2


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in MODULES:
            return None
        module = import_module(f"fallback.cli.{MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.Abort:  # at a question; click's exit code is 1
            click.echo(err=True)
            raise _NotDone("Not done.") from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fallback")
def main() -> None:
    """The checkout that stays open when the shop's own checkout fails.

    In an outage: 'alerts' says what is wrong, 'mode' who serves the checkout, 'drain' how the hand-over goes, 'doctor'
    what to mend. ops/runbooks has a page for each problem.
    """
    # A command says in words what went wrong; the log lines of a server would stand between them.
    logs.configure("CRITICAL")
