"""A process that is asked to stop hears it, whatever it is doing at that moment."""

from __future__ import annotations

import subprocess
import sys

# A signal at each line that runs while the process waits, and one from outside where it waits already.
AT_EACH_LINE = """
import os, signal, sys, threading
from fallback.runtime.stop_signal import StopSignal

for number in range(1, 30):
    stop, lines = StopSignal(signal.SIGTERM), 0

    def trace(frame, event, _):
        global lines
        lines += event == "line"
        if event == "line" and lines == number:
            signal.raise_signal(signal.SIGTERM)
        return trace

    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
    sys.settrace(trace)
    heard = stop.wait()
    sys.settrace(None)
    assert heard
print("heard")
"""


def test_a_signal_at_any_moment_is_heard() -> None:
    said = subprocess.run([sys.executable, "-c", AT_EACH_LINE], capture_output=True, text=True, timeout=120, check=True)
    assert said.stdout == "heard\n"


def test_who_waits_for_a_time_goes_on_after_it() -> None:
    script = "from fallback.runtime.stop_signal import StopSignal; print(StopSignal().wait(0.01))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert said.stdout == "False\n"
