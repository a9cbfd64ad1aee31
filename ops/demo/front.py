"""The demo's proxy: nginx with the configuration that a shop deploys, or a plain relay if nginx is not installed."""

import os
import shutil
import sys
from pathlib import Path
from string import Template

from ops.demo.places import LOOPBACK, ROOT, Place
from ops.demo.supervisor import write_aside

NGINX_CONF = ROOT / "ops" / "proxy" / "nginx.conf"


def nginx_path() -> str | None:
    """Debian does not have nginx in the PATH of ordinary users."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def public_door() -> str:
    """The URL of Fallback Checkout for customers. Without nginx, the proxy's URL leads to the shop only."""
    return "front" if nginx_path() else "fallback"


def prepare_front(place: Place, shop: str, env: dict[str, str]) -> None:
    """`shop`: the name of the port that the shop's pages are at."""
    write_nginx_conf(
        place.data("front"),
        front=f"{LOOPBACK}:{place.port('front')}",
        primary=f"{LOOPBACK}:{place.port(shop)}",
        primary_timeout="5s",
        fallback=f"{LOOPBACK}:{place.port('fallback')}",
        proxy_token=env["FALLBACK_PROXY_TOKEN"],
        share="5",
        access_log=str(place.log_file("front")),
    )


def front_command(place: Place, shop: str) -> list[str]:
    nginx = nginx_path()
    if nginx is None:
        return [sys.executable, "-m", "ops.demo.relay", str(place.port("front")), str(place.port(shop))]
    return nginx_command(nginx, place.data("front") / "nginx.conf")


def write_nginx_conf(state: Path, **names: str) -> Path:
    """Fills in the template. The file contains the proxy token, so only its owner may read it."""
    conf = state / "nginx.conf"
    values = {name.upper(): value for name, value in names.items()} | {"STATE": str(state)}
    # Safe: nginx has its own $names, which stay unchanged.
    write_aside(conf, Template(NGINX_CONF.read_text()).safe_substitute(values), mode=0o600)
    return conf


def nginx_command(nginx: str, conf: Path) -> list[str]:
    # If root starts it, nginx runs as 'nobody', which may have no access to our directory.
    user = "user root; " if os.geteuid() == 0 else ""
    return [nginx, "-p", str(conf.parent), "-c", str(conf), "-g", f"{user}daemon off;"]
