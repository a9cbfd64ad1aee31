"""The entry point of the web server: `granian --interface wsgi fallback.web.wsgi:app`."""

from __future__ import annotations

from fallback import logs
from fallback.bootstrap import Container
from fallback.config import Config
from fallback.web.app import create_app

config = Config.from_env()
logs.configure(config.log_level)
app = create_app(Container(config))
