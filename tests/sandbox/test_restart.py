"""The sandbox as a process of its own: what it told somebody is still true after `kill -9`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.sandbox.conftest import Sandbox, client


@contextmanager
def running(state: Path) -> Iterator[tuple[Sandbox, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "ops.demo.stripe_sandbox", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        yield Sandbox(url, client(url)), process
        process.terminate()


def test_money_keys_and_faults_survive_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as (before, process):
        created = before.intent("FB-1:create")
        before.confirm(created.id)
        before.stripe.v1.payment_intents.capture(created.id, {}, {"idempotency_key": "FB-1:capture"})
        money = before.money()
        before.fault("down", times=1)
        process.kill()

    with running(tmp_path) as (after, _):
        with pytest.raises(requests.ConnectionError):
            after.post("payment_intents", {})
        assert after.intent("FB-1:create").id == created.id
        again = after.stripe.v1.payment_intents.capture(created.id, {}, {"idempotency_key": "FB-1:capture"})
        assert again.status == "succeeded"
        assert after.money() == money


def test_the_sandbox_stops_on_sigterm(tmp_path: Path) -> None:
    with running(tmp_path) as (_, process):
        process.terminate()

        assert process.wait(timeout=10) == 0
