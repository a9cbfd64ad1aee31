"""The demo: Fallback Checkout, a shop to break, a Stripe to break, and a sink for the mails."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import click

from fallback.config import BadConfig, Config
from ops.demo import breaking, lock, running
from ops.demo.breaking import WAYS
from ops.demo.colleagues import open_accounts
from ops.demo.mail_sink import mails
from ops.demo.places import USUAL_STATE, Place
from ops.demo.processes import processes
from ops.demo.settings import Env, read_env, settle
from ops.demo.supervisor import supervise as run_supervisor
from ops.demo.supervisor import write_aside
from ops.demo.welcome import welcome

READY_WITHIN = 120.0  # seconds
LINK = re.compile(r"https?://[^\s\"'<>]+")


def in_place(command: Callable[..., None]) -> Callable[..., None]:
    """`--state` and `--port-base`, before or after the subcommand. Without a base, the previous one is used."""

    @click.option("--state", type=click.Path(path_type=Path), help="Directory of this demo. [default: var/demo]")
    @click.option("--port-base", type=click.IntRange(1024, 65000), help="First port of the demo. [default: 8000]")
    @wraps(command)
    def found(state: Path | None, port_base: int | None, **options: Any) -> None:
        given = click.get_current_context().ensure_object(dict)
        given |= {name: value for name, value in (("state", state), ("base", port_base)) if value is not None}
        state = given.get("state", USUAL_STATE).resolve()
        known = read_env(Place(state)).get("DEMO_PORT_BASE", Place.port_base)
        command(Place(state, given.get("base", int(known))), **options)

    return found


def settings_given(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Env:
    if wrong := [each for each in given if "=" not in each or "\n" in each]:
        raise click.BadParameter(f"NAME=VALUE, in one line: {wrong[0]!r} is not.")
    return dict(each.split("=", 1) for each in given)


def in_its_way(command: Callable[..., None]) -> Callable[..., None]:
    """Options of the start, before or after `up`."""
    detach = click.option("-d", "--detach", is_flag=True, help="Run in the background; `demo down` stops it.")
    given = click.option(
        "--set", "given", multiple=True, metavar="NAME=VALUE", callback=settings_given, help="Setting for this start."
    )
    return detach(given(command))


@click.group(invoke_without_command=True, help=f"{__doc__} Without a command: up.")
@in_its_way
@in_place
def main(place: Place, detach: bool, given: Env) -> None:
    if click.get_current_context().invoked_subcommand is None:
        bring_up(place, detach, given)


@main.command()
@in_its_way
@in_place
def up(place: Place, detach: bool, given: Env) -> None:
    """Start everything and print the addresses."""
    bring_up(place, detach, given)


def bring_up(place: Place, detach: bool, given: Env) -> None:
    began = time.monotonic()
    held_lock = lock.take(place)
    if held_lock is None:
        raise click.ClickException(f"A demo is running in {place.state}. {place.command('down')} stops it.")
    if busy := running.busy_ports(place):
        raise click.ClickException(
            f"In use by something else: port {', '.join(map(str, busy))}. "
            f"Stop that, or move the whole demo: {place.command(f'--port-base {place.port_base + 1000}')}"
        )
    place.make_directories()
    env = settle(place, given)
    check_settings(env)
    on_ctrl_c(signal.default_int_handler)
    click.echo("Preparing the shop")
    running.prepare(place, env)
    stays = False
    supervisor = running.start_supervisor(place, held_lock, stays=detach)
    try:
        expected = [process for process in processes(place, env) if place.broken(process.name) is None]
        for process in running.wait_until_ready(place, expected, supervisor, READY_WITHIN):
            click.echo(f"  {process.name} is ready")
        if place.broken("redis") is None:
            open_accounts(env)
        click.echo(welcome(place, env, seconds=time.monotonic() - began))
        stays = detach
        if not detach:
            supervisor.wait()
    except KeyboardInterrupt:
        click.echo("\nStopping")
    finally:
        if not stays:
            # A second Ctrl-C would leave half a demo running.
            on_ctrl_c(signal.SIG_IGN)
            running.take_down(place)


def check_settings(env: Env) -> None:
    """Check before anything starts: processes cannot start with invalid settings."""
    try:
        Config.from_env(commands_env(env))
    except BadConfig as error:
        raise click.ClickException(f"These settings cannot be used:\n{error}") from None


def on_ctrl_c(do: Callable[..., object] | signal.Handlers) -> None:
    """Handle Ctrl-C, a closed terminal and a plain `kill`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, do)


@main.command(hidden=True)
@click.option("--lock", "held_lock", type=int, required=True)
@in_place
def supervise(place: Place, held_lock: int) -> None:
    """Started by `up`, which passes its lock on."""
    write_aside(place.pid_file(running.SUPERVISOR), f"{os.getpid()}\n")
    env = read_env(place)
    run_supervisor(place, processes(place, env), commands_env(env), keep_open=(held_lock,))
    place.pid_file(running.SUPERVISOR).unlink()


@main.command()
@in_place
def down(place: Place) -> None:
    """Stop everything."""
    click.echo("Stopped." if running.take_down(place) else f"No demo is running in {place.state}.")


@main.command()
@click.option("--json", "as_json", is_flag=True)
@in_place
def status(place: Place, as_json: bool) -> None:
    """Show what is running, and what is broken on purpose."""
    found = running.status(place)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    elif not found.running:
        click.echo(f"No demo is running in {place.state}.")
    else:
        for process in found.processes:
            pid, port = process.pid or "", process.port or ""
            click.echo(f"{process.name:8} {process.state:9} {process.broken or '':13} pid {pid:<8} port {port}")


@main.command(name="break")
@click.argument("name", type=click.Choice(list(WAYS)))
@click.option("--how", default="down", show_default=True, help="For shop and stripe also one of their faults.")
@in_place
def break_command(place: Place, name: str, how: str) -> None:
    """Break one thing. It stays broken until it is healed."""
    must_run(place)
    if how not in WAYS[name]:
        raise click.BadParameter(f"{name} breaks in these ways: {', '.join(WAYS[name])}", param_hint="--how")
    breaking.break_it(place, name, how)
    click.echo(f"{name} is broken ({how}).")


@main.command()
@click.argument("name", type=click.Choice(list(WAYS)), required=False)
@in_place
def heal(place: Place, name: str | None) -> None:
    """Heal one thing, or everything."""
    must_run(place)
    for broken in [name] if name else filter(place.broken, WAYS):
        breaking.heal(place, broken)
        click.echo(f"{broken} is well.")


@main.command()
@click.argument("name")
@click.option("-f", "--follow", is_flag=True)
@in_place
def logs(place: Place, name: str, follow: bool) -> None:
    """Show the end of a process's log."""
    log = place.log_file(name)
    if not log.exists():
        known = ", ".join(sorted(file.stem for file in log.parent.glob("*.log")))
        raise click.BadParameter(f"there are: {known or 'none yet'}", param_hint="NAME")
    os.execvp("tail", ["tail", "-n", "50", *(["-f"] if follow else []), str(log)])


@main.command()
@in_place
def mail(place: Place) -> None:
    """List the sent mails with recipient, subject and links."""
    for message in mails(place.mail):
        click.echo(f"{message['Date'] or '':32} {message['To']}  {message['Subject']}")
        text = message.get_body(("plain", "html"))
        for link in LINK.findall(text.get_content()) if text else []:
            click.echo(f"    {link}")


@main.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@in_place
def run(place: Place, command: tuple[str, ...]) -> None:
    """Run a command with the demo's settings, such as: demo run fallback mode"""
    try:
        os.execvpe(command[0], command, commands_env(read_env(place)))
    except FileNotFoundError:
        raise click.ClickException(f"There is no command {command[0]}.") from None


def must_run(place: Place) -> None:
    if lock.is_free(place):
        raise click.ClickException(f"No demo is running in {place.state}. {place.command()} starts one.")


def commands_env(env: Env) -> Env:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1"} | env


if __name__ == "__main__":
    main(prog_name="demo")
