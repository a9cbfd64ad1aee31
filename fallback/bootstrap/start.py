"""How a process begins: its log, its settings, and a line that says which release serves which shop on which Redis."""

from __future__ import annotations

import sys

from fallback import __version__
from fallback.config import BadConfig, Config, unknown_settings
from fallback.runtime import logs
from fallback.runtime.redis_connection import address_of

SETTINGS_REFUSED = 2


def begin(process: str, queue: str | None = None) -> Config:
    """Ends the process where a setting cannot be used, with a line of the log for each."""
    logs.configure("INFO")
    logs.gather()
    log = logs.get_logger(process=process, **({"queue": queue} if queue else {}))
    try:
        config = Config.from_env()
    except BadConfig as error:
        for problem in str(error).splitlines():
            log.error("settings_refused", reason=problem)
        sys.exit(SETTINGS_REFUSED)
    logs.configure(config.log_level)
    log.info("started", version=__version__, shop=config.fallback_shop, redis=address_of(config.redis_url))
    for problem in unknown_settings():
        log.warning("setting_unknown", reason=problem)
    return config
