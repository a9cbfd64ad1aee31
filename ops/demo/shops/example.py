"""The demo's own shop in ops/demo/shop: django-oscar, with our contract, and with faults that no real shop has."""

import json
import os
import subprocess
import sys

import click

from ops.demo.env import SHOP_NAME, Env, compact, secret
from ops.demo.front import public_door
from ops.demo.places import EXAMPLE, LOOPBACK, ROOT, Place
from ops.demo.shops.shop import Shop, Tell
from ops.demo.supervisor import Process, write_aside

STAFF_EMAIL = "staff@harbour-books.example"


def settings(place: Place, made: Env) -> Env:
    return {
        "PRIMARY_KIND": "http",
        "PRIMARY_URL": f"http://{LOOPBACK}:{place.port('shop')}",
        "SHOP_NAME": SHOP_NAME,
        "SHOP_PUBLIC_URL": place.url("front"),
        "SHOP_CART_KEY": compact(json.loads(made["CART_KEYS"])["keys"][0]),
        "SHOP_FALLBACK_TOKEN": made["PRIMARY_TOKEN"],
        "SHOP_FALLBACK_URL": place.url("fallback"),
        "SHOP_FALLBACK_PUBLIC_URL": place.url(public_door()),
    }


def prepare(place: Place, env: Env, tell: Tell) -> None:
    tell("Preparing the shop")
    log = place.log_file("shop-prepare")
    with log.open("wb") as output:
        done = subprocess.run(command(place, "prepare"), cwd=ROOT, env=os.environ | env, stdout=output, stderr=output)
    if done.returncode:
        raise click.ClickException(f"The shop could not be prepared; {log} says why.")


def processes(place: Place, env: Env) -> list[Process]:
    serve = command(place, "serve", "--port", str(place.port("shop")))
    return [Process("shop", serve, env["PRIMARY_URL"] + "/")]


def plant(place: Place, way: str, *paths: str) -> None:
    """`paths`: only there."""
    write_aside(place.data("shop") / "fault", json.dumps({"kind": way} | ({"paths": paths} if paths else {})))


def mend(place: Place) -> None:
    (place.data("shop") / "fault").unlink(missing_ok=True)


def back_office(place: Place, env: Env) -> tuple[str, str]:
    address = f"{place.url('front')}/dashboard/"
    return "The shop's dashboard", f"{address}   {STAFF_EMAIL}   {env['SHOP_ADMIN_PASSWORD']}"


def command(place: Place, verb: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "ops.demo.shop", verb, "--state", str(place.data("shop")), *options]


SHOP = Shop(
    EXAMPLE,
    "the example shop",
    settings,
    prepare,
    processes,
    back_office,
    ways={"shop": ("down", "error", "slow", "html", "half", "reply_lost")},
    secrets={"PRIMARY_TOKEN": secret},
    plant=plant,
    mend=mend,
)
