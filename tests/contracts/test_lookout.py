"""Our own look at a primary: the fake that finds what a test says, and the one that looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fallback.domain.outage.failover import Look
from fallback.primaries.lookout import HttpLookout
from tests.builders import NOW
from tests.fakes.sightings import FakeLookout
from tests.proxy.standins import Standin, free_port

Dies = Callable[[], object]


@pytest.fixture
def shop() -> Iterator[Standin]:
    standin = Standin('{"status":"ok","duplicates":"enforced"}', free_port())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture(params=["in memory", "by http"])
def looking(request: pytest.FixtureRequest) -> tuple[FakeLookout | HttpLookout, Dies]:
    """And what lets the shop die, while the rest of the world answers."""
    if request.param == "in memory":
        fake = FakeLookout()
        return fake, lambda: setattr(fake, "finds", Look(NOW, page=False, elsewhere=True))
    shop: Standin = request.getfixturevalue("shop")
    elsewhere: Standin = request.getfixturevalue("elsewhere")
    url = f"http://127.0.0.1:{shop.port}"
    return HttpLookout(url, "token", "", f"http://127.0.0.1:{elsewhere.port}", 1.0, lambda: NOW), shop.stop


@pytest.fixture
def elsewhere() -> Iterator[Standin]:
    standin = Standin("something else", free_port(), status=404)
    standin.start()
    yield standin
    standin.stop()


def test_a_shop_is_well_until_it_is_not(looking: tuple[FakeLookout | HttpLookout, Dies]) -> None:
    lookout, dies = looking
    assert lookout.look() == Look(NOW, page=True, health=True)
    dies()
    assert lookout.look() == Look(NOW, page=False, elsewhere=True)
