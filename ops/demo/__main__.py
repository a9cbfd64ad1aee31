"""The demo: Fallback Checkout, a shop to break, a Stripe to break, and a sink for the mails."""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from fallback.config import BadConfig, Config, check_names
from ops.demo import breaking, lock, running
from ops.demo.colleagues import open_accounts
from ops.demo.env import Env, place_in, read_env
from ops.demo.mail_sink import mails
from ops.demo.places import EXAMPLE, Place, usual_state
from ops.demo.processes import processes
from ops.demo.settings import settle
from ops.demo.shops import SHOPS, shop_of
from ops.demo.supervisor import supervise as run_supervisor
from ops.demo.supervisor import write_aside
from ops.demo.welcome import welcome

LINK = re.compile(r"https?://[^\s\"'<>]+")


def in_place(command: Callable[..., None]) -> Callable[..., None]:
    """`--shop`, `--state` and `--port-base`, before or after the subcommand. Without: as at the last start."""

    @click.option("--shop", type=click.Choice(list(SHOPS)), help=f"The shop of this demo. [default: {EXAMPLE}]")
    @click.option("--state", type=click.Path(path_type=Path), help="Directory of this demo. [default: in var/]")
    @click.option("--port-base", type=click.IntRange(1024, 65000), help="First port of the demo. [default: 8000]")
    @wraps(command)
    def found(shop: str | None, state: Path | None, port_base: int | None, **options: Any) -> None:
        given = click.get_current_context().ensure_object(dict)
        new = {"shop": shop, "state": state, "port_base": port_base}
        given |= {name: value for name, value in new.items() if value is not None}
        command(located(**given), **options)

    return found


def located(shop: str | None = None, state: Path | None = None, port_base: int | None = None) -> Place:
    state = (state or usual_state(shop or EXAMPLE)).resolve()
    there = place_in(state)
    if shop and shop != there.shop:
        if there.env_file.exists():
            raise click.ClickException(
                f"{state} is the folder of a demo with the shop {there.shop!r}, for which orders may wait there. "
                f"{Place(usual_state(shop), shop=shop).command()} uses another folder."
            )
        there = replace(there, shop=shop)
    return replace(there, port_base=port_base or there.port_base)


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
    began, shop = time.monotonic(), shop_of(place)
    shop.check_machine()
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
    running.prepare(place, env, click.echo)
    stays = False
    supervisor = running.start_supervisor(place, held_lock, stays=detach)
    try:
        expected = [process for process in processes(place, env) if place.broken(process.name) is None]
        for process in running.wait_until_ready(place, expected, supervisor, shop.ready_within):
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
    given = commands_env(env)
    try:
        Config.from_env(given)
        check_names(given)
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
    click.echo("Stopped." if running.take_down(place) else none_runs(place))


@main.command()
@click.option("--json", "as_json", is_flag=True)
@in_place
def status(place: Place, as_json: bool) -> None:
    """Show what is running, and what is broken on purpose."""
    found = running.status(place)
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    elif not found.running:
        click.echo(none_runs(place))
    else:
        for process in found.processes:
            pid, port = process.pid or "", process.port or ""
            click.echo(f"{process.name:10} {process.state:9} {process.broken or '':13} pid {pid:<8} port {port}")


@main.command(name="break")
@click.argument("name")
@click.option("--how", default="down", show_default=True, help="Another way; a wrong one lists all.")
@in_place
def break_command(place: Place, name: str, how: str) -> None:
    """Break one thing. It stays broken until it is healed."""
    must_run(place)
    there = breaking.ways(place)
    if name not in there:
        raise click.BadParameter(f"{name!r} is none of: {', '.join(there)}", param_hint="NAME")
    if how not in there[name]:
        known = f"{name} breaks in these ways: {', '.join(there[name])}."
        raise click.BadParameter(known + only_elsewhere(place, name, how), param_hint="--how")
    breaking.break_it(place, name, how)
    click.echo(f"{name} is broken ({how}).")


def only_elsewhere(place: Place, name: str, how: str) -> str:
    """A fault of another shop is explained: a real one has no such switches."""
    others = [shop.name for shop in SHOPS.values() if how in shop.ways.get(name, ())]
    if not others:
        return ""
    here = breaking.in_words(breaking.ways(place))
    return f" Only the {others[0]} shop can be told to do {how!r}. What can be broken here, and how: {here}."


@main.command()
@click.argument("name", required=False)
@in_place
def heal(place: Place, name: str | None) -> None:
    """Heal one thing, or everything."""
    must_run(place)
    if name and name not in breaking.ways(place):
        raise click.BadParameter(f"{name!r} is none of: {', '.join(breaking.ways(place))}", param_hint="NAME")
    for broken in [name] if name else filter(place.broken, breaking.ways(place)):
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
        raise click.ClickException(f"{none_runs(place)} {place.command()} starts one.")


def none_runs(place: Place) -> str:
    """Also tells somebody who forgot to name the shop which demo does run."""
    usual = (place_in(usual_state(name)) for name in SHOPS)
    others = [other.command() for other in usual if other.run.exists() and not lock.is_free(other)]
    return " ".join([f"No demo is running in {place.state}.", *(f"One runs as: {other}" for other in others)])


def commands_env(env: Env) -> Env:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ | {"PATH": path, "PYTHONUNBUFFERED": "1"} | env


if __name__ == "__main__":
    main(prog_name="demo")
