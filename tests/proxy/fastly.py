"""Runs ops/proxy/fastly.vcl as Fastly documents its VCL; Fastly itself is not to be had on a machine.

falco, the linter for Fastly's VCL, reads the file. What is here walks the tree that falco gives, with the part of the
language that the file uses: requests, lookups, restarts, errors. A word that is not known here fails.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

# A name that ends in * means all that begin so, which the falco of the npm registry does not know yet.
WILDCARD = re.compile(r"(unset \S+)\*;")
ANY = "-any"
MOST_RESTARTS = 3
SECONDS = {"ms": 0.001, "s": 1}

Node = Any
Headers = dict[str, str]


@dataclass
class Message:
    """A request or an answer."""

    status: int = 0
    headers: Headers = field(default_factory=dict)
    body: bytes = b""

    def named(self, name: str) -> list[str]:
        wanted = name.removesuffix(ANY).lower()
        return [
            each
            for each in self.headers
            if each.lower().startswith(wanted) and (ANY in name or len(each) == len(wanted))
        ]


@dataclass
class Backend:
    port: int
    patience: float


class Fastly:
    """One service: its subroutines, its backends and its cache."""

    def __init__(self, falco: Path, vcl: Path, ports: dict[str, int], log: Callable[[str], None]) -> None:
        tree = linted(falco, vcl)
        self.subs = {each["Name"]["Value"]: each["Block"] for each in tree if "Block" in each}
        self.backends = {
            name: Backend(ports[name], patience_of(each)) for each in tree if (name := each["Name"]["Value"]) in ports
        }
        self.cache: dict[str, tuple[float, Message]] = {}
        self.log = log

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        answer = Visit(self, request.command, request.path, dict(request.headers.items()), body).answer()
        request.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "content-length", "date", "server"):
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(answer.body)


class Visit:
    """One request of a customer, with all its restarts."""

    def __init__(self, service: Fastly, method: str, url: str, headers: Headers, body: bytes) -> None:
        self.service = service
        self.messages = {name: Message() for name in ("req", "bereq", "beresp", "obj", "resp")}
        self.messages["req"].headers = dict(headers)
        self.body = body
        self.values: dict[str, Any] = {
            "client.ip": "127.0.0.1",
            "req.is_ssl": False,
            "req.method": method,
            "req.restarts": 0,
            "req.service_id": "a-service",
            "req.url": url,
        }

    def answer(self) -> Message:
        while True:
            action = self.run("vcl_recv")
            assert action in ("lookup", "pass"), action
            self.messages["resp"] = self.found() if action == "lookup" else self.fetched("vcl_pass")
            if self.run("vcl_deliver") != "restart":
                break
            assert self.values["req.restarts"] < MOST_RESTARTS, "Fastly restarts no request more often"
            self.values["req.restarts"] += 1
        self.run("vcl_log")
        return self.messages["resp"]

    def found(self) -> Message:
        self.values["req.hash"] = ""
        self.run("vcl_hash")
        key = self.values["req.hash"]
        until, kept = self.service.cache.get(key, (0.0, Message()))
        if time.monotonic() < until:
            return Message(kept.status, dict(kept.headers), kept.body)
        answer = self.fetched("vcl_miss")
        fetched = self.messages["beresp"]
        if self.values.get("beresp.cacheable") and not fetched.named("Vary"):
            self.service.cache[key] = (time.monotonic() + self.values["beresp.ttl"], fetched)
        return answer

    def fetched(self, sub: str) -> Message:
        """What the backend answers, else what vcl_error makes of it."""
        backend = self.service.backends[self.values["req.backend"]]
        self.values["bereq.first_byte_timeout"] = backend.patience
        self.values["beresp.cacheable"] = False
        self.messages["bereq"] = Message(headers=dict(self.messages["req"].headers))
        self.run(sub)
        try:
            came = self.messages["beresp"] = self.ask(
                backend, "GET" if sub == "vcl_miss" else self.values["req.method"]
            )
        except (OSError, http.client.HTTPException):
            self.messages["obj"] = Message(503)
            self.run("vcl_error")
            return self.messages["obj"]
        self.run("vcl_fetch")
        return Message(came.status, dict(came.headers), came.body)

    def ask(self, backend: Backend, method: str) -> Message:
        # A body can be sent on once: a request with one is not restarted.
        assert not (self.body and self.values["req.restarts"])
        connection = http.client.HTTPConnection(
            "127.0.0.1", backend.port, timeout=self.values["bereq.first_byte_timeout"]
        )
        try:
            connection.request(method, self.values["req.url"], self.body or None, self.messages["bereq"].headers)
            answer = connection.getresponse()
            return Message(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    # --- statements

    def run(self, sub: str) -> str | None:
        return self.block(self.service.subs[sub])

    def block(self, block: Node) -> str | None:
        for each in block["Statements"]:
            if action := self.statement(each):
                return action
        return None

    def statement(self, node: Node) -> str | None:
        match node["Token"]["Type"]:
            case "SET":
                self.assign(node["Ident"]["Value"], node["Operator"]["Token"]["Type"], self.value(node["Value"]))
            case "UNSET":
                message, name = self.header(node["Ident"]["Value"])
                for each in message.named(name):
                    del message.headers[each]
            case "IF":
                return self.choose(node)
            case "RETURN":
                return str(node["ReturnExpression"]["Value"])
            case "RESTART":
                return "restart"
            case "SYNTHETIC":
                self.messages["obj"].body = str(self.value(node["Value"])).encode()
            case "LOG":
                self.service.log(str(self.value(node["Value"])))
            case "DECLARE":
                self.values[node["Name"]["Value"]] = None
            case other:
                raise NotImplementedError(other)
        return None

    def choose(self, node: Node) -> str | None:
        for each in (node, *(node["Another"] or ())):
            if self.value(each["Condition"]):
                return self.block(each["Consequence"])
        return self.block(node["Alternative"]) if node["Alternative"] else None

    def assign(self, name: str, operator: str, value: Any) -> None:
        if ".http." in name:
            message, header = self.header(name)
            for each in message.named(header):
                del message.headers[each]
            message.headers[header] = text(value)
        elif name.endswith(".status"):
            self.messages[name.removesuffix(".status")].status = value
        elif operator == "ASSIGN":
            self.values[name] = value
        elif operator == "REMAINDER":
            self.values[name] %= value
        elif operator == "ADDITION":
            self.values[name] += text(value)
        else:
            raise NotImplementedError(operator)

    def header(self, name: str) -> tuple[Message, str]:
        message, _, header = name.partition(".http.")
        return self.messages[message], header

    # --- expressions

    def value(self, node: Node) -> Any:
        if "Function" in node:
            return FUNCTIONS[node["Function"]["Value"]](*(self.value(each) for each in node["Arguments"]))
        if "Condition" in node:
            return self.value(node["Consequence"] if self.value(node["Condition"]) else node["Alternative"])
        if "Left" in node:
            return self.joined(node["Left"], node["Operator"], node["Right"])
        if "Right" in node:  # in brackets
            return self.value(node["Right"])
        kind, value = node["Token"]["Type"], node["Value"]
        if kind == "RTIME":
            return seconds(value)
        return self.variable(value) if kind == "IDENT" else value

    def joined(self, left: Node, operator: str, right: Node) -> Any:
        one = self.value(left)
        match operator:
            case "&&":
                return bool(one) and bool(self.value(right))
            case "||":
                return bool(one) or bool(self.value(right))
        two = self.value(right)
        match operator:
            case "+":
                return text(one) + text(two)
            case "==":
                return one == two
            case "<":
                return one < two
            case "~":
                return re.search(two, text(one)) is not None
            case "!~":
                return re.search(two, text(one)) is None
        raise NotImplementedError(operator)

    def variable(self, name: str) -> Any:
        if name in self.service.backends:
            return name
        if ".http." in name:
            message, header = self.header(name)
            return next((message.headers[each] for each in message.named(header)), None)
        if name.endswith(".status"):
            return self.messages[name.removesuffix(".status")].status
        return self.values["req.url"].partition("?")[0] if name == "req.url.path" else self.values[name]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "regsub": lambda value, pattern, put: re.sub(pattern, put, text(value), count=1),
    "substr": lambda value, begins, length: value[begins : begins + length],
    "std.strtol": int,
    "digest.hash_sha256": lambda value: hashlib.sha256(text(value).encode()).hexdigest(),
}


def text(value: Any) -> str:
    return "" if value is None else str(value)


def seconds(written: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(ms|s)", written).groups()  # type: ignore[union-attr]
    return float(number) * SECONDS[unit]


def patience_of(backend: Node) -> float:
    given = {each["Key"]["Value"]: each["Value"]["Value"] for each in backend["Properties"]}
    return seconds(given["first_byte_timeout"])


def linted(falco: Path, vcl: Path) -> list[Node]:
    """The file's tree. An error or a warning of the linter fails."""
    readable = vcl.with_suffix(".falco.vcl")
    readable.write_text(WILDCARD.sub(rf"\1{ANY};", vcl.read_text()))
    done = subprocess.run([falco, "-json", readable], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    complaints = [each for file in found["LintErrors"].values() for each in file if each["Severity"] != "Info"]
    assert (complaints, found["ParseErrors"]) == ([], {})
    return list(found["Vcl"]["AST"]["Statements"])
