"""Signed, repeated until answered, and sometimes more than once."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from ops.demo.stripe_sandbox import launch
from tests.sandbox.conftest import Sandbox, client

SECRET = "whsec_test"


class Receiver:
    """A shop's endpoint: remembers what came, and answers what `statuses` says (then 200)."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[bytes, str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((payload, self.headers["Stripe-Signature"]))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"

    def events(self) -> list[stripe.Event]:
        return [stripe.Webhook.construct_event(payload, sign, SECRET) for payload, sign in list(self.received)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def sandbox(tmp_path: Path, receiver: Receiver) -> Iterator[Sandbox]:
    with launch(tmp_path, webhook_url=receiver.url, webhook_secret=SECRET) as url:
        yield Sandbox(url, client(url))


def eventually(holds: Callable[[], bool]) -> None:
    deadline, pause = time.monotonic() + 8, threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        pause.wait(0.02)


def test_events_arrive_signed_and_name_their_request(sandbox: Sandbox, receiver: Receiver) -> None:
    intent = sandbox.intent("FB-1:create")

    eventually(lambda: len(receiver.received) == 1)
    (event,) = receiver.events()
    assert (event.type, event.data.object["id"]) == ("payment_intent.created", intent.id)
    assert event.request.idempotency_key == "FB-1:create"


def test_a_signature_of_another_secret_does_not_verify(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.intent()

    eventually(lambda: len(receiver.received) == 1)
    payload, signature = receiver.received[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(payload, signature, "whsec_other")


def test_an_event_comes_again_until_it_is_accepted(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [500, 302]
    sandbox.intent()

    eventually(lambda: sandbox.control("GET", "deliveries") == {"waiting": 0})
    assert len({event.id for event in receiver.events()}) == 1
    assert len(receiver.received) == 3
    assert sandbox.stripe.v1.events.list().data[0].pending_webhooks == 0


def test_duplicates_come_on_demand(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control("PATCH", "settings", {"duplicates": 2})
    sandbox.intent()

    eventually(lambda: len(receiver.received) == 3)
    assert len({event.id for event in receiver.events()}) == 1


def test_an_event_can_be_sent_once_more(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.intent()
    eventually(lambda: len(receiver.received) == 1)

    sandbox.control("POST", f"events/{receiver.events()[0].id}/send")

    eventually(lambda: len(receiver.received) == 2)


def test_a_paused_webhook_keeps_its_events(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.control("PATCH", "settings", {"webhooks_paused": True})
    sandbox.authorized()
    assert sandbox.control("GET", "deliveries") == {"waiting": 3}

    sandbox.control("PATCH", "settings", {"webhooks_paused": False})

    eventually(lambda: len(receiver.received) == 3)
