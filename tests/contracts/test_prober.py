"""Probes of a primary: the fake and the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fallback.domain.outage.failover import Probe
from fallback.primaries.prober import HttpProber
from tests.builders import NOW
from tests.fakes.observations import FakeProber
from tests.ports import free_port
from tests.proxy.standins import Standin
from tests.reference_shop import primary_at

Dies = Callable[[], object]


@pytest.fixture
def shop() -> Iterator[Standin]:
    standin = Standin('{"status":"ok","duplicates":"enforced"}', free_port())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture(params=["in memory", "by http"])
def looking(request: pytest.FixtureRequest) -> tuple[FakeProber | HttpProber, Dies]:
    """And what lets the shop die, while the rest of the world answers."""
    if request.param == "in memory":
        fake = FakeProber()
        return fake, lambda: setattr(fake, "finds", Probe(NOW, page=False, elsewhere=True))
    shop: Standin = request.getfixturevalue("shop")
    elsewhere: Standin = request.getfixturevalue("elsewhere")
    url = f"http://127.0.0.1:{shop.port}"
    return HttpProber(
        primary_at(url, "token", 1.0).health, f"{url}/", f"http://127.0.0.1:{elsewhere.port}", 1.0, lambda: NOW
    ), shop.stop


@pytest.fixture
def elsewhere() -> Iterator[Standin]:
    standin = Standin("something else", free_port(), status=404)
    standin.start()
    yield standin
    standin.stop()


def test_the_prober_sees_the_shop_healthy_and_then_down(looking: tuple[FakeProber | HttpProber, Dies]) -> None:
    prober, dies = looking
    assert prober.look() == Probe(NOW, page=True, health=True)
    dies()
    assert prober.look() == Probe(NOW, page=False, elsewhere=True)
