"""The demo's `env` file: the settings of its processes. Secrets are generated at the first start and kept."""

import secrets
from collections.abc import Callable

from ops.demo.env import SHOP_NAME, Env, compact, password, read_env, secret
from ops.demo.front import public_door
from ops.demo.places import LOOPBACK, Place
from ops.demo.shops import shop_of
from ops.demo.supervisor import write_aside

DRILL_CART = {
    "sku": "BK-1",
    "title": "The Lighthouse Ledger",
    "unit_price": 1299,
    "currency": "EUR",
    "delivery": {"id": "standard", "title": "Standard delivery", "price": 495},
    "country": "DE",
}


def cart_keys() -> str:
    return compact({"keys": [{"kty": "oct", "kid": "demo-1", "alg": "HS256", "k": secret()}]})


SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": secret,
    "CART_KEYS": cart_keys,
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
    shop = shop_of(place)
    made = {name: kept.get(name) or make() for name, make in {**SECRETS, **shop.secrets}.items()}
    env = made | addresses(place) | shop.settings(place, made) | (given or {})
    write_aside(place.env_file, "".join(f"{name}={value}\n" for name, value in env.items()), mode=0o600)
    return env


def addresses(place: Place) -> Env:
    return {
        "DEMO_PORT_BASE": str(place.port_base),
        "DEMO_SHOP": place.shop,
        "REDIS_URL": f"redis://{LOOPBACK}:{place.port('redis')}/0",
        "PUBLIC_URL": place.url(public_door()),
        "TRUSTED_HOSTS": "localhost,127.0.0.1",
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
        "FALLBACK_BASKET_URL": f"{place.url('front')}/basket/",
        "FALLBACK_SHOP_COLOUR": "#0b5c5a",
        "FALLBACK_SHOP_EMAIL": "shop@harbour-books.example",
        "FALLBACK_SHOP_PHONE": "+49 40 5550123",
        "FALLBACK_TERMS_URL": f"{place.url('front')}/terms/",
        "FALLBACK_PRIVACY_URL": f"{place.url('front')}/privacy/",
        "FALLBACK_RETURNS_URL": f"{place.url('front')}/returns/",
        "FALLBACK_IMPRINT_URL": f"{place.url('front')}/imprint/",
        "FALLBACK_CONSOLE_URL": place.url("fallback"),
        "FALLBACK_MAIL_FROM": "Harbour Books <orders@harbour-books.example>",
        "FALLBACK_JOURNAL": str(place.state / "journal"),
        # All customers of a demo have the same IP address.
        "FALLBACK_ORDERS_PER_MINUTE": "1000",
        "FALLBACK_DRILL_CART": compact(DRILL_CART),
        # People start drills themselves in a demo. Scheduled drills would create orders that nobody expects.
        "FALLBACK_DRILL_EVERY_HOURS": "0",
    }
