"""Options in the query of REDIS_URL, above all those of TLS: `?ssl_ca_certs=/etc/fallback/ca.pem`.

Their names are those of redis-py's connections.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl

import redis

FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
# With these redis-py would read something else than bytes, or write something else than UTF-8.
OTHER_THAN_BYTES = ("decode_responses", "encoding", "encoding_errors")
OF_TLS = (*FILES, "ssl_password", "ssl_cert_reqs")
_UNKNOWN = re.compile(r"unexpected keyword argument '(\w+)'")


def given_options(query: str) -> dict[str, str]:
    """Raises ValueError for one without a value, which redis-py ignores."""
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in options.items():
        if not value:  # what is no name may be the end of a password
            raise ValueError(f"{name if name.isidentifier() else 'an option in its query'} has no value")
    return options


def tls_options(query: str) -> dict[str, str]:
    """Of a URL that redis-py does not read itself. Raises ValueError."""
    options = given_options(query)
    for name in options:
        if name not in OF_TLS:
            raise ValueError(f"{name} is not one of the options {', '.join(OF_TLS)}")
    return options


def checked(client: redis.Redis) -> redis.Redis:
    """What is misspelt would fail at the first connection only. Raises ValueError."""
    pool = client.connection_pool
    try:
        pool.connection_class(**pool.connection_kwargs)
    except (TypeError, redis.RedisError) as error:
        unknown = _UNKNOWN.search(str(error))
        why = f"an option in its query cannot be used: {error}"
        raise ValueError(f"{unknown[1]} is not an option of redis-py's connections" if unknown else why) from error
    if others := [name for name in OTHER_THAN_BYTES if name in pool.connection_kwargs]:
        raise ValueError(f"the option {others[0]} in its query cannot be used")
    for name in FILES:
        path = pool.connection_kwargs.get(name)
        if path and not Path(path).is_file():
            raise ValueError(f"there is no file {path} ({name})")
    return client
