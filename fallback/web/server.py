"""One process of the web server, `fallback web`."""

from __future__ import annotations

import gc
import signal
from multiprocessing import parent_process

from fallback.bootstrap.container import Container
from fallback.bootstrap.journal import keep_tending
from fallback.config import Config
from fallback.domain.checkout import address_formats
from fallback.runtime import logs, traces
from fallback.runtime.processes import stay_on_one_cpu, stop_with_parent
from fallback.web.api.express import Express
from fallback.web.app import create_app
from fallback.web.http.door import Door

server = parent_process()
if server and server.pid:
    # Workers of a server that was killed would serve on beside those of the next one: they share the port. Asked by
    # SIGTERM, granian's wait for a request that never ends, and forget it while they start.
    stop_with_parent(server.pid, by=signal.SIGKILL)

stay_on_one_cpu()
config = Config.from_env()
logs.configure(config.log_level)
logs.gather()
container = Container(config, traces.start("web"), serves=True)
app = create_app(container)
# With tracing, every request is a span of its own.
express = None if container.traces else Express(app, container)
door = Door(app, processes=config.web_concurrency, express=express)

# The first customer from a country does not wait for its data.
address_formats.load_all()

# What stays for good is looked through once, not at every full collection.
gc.collect()
gc.freeze()

container.metrics_store.keep_writing()
keep_tending(container)
