"""What every payment gateway does, the fake and Stripe's: each test here runs against both."""

from collections.abc import Callable, Iterator

import pytest

from tests.contracts.gateway.worlds import FakeWorld, World, sandbox_worlds


@pytest.fixture(scope="package")
def stripe_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], World]]:
    with sandbox_worlds(tmp_path_factory.mktemp("stripe")) as empty:
        yield empty


@pytest.fixture(params=["fake", "stripe"])
def world(request: pytest.FixtureRequest) -> World:
    return FakeWorld() if request.param == "fake" else request.getfixturevalue("stripe_world")()
