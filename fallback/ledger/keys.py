"""The names of all keys in Redis. Nothing outside this module makes one up.

key                    kind    what it holds
order:<ref>            hash    v version, doc the document, who personal data (encrypted), log timeline, w last writers
cart:<cart id>         string  ref of the order that stands for the purchase
key:<digest>           string  what accept answered to an idempotency key: fingerprint, ref, received_at; lives 48 h
intent:<intent id>     string  ref
email:<digest>         zset    refs of a person, scored by accept sequence; phone:<digest> the same
received               zset    all refs, scored by accept sequence
headline:<headline>    zset    refs that have this headline now, scored by accept sequence
hold:<code>            zset    refs with this hold, scored by 'next word by'
due:<queue>            zset    refs, scored by when a shift shall look at them
bell:<queue>           string  somebody was rung or is at work; lives seconds
sequence               string  how many orders were ever accepted
event:<event id>       string  a webhook that was recorded; lives a week
inbox                  hash    webhooks (encrypted) that belong to no order of ours, by event id
mode, mode:log         string, list
lease:<name>           string  who leads
claim:<ref>            string  who works on an order; lives 90 s
here:<ref>             zset    who has an order open, scored by until when that counts; lives seconds
"""

from __future__ import annotations

from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import Headline
from fallback.domain.order import Queue

RECEIVED = "received"
SEQUENCE = "sequence"
INBOX = "inbox"
MODE = "mode"
MODE_LOG = "mode:log"


def order(ref: str) -> str:
    return f"order:{ref}"


def cart(cart_id: str) -> str:
    return f"cart:{cart_id}"


def idempotency(digest: str) -> str:
    return f"key:{digest}"


def intent(intent_id: str) -> str:
    return f"intent:{intent_id}"


def person(kind: str, digest: str) -> str:
    """`kind`: 'email' or 'phone'."""
    return f"{kind}:{digest}"


def headline(value: Headline) -> str:
    return f"headline:{value}"


def hold(code: HoldCode) -> str:
    return f"hold:{code}"


def due(queue: Queue) -> str:
    return f"due:{queue}"


def bell(queue: Queue) -> str:
    return f"bell:{queue}"


def event(event_id: str) -> str:
    return f"event:{event_id}"


def lease(name: str) -> str:
    return f"lease:{name}"


def claim(ref: str) -> str:
    return f"claim:{ref}"


def here(ref: str) -> str:
    return f"here:{ref}"
