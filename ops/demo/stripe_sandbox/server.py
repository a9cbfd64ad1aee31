"""The server: the Flask app, how it cuts a connection, and two ways to start it."""

import argparse
import logging
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, Response, g, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ops.demo.stripe_sandbox import api, control, pages
from ops.demo.stripe_sandbox.faults import Faults
from ops.demo.stripe_sandbox.sandbox import Options, Sandbox
from ops.demo.stripe_sandbox.webhooks import Courier


def create_app(sandbox: Sandbox) -> Flask:
    app = Flask(__name__, template_folder="templates", static_folder=None)
    faults = Faults(sandbox.store)

    @app.before_request
    def meet_fault() -> Response | None:
        if request.path.startswith("/_sandbox/"):
            return None
        g.fault, g.hang = faults.take(request.method, request.path), faults.hang
        if g.fault is not None and g.fault.kind == "down":
            return _cut()
        return None

    @app.after_request
    def lose_reply(response: Response) -> Response:
        fault = g.get("fault")
        return _cut() if fault is not None and fault.kind == "lost" else response

    @app.errorhandler(404)
    def unknown_url(_: Exception) -> tuple[Response, int]:
        message = f"Unrecognized request URL ({request.method}: {request.path})."
        return jsonify(error={"type": "invalid_request_error", "message": message}), 404

    app.register_blueprint(api.blueprint(sandbox))
    app.register_blueprint(control.blueprint(sandbox, faults))
    app.register_blueprint(pages.blueprint(sandbox))
    return app


def _cut() -> Response:
    """Close the connection without a response. The server's later writes are discarded."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503, headers={"Connection": "close"})


class Handler(WSGIRequestHandler):
    """No access log, and no delay by Nagle's algorithm for a response in two packets."""

    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: object) -> None:
        if type == "error":
            logging.getLogger(__name__).error(message, *args)


@contextmanager
def serving(options: Options) -> Iterator[BaseWSGIServer]:
    """The bound server with its courier; the caller runs `serve_forever`. Port 0 selects a free port."""
    sandbox = Sandbox(options)
    server = make_server("127.0.0.1", options.port, create_app(sandbox), threaded=True, request_handler=Handler)
    courier = Courier(sandbox)
    courier.start()
    try:
        yield server
    finally:
        server.server_close()
        courier.stop()
        sandbox.store.close()


@contextmanager
def launch(
    state_dir: Path,
    port: int = 0,
    webhook_url: str | None = None,
    webhook_secret: str = Options.webhook_secret,
    secret_key: str = Options.secret_key,
    publishable_key: str = Options.publishable_key,
) -> Iterator[str]:
    """Run the sandbox in this process during a `with` block, for tests. Yields its base URL."""
    options = Options(state_dir, port, webhook_url, webhook_secret, secret_key, publishable_key)
    with serving(options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops.demo.stripe_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=Options.port)
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    parser.add_argument("--webhook-url")
    parser.add_argument("--webhook-secret", default=Options.webhook_secret)
    parser.add_argument("--secret-key", default=Options.secret_key)
    parser.add_argument("--publishable-key", default=Options.publishable_key)
    given = parser.parse_args()
    options = Options(
        given.state, given.port, given.webhook_url, given.webhook_secret, given.secret_key, given.publishable_key
    )
    with serving(options) as server:
        stop = threading.Thread(target=server.shutdown)
        signal.signal(signal.SIGTERM, lambda *_: stop.start())
        signal.signal(signal.SIGINT, lambda *_: stop.start())
        print(f"Stripe sandbox on http://127.0.0.1:{server.port}", flush=True)
        server.serve_forever(poll_interval=0.1)
