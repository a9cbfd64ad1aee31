"""Exchanges recorded from a real system, kept as files for `responses`, and played back to the code that made them.

A file has two keys beside those of `responses`: `request`, the body that was sent, which is compared when it is played
back; and at its head `about`, the versions of the system and the moment, which is the time while it is played back.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
import time_machine
import yaml
from requests import PreparedRequest
from responses import _recorder, matchers
from urllib3 import HTTPResponse

# Where the system, and what stood in for us, stand in the files, wherever they stood.
ADDRESS = "https://shop.example"
STAND_IN = "https://fallback.example"
# Of the headers that came, those that a test may read. Cookies of sessions are nobody's business.
KEPT = ("Nonce", "Retry-After")
OUR_COOKIE = "fallback_cart="


class Recorder(_recorder.Recorder):
    """Keeps what was sent, too, and leaves a body that is read as a stream to be read."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        super().__init__()
        self.made: list[dict[str, Any]] = []
        self._addresses = addresses

    def _moved(self, text: str) -> str:
        for real, kept in self._addresses.items():
            text = text.replace(real, kept)
        return text

    def _on_request(self, adapter: Any, request: PreparedRequest, **kwargs: Any) -> Any:
        answer = super()._on_request(adapter, request, **kwargs)
        made = {
            "method": request.method,
            "url": self._moved(str(request.url)),
            "status": answer.status_code,
            "body": self._moved(answer.text),
            "content_type": answer.headers.get("Content-Type", "text/plain"),
            "headers": _kept(answer),
            "auto_calculate_content_length": False,
        }
        self.made.append({"response": made, "request": _sent(request)})
        answer.raw = HTTPResponse(BytesIO(answer.content), preload_content=False)
        return answer


def _sent(request: PreparedRequest) -> Any:
    """Forms hold passwords, and are not compared."""
    is_form = request.headers.get("Content-Type") == "application/x-www-form-urlencoded"
    return json.loads(request.body) if request.body and not is_form else None


def _kept(answer: requests.Response) -> dict[str, str]:
    kept = {name: answer.headers[name] for name in KEPT if name in answer.headers}
    ours = [cookie for cookie in answer.raw.headers.getlist("Set-Cookie") if cookie.startswith(OUR_COOKIE)]
    return kept | ({"Set-Cookie": ours[-1]} if ours else {})


@contextmanager
def recorded(file: Path, addresses: Mapping[str, str], about: Mapping[str, Any]) -> Iterator[None]:
    """Whatever is asked meanwhile is written into `file`. `addresses`: the real ones, and those that the file has."""
    now = datetime.now(UTC).replace(microsecond=0)
    recorder = Recorder(addresses)
    with recorder, at(now):
        yield
    file.parent.mkdir(parents=True, exist_ok=True)
    head = {"about": {**about, "recorded": now.isoformat()}, "responses": recorder.made}
    file.write_text(yaml.safe_dump(head, sort_keys=False, width=100, allow_unicode=True))


@contextmanager
def played(file: Path) -> Iterator[None]:
    exchanges = yaml.safe_load(file.read_text())
    with responses.RequestsMock() as mock, at(datetime.fromisoformat(exchanges["about"]["recorded"])):
        for each in exchanges["responses"]:
            sent = each["request"]
            match = [matchers.json_params_matcher(sent)] if sent is not None else []
            mock.add(responses.Response(**each["response"], match=match))
        yield


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The time stands still, and what is drawn by lot is the same each time: refs, phone numbers."""
    seeded = random.Random(moment.isoformat())
    random.seed(moment.isoformat())
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(moment, tick=False):
        patch.setattr("fallback.domain.order.refs.RAND_bytes", seeded.randbytes)
        patch.setattr("secrets.randbelow", seeded.randrange)
        yield


def passed_on(method: str, url: str, **rest: Any) -> requests.Response:
    """A call that the test makes itself, as a person in the shop would; it is part of the exchange."""
    return requests.request(method, url, timeout=30, **rest)
