"""An installation on fakes in which all is well."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.doctor import CHECKS, Finding, examine
from fallback.domain.order.order import Queue
from fallback.payments.access import Access
from tests.fakes.mailer import FakeMailer
from tests.fakes.primary import FakePrimary
from tests.web.conftest import a_container


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Container:
    built = a_container()
    built.mailer, built.primary = FakeMailer(), FakePrimary()
    built.stripe_access = lambda: Access("test", (), timedelta(seconds=1))
    settings(built, fallback_mail_from="orders@shop.example")
    monkeypatch.setattr("fallback.doctor.house.workers_by_queue", lambda _: Counter(Queue))
    monkeypatch.setattr("fallback.doctor.house.refused", lambda _: [])
    return built


def settings(container: Container, **changes: object) -> None:
    container.config = replace(container.config, **changes)


def found(container: Container, name: str) -> Finding:
    [check] = [check for check in CHECKS if check.name == name]
    [finding] = examine(container, [check])
    return finding


def fails(container: Container, name: str, saying: str) -> bool:
    """That the check failed, said so in these words, and said what to do."""
    finding = found(container, name)
    assert finding.ok is False, finding
    assert saying in finding.seen, finding
    return bool(finding.advice)
