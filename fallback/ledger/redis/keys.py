"""The names of all keys in Redis. Nothing outside this module makes one up.

key                    kind    what it holds
order:<ref>            hash    v version, doc the document, who personal data (encrypted), log timeline, w last writers
cart:<cart id>         string  ref of the order that stands for the purchase
key:<digest>           string  what accept answered to an idempotency key: fingerprint, ref, received_at; lives 48 h
intent:<intent id>     string  ref
email:<digest>         zset    refs of a person, scored by accept sequence; phone:<digest> the same
part:<letters>         zset    refs of which a group begins with these three letters, scored by accept sequence
number:<number>        zset    refs with this order number in the shop, scored by accept sequence
undone:<cart id>       zset    refs of orders for this cart that were undone, scored by accept sequence
received               zset    all refs, scored by accept sequence
headline:<headline>    zset    refs that have this headline now, scored by accept sequence
hold:<code>            zset    refs with this hold, scored by 'next word by'
next_word              zset    refs that wait for us and were promised a word, scored by that time
owner:<name>           zset    refs that are not over, by who looks after them, scored by 'next word by'
handover:<name>        zset    refs that wait for a person or team to accept them, scored by until when
helped:<name>          zset    refs of orders with which a person helped their customers, scored by when she did last
callbacks              zset    refs whose customer is to be called, scored by when
duty:<role>            zset    people on duty, scored by when each was last given an order
due:<queue>            zset    refs, scored by when a shift shall look at them
bell:<queue>           string  somebody was rung or is at work; lives seconds
sequence               string  how many orders were ever accepted
drill_orders           zset    refs of drills, scored by their own sequence; else they stand in due and late only
drill_sequence         string  how many drills were ever accepted
drills                 string  the last drills and what came of them, newest first
event:<event id>       string  a webhook that was recorded; lives a week
booked:<kind, incident, currency>
                       zset    refs, scored by the minor units that were granted for the order
inbox                  hash    webhooks (encrypted) that belong to no order of ours, by event id
mode, mode:log         string, list
pace:log               list    what was decided of the drain's pace, newest first
pace:going             string  how the drain goes, for all workers; lives a day
failed:<slot>          hash    requests that the primary failed in ten seconds, by the proxy's reason; lives minutes
heads:<slot>           hyperloglog of the customers who sent them; lives as long
stripe                 string  1 if Stripe answered the payment workers last, 0 if not; lives a minute
sighting               string  what was seen of the primary last, and what follows from it
alerts                 string  what was told to on call and still goes on
tellings               zset    alerts that are to be sent to an address, scored by when
lease:<name>           string  who leads; lives seconds
tallies                hash    what all processes saw of their work, by series and bucket
(ledger/oncall/metrics_store.py) minutes                hash    how the house stood in each of the last minutes
(ledger/oncall/minutes.py) kept_back:<service>    string  some process keeps its calls to the service back; lives
seconds webhook                string  when the last webhook of Stripe came
webhook_stale          string  by how many seconds the time of Stripe's last webhook was behind ours; lives minutes
clocks_off             hash    machines whose clock is not Redis': by how many seconds, until when; lives as long
capture_before         zset    refs whose payment is authorized, scored by when it lapses
late                   zset    refs that were sent to the shop and given up, scored by since when they are looked for
concerns               zset    refs with a dispute, review or fraud warning that is open, scored by since when
kept                   zset    refs that are over and name their customer still, scored by the last word to her
people                 hash    accounts of the console (encrypted), by name
sessions:<name>        zset    digests of a person's open sessions, scored by when they end; lives as long
claim:<ref>            string  who works on an order; lives two minutes
here:<ref>             zset    who has an order open, scored by until when that counts; lives as long
draft:<cart id>        hash    a checkout form: doc what was typed (encrypted), seen when it was last open; lives a day
drafts                 zset    cart ids of all drafts, scored by when they end: to count them
invited:<cart id>      string  how the mail with the link to a draft stands; lives a day
invitations            zset    cart ids of drafts whose customer gets a mail, scored by when a shift shall send it
drafting:<digest>      zset    cart ids of the drafts of an e-mail address or phone number; lives a day
looks                  list    who looked for drafts, and what she was shown
renewals               list    who asked for the way back to her orders (encrypted)
remarks                list    what people of the console say goes wrong (encrypted)
incident:<id>          string  an incident and its timeline (encrypted)
incidents              zset    ids of all incidents, scored by the accept sequence after which their orders come
balance:<incident id>  string  the last balance sheet of an incident
recounts               set     ids of incidents whose balance sheet somebody asked for
audit                  string  what the last audit of the shop found
till                   string  the money of orders that are on their way, as it was counted last
halt                   string  why nothing is handed over to the shop until a person lifts it
shop_fails             string  since when the shop fails customers; lives half an hour after the last of them
"""

from __future__ import annotations

from fallback.domain.order.grants import GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.support.accounts import Role

RECEIVED = "received"
SEQUENCE = "sequence"
DRILL_ORDERS = "drill_orders"
DRILL_SEQUENCE = "drill_sequence"
DRILLS = "drills"
INBOX = "inbox"
NEXT_WORD = "next_word"
CALLBACKS = "callbacks"
PEOPLE = "people"
MODE = "mode"
MODE_LOG = "mode:log"
PACE_LOG = "pace:log"
PACE_GOING = "pace:going"
STRIPE = "stripe"
SIGHTING = "sighting"
ALERTS = "alerts"
TELLINGS = "tellings"
DRAFTS = "drafts"
INVITATIONS = "invitations"
LOOKS = "looks"
REMARKS = "remarks"
RENEWALS = "renewals"
TALLIES = "tallies"
MINUTES = "minutes"
WEBHOOK = "webhook"
WEBHOOK_STALE = "webhook_stale"
CLOCKS_OFF = "clocks_off"
CAPTURE_BEFORE = "capture_before"
LATE = "late"
CONCERNS = "concerns"
KEPT = "kept"
INCIDENTS = "incidents"
SHOP_FAILS = "shop_fails"
RECOUNTS = "recounts"
AUDIT = "audit"
TILL = "till"
HALT = "halt"


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


def part(letters: str) -> str:
    return f"part:{letters}"


def number(value: str) -> str:
    return f"number:{value}"


def undone(cart_id: str) -> str:
    return f"undone:{cart_id}"


def headline(value: Headline) -> str:
    return f"headline:{value}"


def hold(code: HoldCode) -> str:
    return f"hold:{code}"


def owner(name: str) -> str:
    return f"owner:{name}"


def handover(to: str) -> str:
    return f"handover:{to}"


def helped(name: str) -> str:
    return f"helped:{name}"


def duty(role: Role) -> str:
    return f"duty:{role}"


def due(queue: Queue) -> str:
    return f"due:{queue}"


def bell(queue: Queue) -> str:
    return f"bell:{queue}"


def booked(kind: GrantKind, incident: str, currency: str) -> str:
    """`incident`: its id, or NO_INCIDENT."""
    return f"booked:{kind}:{incident}:{currency}"


def event(event_id: str) -> str:
    return f"event:{event_id}"


def lease(name: str) -> str:
    return f"lease:{name}"


def kept_back(service: str) -> str:
    return f"kept_back:{service}"


def claim(ref: str) -> str:
    return f"claim:{ref}"


def here(ref: str) -> str:
    return f"here:{ref}"


def failed(slot: int) -> str:
    return f"failed:{slot}"


def heads(slot: int) -> str:
    return f"heads:{slot}"


def draft(cart_id: str) -> str:
    return f"draft:{cart_id}"


def invited(cart_id: str) -> str:
    return f"invited:{cart_id}"


def drafting(digest: str) -> str:
    return f"drafting:{digest}"


def incident(incident_id: str) -> str:
    return f"incident:{incident_id}"


def balance(incident_id: str) -> str:
    return f"balance:{incident_id}"


def sessions(name: str) -> str:
    return f"sessions:{name}"
