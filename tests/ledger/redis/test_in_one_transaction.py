"""What belongs together is written in one transaction: a reader sees all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.checkout.invitations import Invited
from fallback.ledger.redis import daily
from tests.builders import NOW
from tests.contracts.test_drafts import a_draft
from tests.ledger.world import a_container
from tests.redis_server import RedisServer

INVITED = Invited("Mara", NOW, NOW)
TOGETHER: dict[str, Callable[[Container], object]] = {
    "a draft and its index": lambda built: built.drafts.save(a_draft(name="Dame Iris")),
    "an invitation, and when it is due": lambda built: built.invitation_mails.keep("basket-17", INVITED),
    "a count of a day, and its life": lambda built: daily.count(built.redis, "day:tests"),
    "the figures of a process": lambda built: (built.metrics.accepted(0.1), built.metrics_store.write()),
}


@pytest.mark.parametrize("what", TOGETHER)
def test_these_are_written_together_or_not_at_all(redis_server: RedisServer, what: str) -> None:
    built = a_container(redis_server.url)
    built.drafts.save(a_draft())
    redis_server.client.config_resetstat()
    TOGETHER[what](built)
    assert redis_server.client.info("commandstats")["cmdstat_exec"]["calls"] == 1
