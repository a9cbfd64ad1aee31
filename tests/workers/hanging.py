"""`python -m tests.workers.hanging QUEUE [log]`: a worker whose shifts may take a second, and hang.

With 'log', they hang because nobody reads the log.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from fallback.domain.order.order import Queue
from fallback.ledger.redis import bells


def shift(queue: str) -> None:
    with ThreadPoolExecutor(1, thread_name_prefix=queue) as pool:
        pool.submit(fills_the_log if "log" in sys.argv else never_answers)


def never_answers() -> None:
    Event().wait()


def fills_the_log() -> None:
    while True:
        os.write(sys.stdout.fileno(), b'{"event":"something"}\n')


if __name__ == "__main__":
    bells.SHIFT, bells.SHIFT_ENDS_BY = "tests.workers.hanging.shift", 1
    from workers import run

    run.main([Queue(sys.argv[1])])
