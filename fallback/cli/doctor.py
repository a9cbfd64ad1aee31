"""`fallback doctor`: check the whole installation, one line per part, with advice."""

from __future__ import annotations

import sys

import click

from fallback.bootstrap.container import Container
from fallback.cli.command import as_json, say
from fallback.config import BadConfig, Config
from fallback.doctor import Finding, examine

FAILED, COULD_NOT_RUN = 1, 2
SET_IT_RIGHT = "Correct it in the environment; ops/docs/reference/settings.md lists all settings."
MARKS = {True: "ok", False: "FAILED", None: "unknown"}


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check the installation: what fails, and what to do.

    The settings, Redis, Stripe, the shop, the proxy, mail and our own processes are checked.

    Exit code 0: no check failed, 1: a check failed, 2: the settings are invalid, so nothing was checked. A warning
    does not fail.
    """
    try:
        built = Container(Config.from_env())
    except BadConfig as error:
        for problem in str(error).splitlines():
            _show(Finding("settings", False, problem, SET_IT_RIGHT), as_json)
        sys.exit(COULD_NOT_RUN)
    failed = False
    for finding in examine(built):
        _show(finding, as_json)
        failed = failed or finding.ok is False
    sys.exit(FAILED if failed else 0)


def _show(finding: Finding, as_json: bool) -> None:
    mark = "warning" if finding.ok and finding.advice else MARKS[finding.ok]
    say(finding, as_json, f"{mark:10} {finding.name}: {finding.seen}")
    if finding.advice and not as_json:
        click.echo(f"{'':10} {finding.advice}")
