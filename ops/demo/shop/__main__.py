"""The demo shop from the command line.

python -m ops.demo.shop prepare --state DIR [--admin-password ...]
python -m ops.demo.shop serve --state DIR --port 8300

Environment: SHOP_CART_KEY (a JWK as JSON), SHOP_FALLBACK_TOKEN (the bearer token that Fallback and shop share),
SHOP_FALLBACK_URL, SHOP_FALLBACK_PUBLIC_URL (for browsers, if it differs), SHOP_PUBLIC_URL (the proxy's URL),
SHOP_NAME (`iss` of the cart tokens), SHOP_ADMIN_PASSWORD.
"""

import os
import secrets
from pathlib import Path

import click

REQUIRED = ["SHOP_CART_KEY", "SHOP_FALLBACK_TOKEN", "SHOP_FALLBACK_URL", "SHOP_PUBLIC_URL", "SHOP_NAME"]
state_option = click.option("--state", required=True, type=click.Path(path_type=Path, file_okay=False))


@click.group(help=__doc__)
def main() -> None:
    missing = [name for name in REQUIRED if not os.environ.get(name)]
    if missing:
        raise click.UsageError(f"missing in the environment: {', '.join(missing)}")


@main.command()
@state_option
@click.option("--admin-password", envvar="SHOP_ADMIN_PASSWORD", required=True)
def prepare(state: Path, admin_password: str) -> None:
    """Create the database, the catalogue and the staff user. Safe to run again."""
    state.mkdir(parents=True, exist_ok=True)
    secret_key = state / "secret_key"
    if not secret_key.exists():
        secret_key.touch(mode=0o600)
        secret_key.write_text(secrets.token_urlsafe(48))
    point_django_at(state)

    import django

    django.setup()
    # Importable only now, because Django models need the settings.
    from ops.demo.shop.prepare import STAFF_EMAIL
    from ops.demo.shop.prepare import prepare as fill

    fill(admin_password)
    click.echo(f"The shop is ready in {state}. Dashboard: /dashboard/ as {STAFF_EMAIL}")


@main.command()
@state_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8300, show_default=True)
def serve(state: Path, host: str, port: int) -> None:
    """Serve the shop until SIGTERM."""
    point_django_at(state)

    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "ops.demo.shop.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        # Enough threads that a few slow requests (the 'slow' fault) do not block the others.
        blocking_threads=8,
        websockets=False,
        log_access=False,
    ).serve()


def point_django_at(state: Path) -> None:
    os.environ["SHOP_STATE"] = str(state.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "ops.demo.shop.settings"


if __name__ == "__main__":
    main(prog_name="python -m ops.demo.shop")
