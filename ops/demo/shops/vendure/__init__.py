"""A real Vendure with its database, our plugin, and a small storefront before it."""

import json
import subprocess
import sys
from pathlib import Path

from ops.demo.env import SHOP_NAME, Env, compact, password, secret
from ops.demo.front import public_door
from ops.demo.places import LOOPBACK, Place
from ops.demo.programs import Failed, Missing, program
from ops.demo.shops.node import Progress, environment_of, home_of, installed, run_once
from ops.demo.shops.postgres import Postgres, tool, who_runs_it
from ops.demo.shops.shop import Shop, Tell
from ops.demo.supervisor import Process

FOLDER = Path(__file__).parent
DATABASE = "shop"
ADMINISTRATOR = "superadmin"
USER = "fallback@shop.example"
NODE_AT_LEAST = 20


def check_machine() -> None:
    """All that is missing in one message, so that one command installs it."""
    missing: dict[str, str] = {}
    for find, name in ((tool, "postgres"), (program, "node"), (program, "npm")):
        try:
            find(name)
        except Missing as error:
            missing |= error.packages
    if missing:
        raise Missing(missing)
    found = subprocess.run([program("node"), "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if int(found.removeprefix("v").partition(".")[0]) < NODE_AT_LEAST:
        raise Failed(
            f"Vendure needs Node.js {NODE_AT_LEAST} or newer; here is {found}. See https://nodejs.org/en/download"
        )


def settings(place: Place, made: Env) -> Env:
    return {
        "PRIMARY_KIND": "vendure",
        "PRIMARY_URL": f"http://{LOOPBACK}:{place.port('shop')}",
        "PRIMARY_USER": USER,
        "SHOP_PORT": str(place.port("shop")),
        "SHOP_DATABASE": database(place, made).url(DATABASE),
        "SHOP_SYNCHRONIZE": "yes",  # another version of the plugin may have other tables
        "SHOP_NAME": SHOP_NAME,
        "SHOP_CART_KEY": compact(json.loads(made["CART_KEYS"])["keys"][0]),
        "SHOP_FALLBACK_TOKEN": made["FALLBACK_SHOP_TOKEN"],
        "SHOP_FALLBACK_URL": f"http://{LOOPBACK}:{place.port('fallback')}",
        "SHOP_FALLBACK_PUBLIC_URL": place.url(public_door()),
        **environment_of(home_of(FOLDER) / "node_modules"),
    }


def database(place: Place, env: Env) -> Postgres:
    return Postgres(place.data("postgres"), place.port("postgres"), env["SHOP_DATABASE_PASSWORD"])


def prepare(place: Place, env: Env, tell: Tell) -> None:
    modules = installed(FOLDER, told_in_tenths(tell))
    tell("Preparing the shop")
    server = database(place, env)
    server.prepare()
    filled = server.directory / "filled"
    if not filled.exists():
        tell("  filling it with books (once; half a minute)")
        with server.running():
            server.drop(DATABASE)
            server.create(DATABASE)
            run_once(FOLDER / "seed.js", modules, env | {"SHOP_SEED": str(place.data("shop") / "products.csv")})
        filled.touch()


def told_in_tenths(tell: Tell) -> Progress:
    told = -1

    def progress(done: int, expected: int) -> None:
        nonlocal told
        if told < 0:
            tell(f"Installing Vendure (once; {expected} packages, 200 MB: a minute or two)")
        if (tenth := 10 * done // expected) > told:
            told = tenth
            tell(f"  {done} of {expected} packages")

    return progress


def processes(place: Place, env: Env) -> list[Process]:
    server, port = database(place, env), str(place.port("storefront"))
    storefront = [sys.executable, "-m", "ops.demo.shops.vendure.storefront", "--port", port]
    return [
        Process("postgres", server.command(), f"tcp://{LOOPBACK}:{server.port}", who_runs_it()),
        Process("shop", [program("node"), str(FOLDER / "index.js")], f"{env['PRIMARY_URL']}/health"),
        Process("storefront", storefront, f"http://{LOOPBACK}:{port}/imprint/"),
    ]


def back_office(place: Place, env: Env) -> tuple[str, str]:
    address = f"{place.url('front')}/office/"
    return "The orders in Vendure", f"{address}   {ADMINISTRATOR}   {env['SHOP_ADMIN_PASSWORD']}"


SHOP = Shop(
    "vendure",
    "a real Vendure",
    settings,
    prepare,
    processes,
    back_office,
    ways={"postgres": ("down",), "shop": ("down", "hung"), "storefront": ("down", "hung")},
    secrets={
        "PRIMARY_PASSWORD": password,
        "FALLBACK_SHOP_TOKEN": secret,
        "SHOP_DATABASE_PASSWORD": secret,
        "SHOP_COOKIE_SECRET": secret,
    },
    door="storefront",
    more_ports=("storefront", "postgres"),
    ready_within=300.0,
    check_machine=check_machine,
)
