"""The demo's `env` file: the settings of its processes. Secrets are generated at the first start and kept."""

import json
import secrets
from collections.abc import Callable

from ops.demo.front import nginx_path
from ops.demo.places import LOOPBACK, Place
from ops.demo.supervisor import write_aside

Env = dict[str, str]

SHOP_NAME = "demo-shop"
STAFF_EMAIL = "staff@harbour-books.example"
DRILL_CART = {
    "sku": "BK-1",
    "title": "The Lighthouse Ledger",
    "unit_price": 1299,
    "currency": "EUR",
    "delivery": {"id": "standard", "title": "Standard delivery", "price": 495},
    "country": "DE",
}


def secret() -> str:
    return secrets.token_urlsafe(32)


def password() -> str:
    """A password that is short enough to type."""
    return secrets.token_urlsafe(12)


def cart_keys() -> str:
    return compact({"keys": [{"kty": "oct", "kid": "demo-1", "alg": "HS256", "k": secret()}]})


def compact(value: object) -> str:
    """JSON without spaces, for a file that shells can read, too."""
    return json.dumps(value, separators=(",", ":"))


SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": secret,
    "CART_KEYS": cart_keys,
    "PRIMARY_TOKEN": secret,
    "STRIPE_SECRET_KEY": lambda: f"sk_test_{secrets.token_hex(16)}",
    "STRIPE_PUBLISHABLE_KEY": lambda: f"pk_test_{secrets.token_hex(16)}",
    "STRIPE_WEBHOOK_SECRET": lambda: f"whsec_{secrets.token_hex(16)}",
    "FALLBACK_PROXY_TOKEN": secret,
    "ONCALL_TOKEN": secret,
    "CONSOLE_TOKEN": secret,
    "SHOP_ADMIN_PASSWORD": password,
    "DEMO_AGENT_PASSWORD": password,
    "DEMO_SECOND_AGENT_PASSWORD": password,
    "DEMO_LEAD_PASSWORD": password,
    "DEMO_ONCALL_PASSWORD": password,
}


def settle(place: Place, given: Env | None = None) -> Env:
    """Rewrites the file and returns the settings. A demo that moves to other ports keeps its secrets.

    `given`: settings for this start only.
    """
    kept = read_env(place)
    made = {name: kept.get(name) or make() for name, make in SECRETS.items()}
    env = made | addresses(place) | shop_settings(place, made) | (given or {})
    write_aside(place.env_file, "".join(f"{name}={value}\n" for name, value in env.items()), mode=0o600)
    return env


def read_env(place: Place) -> Env:
    if not place.env_file.exists():
        return {}
    lines = place.env_file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def addresses(place: Place) -> Env:
    return {
        "DEMO_PORT_BASE": str(place.port_base),
        "REDIS_URL": f"redis://{LOOPBACK}:{place.port('redis')}/0",
        "PUBLIC_URL": place.url(public_door()),
        "TRUSTED_HOSTS": "localhost,127.0.0.1",
        "PRIMARY_KIND": "http",
        "PRIMARY_URL": f"http://{LOOPBACK}:{place.port('shop')}",
        "STRIPE_API_BASE": f"http://{LOOPBACK}:{place.port('stripe')}",
        "STRIPE_JS_URL": f"{place.url('stripe')}/v3/",
        "SMTP_URL": f"smtp://{LOOPBACK}:{place.port('mail')}",
        "ALERT_URLS": "",
        "HOST": LOOPBACK,
        "PORT": str(place.port("fallback")),
        "WEB_CONCURRENCY": "2",
        "LOG_LEVEL": "INFO",
        "FALLBACK_SHOP": SHOP_NAME,
        "FALLBACK_SHOP_NAME": "Harbour Books",
        "FALLBACK_SHOP_URL": place.url("front"),
        "FALLBACK_TERMS_URL": f"{place.url('front')}/terms/",
        "FALLBACK_PRIVACY_URL": f"{place.url('front')}/privacy/",
        "FALLBACK_RETURNS_URL": f"{place.url('front')}/returns/",
        "FALLBACK_IMPRINT_URL": f"{place.url('front')}/imprint/",
        "FALLBACK_CONSOLE_URL": place.url("fallback"),
        "FALLBACK_MAIL_FROM": "Harbour Books <orders@harbour-books.example>",
        # All customers of a demo have the same IP address.
        "FALLBACK_ORDERS_PER_MINUTE": "1000",
        "FALLBACK_DRILL_CART": compact(DRILL_CART),
        # People start drills themselves in a demo. Scheduled drills would create orders that nobody expects.
        "FALLBACK_DRILL_EVERY_HOURS": "0",
    }


def public_door() -> str:
    """The URL of Fallback Checkout for customers. Without nginx, the proxy's URL leads to the shop only."""
    return "front" if nginx_path() else "fallback"


def shop_settings(place: Place, made: Env) -> Env:
    return {
        "SHOP_NAME": SHOP_NAME,
        "SHOP_PUBLIC_URL": place.url("front"),
        "SHOP_CART_KEY": compact(json.loads(made["CART_KEYS"])["keys"][0]),
        "SHOP_FALLBACK_TOKEN": made["PRIMARY_TOKEN"],
        "SHOP_FALLBACK_URL": place.url("fallback"),
        "SHOP_FALLBACK_PUBLIC_URL": place.url(public_door()),
    }
