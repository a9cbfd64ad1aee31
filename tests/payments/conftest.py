import time
from collections.abc import Iterator

import pytest
import responses


@pytest.fixture
def stripe() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def in_kolkata() -> Iterator[None]:
    """The machine's own time is five hours and a half ahead of UTC."""
    with pytest.MonkeyPatch.context() as machine:
        machine.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()
