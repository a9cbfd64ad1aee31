"""All commands of `fallback`, by name. The program itself loads only the one that is asked for."""

from __future__ import annotations

import click

from fallback.cli.main import MODULES, main

COMMANDS = {name: command for name in MODULES if (command := main.get_command(click.Context(main), name))}
GROUPS = {name: command for name, command in COMMANDS.items() if isinstance(command, click.Group)}
