"""Settings of the demo shop: django-oscar on SQLite, everything that is secret or local from the environment."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from oscar import INSTALLED_APPS as OSCAR_APPS
from oscar.defaults import *  # noqa: F403  Oscar's documented way to take its defaults

HERE = Path(__file__).parent
STATE = Path(os.environ["SHOP_STATE"])
PUBLIC_URL = os.environ["SHOP_PUBLIC_URL"].rstrip("/")

# ---- Fallback Checkout: settings of the fallback_connect app
FALLBACK_SHOP_NAME = os.environ["SHOP_NAME"]
FALLBACK_CART_KEY = json.loads(os.environ["SHOP_CART_KEY"])
FALLBACK_TOKEN = os.environ["SHOP_FALLBACK_TOKEN"]
FALLBACK_URL = os.environ["SHOP_FALLBACK_URL"].rstrip("/")
# Orders with such a status are shipped only after payment.
FALLBACK_HONOURS_PRICES = os.environ.get("SHOP_HONOURS_PRICES", "1") == "1"
FALLBACK_UNPAID_STATUSES = ("Pending",)
# Its URL for browsers: the shop's own URL if a proxy leads there.
FALLBACK_PUBLIC_URL = os.environ.get("SHOP_FALLBACK_PUBLIC_URL", FALLBACK_URL).rstrip("/")
FALLBACK_COOKIE_SECURE = PUBLIC_URL.startswith("https://")

# ---- Django
DEBUG = False
SECRET_KEY = (STATE / "secret_key").read_text()
FRONT_DOOR = urlsplit(PUBLIC_URL)
LOCAL_NAMES = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [FRONT_DOOR.hostname, *LOCAL_NAMES]
# A proxy may pass on another Host than the browser's Origin, so the proxy's URL is named here.
CSRF_TRUSTED_ORIGINS = [
    PUBLIC_URL,
    *(f"{FRONT_DOOR.scheme}://{name}:{FRONT_DOOR.port or 80}" for name in LOCAL_NAMES),
]
ROOT_URLCONF = "ops.demo.shop.urls"
SITE_ID = 1
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# The shop's own mails. Fallback's mails go to the demo's mail sink.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = STATE / "mail"

FORKED_APPS = {
    "oscar.apps.checkout.apps.CheckoutConfig": "ops.demo.shop.checkout.apps.CheckoutConfig",
    "oscar.apps.partner.apps.PartnerConfig": "ops.demo.shop.partner.apps.PartnerConfig",
    "oscar.apps.shipping.apps.ShippingConfig": "ops.demo.shop.shipping.apps.ShippingConfig",
}
INSTALLED_APPS = [
    *(FORKED_APPS.get(app, app) for app in OSCAR_APPS),
    "ops.demo.shop.fallback_connect.apps.FallbackConnectConfig",
]
MIDDLEWARE = [
    "ops.demo.shop.faults.FaultMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
    "oscar.apps.basket.middleware.BasketMiddleware",
    "ops.demo.shop.fallback_connect.middleware.CartCookieMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.apps.communication.notifications.context_processors.notifications",
                "oscar.core.context_processors.metadata",
                "ops.demo.shop.fallback_connect.context.failover_script",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE / "shop.sqlite3",
        "OPTIONS": {
            # Writers wait at BEGIN instead of failing later with 'database is locked'.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # The shop is killed often. FULL keeps acknowledged data even if the machine fails.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}


class _NoMigrations:
    """Creates tables from the models in 3 seconds, instead of running ten years of migrations."""

    def __contains__(self, app_label: str) -> bool:
        return True

    def __getitem__(self, app_label: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()

STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = STATE / "media"

AUTHENTICATION_BACKENDS = [
    "oscar.apps.customer.auth_backends.EmailBackend",
    "django.contrib.auth.backends.ModelBackend",
]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "ops.demo.shop.search_engine.ShelfEngine"}}
HAYSTACK_SIGNAL_PROCESSOR = "haystack.signals.BaseSignalProcessor"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

# ---- Oscar
OSCAR_SHOP_NAME = "Harbour Books"
OSCAR_DEFAULT_CURRENCY = "EUR"
OSCAR_HIDDEN_FEATURES = ["reviews", "wishlists"]
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_ALLOW_GUEST_CHECKOUT_WITH_ACCOUNT = True
OSCAR_OFFERS_INCL_TAX = True
OSCAR_THUMBNAILER = "ops.demo.shop.pictures.OriginalPicture"
OSCAR_FROM_EMAIL = "shop@harbour-books.example"
OSCAR_REQUIRED_ADDRESS_FIELDS = ("first_name", "last_name", "line1", "line4", "postcode", "country")
OSCAR_INITIAL_ORDER_STATUS = OSCAR_INITIAL_LINE_STATUS = "Placed"
OSCAR_ORDER_STATUS_PIPELINE = {
    "Pending": ("Placed", "Cancelled"),
    "Placed": ("Shipped", "Cancelled"),
    "Shipped": (),
    "Cancelled": (),
}
OSCAR_LINE_STATUS_PIPELINE = OSCAR_ORDER_STATUS_PIPELINE
OSCAR_ORDER_STATUS_CASCADE = {"Shipped": "Shipped", "Cancelled": "Cancelled"}
