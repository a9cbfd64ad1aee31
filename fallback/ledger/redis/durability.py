"""What keeps an acknowledged order, as the operator says it, and what Redis says of itself.

A managed Redis answers no CONFIG, and some no INFO: what it does not say is unknown, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

import redis
from msgspec import Meta, Struct
from redis.exceptions import ResponseError

UNKNOWN = "unknown"


class Durability(StrEnum):
    """Where an order must be before its customer reads 'received'.

    `disk`: in the append-only file, on the disk of the primary. `replicas`: on so many replicas. `platform`: wherever
    the platform keeps it; the operator answers for that.
    """

    DISK = "disk"
    REPLICAS = "replicas"
    PLATFORM = "platform"


# Without an append-only file a primary that restarts quickly is empty, and its replicas become so too.
REQUIRED = {
    Durability.DISK: {
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "maxmemory-policy": "noeviction",
    },
    Durability.REPLICAS: {"appendonly": "yes", "maxmemory-policy": "noeviction"},
    Durability.PLATFORM: {"maxmemory-policy": "noeviction"},
}
BY_CONFIG = ("appendfsync", "no-appendfsync-on-rewrite", "dir")


def _setting(name: str) -> str:
    return f"fallback_{name}"


class Keeping(Struct, frozen=True, kw_only=True, rename=_setting):
    """Settings, each by its name in the environment after `FALLBACK_`.

    `replicas`: how many must have an order, besides what `durability` says.
    """

    durability: Durability = Durability.DISK
    replicas: Annotated[int, Meta(ge=0, le=10)] = 0
    min_free_disk_mb: Annotated[int, Meta(ge=0)] = 256

    def problems(self) -> Iterator[str]:
        if self.durability is Durability.REPLICAS and not self.replicas:
            yield "FALLBACK_DURABILITY=replicas needs FALLBACK_REPLICAS: how many must have an order, 1 or more."

    def __str__(self) -> str:
        words = {
            Durability.DISK: "disk, fsynced before the answer",
            Durability.REPLICAS: "replicas",
            Durability.PLATFORM: "platform, said by the operator, not probed",
        }[self.durability]
        return f"{words}; {self.replicas} replica(s) have it before the answer" if self.replicas else words


class Seen(Struct, frozen=True):
    """What Redis says of itself: `settings` by their names in its configuration. `refused`: why not all of them."""

    settings: Mapping[str, str]
    info: Mapping[str, Any]
    refused: str = ""

    def __getitem__(self, name: str) -> str:
        return self.settings.get(name, UNKNOWN)

    @property
    def shown(self) -> dict[str, str]:
        """For people, with what is unknown."""
        asked = {name: self[name] for name in REQUIRED[Durability.DISK]}
        facts = {"role": "role", "replicas": "connected_slaves", "last write": "aof_last_write_status"}
        return asked | {name: str(self.info.get(key, UNKNOWN)) for name, key in facts.items()}


def look(client: redis.Redis) -> Seen:
    """One round trip. Raises RedisError if Redis does not answer; what it refuses is unknown."""
    pipeline = client.pipeline(transaction=False)
    pipeline.info()
    for name in BY_CONFIG:
        pipeline.config_get(name)
    info, *configs = pipeline.execute(raise_on_error=False)
    refused = [str(each).partition(", with args")[0] for each in (info, *configs) if isinstance(each, ResponseError)]
    info = {} if isinstance(info, ResponseError) else info
    settings: dict[str, str] = {}
    for config in configs:
        if not isinstance(config, ResponseError):
            settings |= {_text(name): _text(value) for name, value in config.items()}
    if "aof_enabled" in info:
        settings["appendonly"] = "yes" if info["aof_enabled"] else "no"
    if "maxmemory_policy" in info:
        settings["maxmemory-policy"] = info["maxmemory_policy"]
    return Seen(settings, info, refused[0] if refused else "")


def lacks(keeping: Keeping, seen: Seen) -> Iterator[str]:
    """Why what is written is not as safe as `keeping` says."""
    required = REQUIRED[keeping.durability]
    for name, wanted in required.items():
        if seen[name] not in (wanted, UNKNOWN):
            yield f"Redis has {name} {seen[name]}: set it to {wanted}."
    unknown = [name for name in required if seen[name] == UNKNOWN]
    if unknown and keeping.durability is not Durability.PLATFORM:
        yield (
            f"Redis does not say its {', '.join(unknown)}{f' ({seen.refused})' if seen.refused else ''}. "
            "Let our user call CONFIG GET and INFO; if the platform keeps every acknowledged write, set "
            "FALLBACK_DURABILITY=platform (ops/docs/reference/redis.md)."
        )


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
