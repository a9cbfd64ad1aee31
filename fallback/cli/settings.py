"""`fallback settings`: checked before a release, so that a typo stops the rollout and not the service."""

from __future__ import annotations

import click
from redis.exceptions import AuthenticationError, RedisError

from fallback.bootstrap.outside import build_redis, unusable_alert_urls
from fallback.cli.command import NotDone
from fallback.config import BadConfig, Config, unknown_settings
from fallback.ledger.redis import keys
from fallback.ledger.redis.owner import NotOurs
from fallback.ledger.redis.readiness import silence


@click.command()
def settings() -> None:
    """Check the settings, before a release.

    If Redis answers, the ledger has to be that of this shop.

    Exit code 0: a start succeeds; what it would ignore is a warning: a name that is no setting, an alert URL that no
    alert can go to. 2: a start would fail.
    """
    try:
        config = Config.from_env()
    except BadConfig as error:
        raise NotDone(str(error)) from None
    for problem in (*unknown_settings(), *unusable_alert_urls(config)):
        click.echo(f"Warning: {problem}", err=True)
    try:
        build_redis(config).exists(keys.SHOP)
    except (NotOurs, AuthenticationError) as error:
        raise NotDone(silence(error)) from None
    except RedisError:  # not needed here: the service starts without it
        pass
    click.echo("The settings can be used.")
