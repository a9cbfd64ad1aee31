"""`fallback users`: who may sign in to the console."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click
from msgspec.structs import replace

from fallback.cli.command import as_json, container, plain_errors
from fallback.cli.terminal import Table, say_table
from fallback.domain.support import passwords
from fallback.domain.support.accounts import Account, Role
from fallback.domain.support.second_step import turned_off

password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")


@click.group()
def users() -> None:
    """Manage the accounts of the console and their roles."""


@users.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--email", help="Receives mail about their orders; also identifies them at sign-in by OpenID Connect.")
@click.option("--no-password", is_flag=True, help="Sign-in by OpenID Connect only.")
@password_stdin
def add(name: str, role: str, email: str | None, no_password: bool, password_stdin: bool) -> None:
    """Open an account. Prompts for the password."""
    if no_password and not email:
        raise click.UsageError("Without a password the account needs an --email to identify it.")
    people = container().people
    with plain_errors():
        kept = None if no_password else passwords.hashed(_password(password_stdin))
        account = people.add(Account(name, Role(role), kept, email))
    click.echo(_line(account))


@users.command()
@click.argument("name")
@password_stdin
def password(name: str, password_stdin: bool) -> None:
    """Set a new password; open sessions end."""
    people = container().people
    with plain_errors():
        kept = passwords.hashed(_password(password_stdin))
        account = people.change(name, lambda account: replace(account, password=kept))
    click.echo(_line(account))


@users.command()
@click.argument("name")
@click.argument("address")
def email(name: str, address: str) -> None:
    """Set the e-mail address; open sessions end.

    OpenID Connect identifies people by it.
    """
    people = container().people
    with plain_errors():
        account = people.give_email(name, address)
    click.echo(_line(account))


@users.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable an account; open sessions end at the next click."""
    _change(name, lambda account: replace(account, disabled=True))


@users.command()
@click.argument("name")
def enable(name: str) -> None:
    """Enable an account again."""
    _change(name, lambda account: replace(account, disabled=False))


@users.command()
@click.argument("name")
def reset(name: str) -> None:
    """Reset the second step of a person who lost it.

    For lost phones and recovery codes: the password alone signs in until the second step is set up again.
    """
    _change(name, turned_off)


@users.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List all accounts."""
    with plain_errors():
        accounts = container().people.all()
    rows = [(account.name, account.role, account.email or "-", _ways(account)) for account in accounts]
    summaries = [_summary(account) for account in accounts]
    table = Table(("Name", "Role", "E-mail", "Signs in"), rows)
    say_table(summaries, as_json, table, map(_line, accounts), "No accounts yet.")


def _change(name: str, change: Callable[[Account], Account]) -> None:
    with plain_errors():
        account = container().people.change(name, change)
    click.echo(_line(account))


def _password(from_stdin: bool) -> str:
    """Never an argument: arguments are visible in the shell's history and in the process list."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def _summary(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role,
        "email": account.email,
        "password": account.password is not None,
        "second_step": account.totp is not None,
        "disabled": account.disabled,
    }


def _ways(account: Account) -> str:
    if account.disabled:
        return "disabled"
    if not account.password:
        return "by OpenID Connect"
    return "password and second step" if account.totp else "password"


def _line(account: Account) -> str:
    ways = "  disabled" if account.disabled else "" if account.password else "  by OpenID Connect"
    second = "  with second step" if account.totp else ""
    return f"{account.name:20} {account.role:7} {account.email or '-'}{second}{ways}"
