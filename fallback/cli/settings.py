"""`fallback settings`: checked before a release, so that a typo stops the rollout and not the service."""

from __future__ import annotations

import click

from fallback.cli.command import NotDone
from fallback.config import BadConfig, Config


@click.command()
def settings() -> None:
    """Check the settings, before a release."""
    try:
        Config.from_env()
    except BadConfig as error:
        raise NotDone(str(error)) from None
    click.echo("The settings can be used.")
