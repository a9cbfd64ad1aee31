"""`fallback completion`: commands that are completed in the shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands in your shell.

    In its start-up file: eval "$(fallback completion bash)"
    """
    completed = get_completion_class(shell)
    if completed:
        click.echo(completed(ctx.find_root().command, {}, "fallback", "_FALLBACK_COMPLETE").source())
