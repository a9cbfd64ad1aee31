"""Web processes spread over the CPUs, also when they start at the same moment."""

from __future__ import annotations

import os
import subprocess
import sys

START = """
import os
from fallback.runtime.processes import stay_on_one_cpu
stay_on_one_cpu()
print(*os.sched_getaffinity(0), flush=True)
input()
"""


def start(group: int) -> subprocess.Popen[str]:
    """A process of the group; 0 makes a new one."""
    command = [sys.executable, "-c", START]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=group)


def test_each_web_process_keeps_to_a_cpu_of_its_own() -> None:
    cpus = os.sched_getaffinity(0)
    started = [start(0)]
    started += [start(started[0].pid) for _ in range(len(cpus) - 1)]
    try:
        kept_to = [int(process.stdout.readline()) for process in started if process.stdout]
    finally:
        for process in started:
            process.communicate("\n")

    assert set(kept_to) == cpus
