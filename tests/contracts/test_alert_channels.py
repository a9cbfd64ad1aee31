"""Alert channels: the fake, and a webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from fallback.domain.errors import FallbackError, Refused, TryAgain
from fallback.domain.oncall.alerts import Alert, AlertState, notification
from fallback.notices.alert_channels import WebhookChannel
from tests.builders import NOW
from tests.fakes.outbox import FakeChannel
from tests.notices.test_alert_channels import SECRET, Receiver

LOST = notification(Alert.DURABILITY_LOST, AlertState.BEGUN, "No orders are accepted. Redis is full.", NOW)


class Told(NamedTuple):
    channel: FakeChannel | WebhookChannel
    heard: Callable[[], int]
    fails: Callable[[type[FallbackError]], object]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(params=["in memory", "by http"])
def told(request: pytest.FixtureRequest) -> Told:
    if request.param == "in memory":
        fake = FakeChannel()
        return Told(fake, lambda: len(fake.heard), lambda error: setattr(fake, "fails", error("as the test says")))
    receiver: Receiver = request.getfixturevalue("receiver")
    channel = WebhookChannel(f"http://127.0.0.1:{receiver.port}/alerts", SECRET, "https://checkout.example.org")
    status = {TryAgain: 503, Refused: 410}
    return Told(
        channel,
        lambda: len(receiver.got) if receiver.status == 200 else 0,
        lambda error: setattr(receiver, "status", status[error]),
    )


def test_what_is_told_is_heard(told: Told) -> None:
    told.channel.tell(LOST)
    assert told.heard() == 1


@pytest.mark.parametrize("error", [TryAgain, Refused])
def test_an_alert_channel_that_fails_says_whether_to_try_again(told: Told, error: type[FallbackError]) -> None:
    told.fails(error)
    with pytest.raises(error):
        told.channel.tell(LOST)
    assert told.heard() == 0
