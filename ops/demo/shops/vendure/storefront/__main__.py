"""Serve the storefront until SIGTERM: python -m ops.demo.shops.vendure.storefront --port 8301

Environment: PRIMARY_URL (Vendure), SHOP_FALLBACK_PUBLIC_URL (Fallback Checkout, for browsers).
"""

import click
from granian import Granian
from granian.constants import Interfaces


@click.command(help=__doc__)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8301, show_default=True)
def main(host: str, port: int) -> None:
    Granian(
        "ops.demo.shops.vendure.storefront.app:from_environment",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        # Enough threads that a few customers may wait for a Vendure that hangs.
        blocking_threads=8,
        websockets=False,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    main(prog_name="python -m ops.demo.shops.vendure.storefront")
