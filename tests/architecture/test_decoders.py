"""msgspec 0.22 prepares a type when it is first decoded, and crashes the process when two threads do that at once."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MODULES = sorted([*ROOT.glob("fallback/**/*.py"), *ROOT.glob("workers/*.py")])


def test_every_type_is_decoded_by_a_decoder_that_was_made_at_import() -> None:
    assert len(MODULES) > 200
    assert [f"{module.relative_to(ROOT)}:{line}" for module in MODULES for line in _decoded_late(module)] == []


def _decoded_late(module: Path) -> list[int]:
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if _is_decode(call) and any(word.arg == "type" for word in call.keywords)]


def _is_decode(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "decode"


READ_BY_MANY = """
import os, sys, threading
from fallback.payments.intents import read_intent

charge = {"amount": 1, "amount_captured": 0, "amount_refunded": 0, "payment_method_details": {"card": {}}}
intent = {"id": "pi_1", "status": "requires_capture", "amount": 1, "currency": "eur", "latest_charge": charge}
sys.setswitchinterval(1e-6)

def read_together():
    together = threading.Barrier(8)
    threads = [threading.Thread(target=lambda: (together.wait(), read_intent(intent))) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    os._exit(0)

for _ in range(100):
    child = os.fork() or read_together()
    assert os.waitpid(child, 0)[1] == 0
"""


def test_threads_that_read_their_first_intents_at_once_live() -> None:
    """`convert` prepares types, too; one process in seven died before they were."""
    subprocess.run([sys.executable, "-c", READ_BY_MANY], cwd=ROOT, check=True)
