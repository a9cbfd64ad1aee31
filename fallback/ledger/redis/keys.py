"""The names of all keys in Redis. No other module builds a key name.

key                    kind    what it holds
order:<ref>            hash    v version, doc the document, who personal data (encrypted), log timeline, w last writers
cart:<cart id>         string  ref of the order that stands for the purchase
key:<digest>           string  what accept returned for an idempotency key: fingerprint, ref, received_at; lives 48 h
intent:<intent id>     string  ref
email:<digest>         zset    refs of a person, scored by accept sequence; phone:<digest> the same
part:<letters>         zset    refs of which a group begins with these three letters, scored by accept sequence
number:<number>        zset    refs with this order number in the shop, scored by accept sequence
second:<ref>           string  ref of the order for a purchase which was promised under this ref too; lives 90 days
undone:<cart id>       zset    refs of orders that let go of this cart, or may have once, scored by accept sequence
received               zset    all refs, scored by accept sequence
headline:<headline>    zset    refs that have this headline now, scored by accept sequence
hold:<code>            zset    refs with this hold, scored by 'next_word_by'
next_word              zset    refs that wait for us and were promised an update, scored by that time
owner:<name>           zset    open refs by owner, scored by 'next_word_by'
handover:<name>        zset    refs that wait for a person or team to accept them, scored by the deadline
helped:<name>          zset    refs of orders whose customers a person helped, scored by the last time
callbacks              zset    refs with a pending callback, scored by its time
duty:<role>            zset    people on duty, scored by when each was last assigned an order
due:<queue>            zset    refs, scored by when a shift handles them next
bell:<queue>           string  a shift was rung or is at work; lives seconds
sequence, drill_sequence  string, string  how many orders, and how many drills, were ever accepted
drill_orders           zset    refs of drills, scored by their own sequence; else they are only in due and late
drills                 string  the last drills and their outcomes, newest first
event:<event id>       string  a webhook that was recorded; lives a week
booked:<…>             zset    refs, by kind, incident and currency, scored by the minor units granted for the order
exposure               hash    open orders: what is not authorized, by currency; who may be late; refusals; since when
stock                  hash    pieces that open orders take, by SKU; after which accept sequence it counts
inbox                  hash    webhooks (encrypted) that belong to no order of ours, by event id
mode, mode:log         string, list
status_page            string  what on call wrote for customers: lines, and planned maintenance
pace:log               list    decisions about the drain's pace, newest first
pace:going             string  the state of the drain, for all workers; lives a day
failed:<slot>          hash    requests that the primary failed in ten seconds, by the proxy's reason; lives minutes
heads:<slot>           hyperloglog of the customers who sent them; lives as long
stripe                 string  1 if Stripe answered the payment workers last, 0 if not; lives a minute
sighting               string  the last observation of the primary, and what follows from it
alerts, acknowledged   string, hash  the active alerts and their last notifications; who works on each, by alert
tellings               zset    notifications to be sent to alert channels, scored by when
announcing:<receiver>  zset    announcements of orders, scored by when they are tried; lives four days after the last
receivers_away         hash    the receivers of announcements that take nothing, by name
lease:<name>           string  who leads; lives seconds
tallies                hash    metrics of all processes, by series and bucket; refused requests by code
minutes                hash    figures of the installation in each of the last minutes (ledger/oncall/minutes.py)
kept_back:<service>    string  the circuit breaker for the service is open in some process; lives seconds
webhook                string  when the last webhook of Stripe came
webhook_stale          string  by how many seconds the time of Stripe's last webhook was behind ours; lives minutes
journals               hash    machines whose journal has orders or cannot be read; lives half a minute
clocks_off             hash    computers whose clock differs from Redis': by how many seconds, until when; lives as long
capture_before         zset    refs whose payment is authorized, scored by when it lapses
late                   zset    refs that were sent to the shop and given up, scored by since when they are looked for
damaged                zset    refs that somebody could not read, scored 0 if the clock could not either
concerns               zset    refs with a dispute, review or fraud warning that is open, scored by since when
kept                   zset    refs that are over and have personal data, scored by the last message to the customer
people                 hash    accounts of the console (encrypted), by name
sessions:<name>        zset    digests of a person's open sessions, scored by when they end; lives as long
used_code:<name>:<step> string  a code of an authenticator app was used; lives as long as it would be right
code_tries:<name>      string  how many wrong codes were tried; lives a quarter of an hour
mailed:<name>          string  how many mails about orders a person got lately; lives 15 minutes
claim:<ref>            string  who works on an order; lives two minutes
here:<ref>             zset    who has an order open, scored by until when that counts; lives as long
typing:<ref>           zset    who is typing a message about it, scored by until when that counts; lives seconds
draft:<cart id>        hash    a checkout form: doc what was typed (encrypted), seen when it was last open; lives a day
drafts                 zset    cart ids of all drafts, scored by when they end: to count them
pushed:<cart id>       hash    a cart that the shop pushed, and the version before; lives as long as its token
pushed_bytes           hash    how many bytes pushed carts take, by the hour in which they expire; lives eleven days
invited:<cart id>      string  the state of the mail with the link to a draft; lives a day
invitations            zset    cart ids of drafts whose customer gets a mail, scored by when a shift sends it
drafting:<digest>      zset    cart ids of the drafts of an e-mail address or phone number; lives a day
looks                  list    agents' searches for drafts, and the drafts shown
subscriptions          hash    addresses (encrypted) that want to be told when the shop is back; lives a week
subscriptions_due      zset    their ids, scored by when a shift sends their next mail; lives as long
daily:<digest>         string  how many subscriptions one network made; text messages to one number; lives a day
renewals               list    requests for new order links (encrypted)
replies                string  the desk's saved replies and who changed them (encrypted)
remarks                list    remarks of console users on what goes wrong (encrypted)
incident:<id>          string  an incident and its timeline (encrypted)
incidents              zset    ids of all incidents, scored by the accept sequence after which their orders come
balance:<incident id>  string  the last balance sheet of an incident
recounts               set     ids of incidents whose recount was requested
audit, till            string, string  what the last audit of the shop found; the money of open orders, as counted last
halt                   string  why nothing is handed over to the shop until a person lifts it
shop_fails             string  since when the shop fails customers; lives half an hour after the last of them
copying, shop          string  a copy of another ledger is not whole yet; FALLBACK_SHOP of those whose ledger it is
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
EXPOSURE = "exposure"
STOCK = "stock"
INBOX = "inbox"
NEXT_WORD = "next_word"
CALLBACKS = "callbacks"
PEOPLE = "people"
MODE = "mode"
MODE_LOG = "mode:log"
STATUS_PAGE = "status_page"
PACE_LOG = "pace:log"
PACE_GOING = "pace:going"
STRIPE = "stripe"
SIGHTING = "sighting"
ALERTS = "alerts"
ACKNOWLEDGED = "acknowledged"
TELLINGS = "tellings"
RECEIVERS_AWAY = "receivers_away"
DRAFTS = "drafts"
INVITATIONS = "invitations"
PUSHED_BYTES = "pushed_bytes"
LOOKS = "looks"
REMARKS = "remarks"
REPLIES = "replies"
RENEWALS = "renewals"
SUBSCRIPTIONS = "subscriptions"
SUBSCRIPTIONS_DUE = "subscriptions_due"
TALLIES = "tallies"
MINUTES = "minutes"
WEBHOOK = "webhook"
WEBHOOK_STALE = "webhook_stale"
CLOCKS_OFF = "clocks_off"
JOURNALS = "journals"
CAPTURE_BEFORE = "capture_before"
LATE = "late"
CONCERNS = "concerns"
DAMAGED = "damaged"
KEPT = "kept"
INCIDENTS = "incidents"
SHOP_FAILS = "shop_fails"
RECOUNTS = "recounts"
AUDIT = "audit"
TILL = "till"
HALT = "halt"
COPYING = "copying"
SHOP = "shop"


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


def second(ref: str) -> str:
    return f"second:{ref}"


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


def announcing(receiver: str) -> str:
    return f"announcing:{receiver}"


def lease(name: str) -> str:
    return f"lease:{name}"


def kept_back(service: str) -> str:
    return f"kept_back:{service}"


def used_code(name: str, step: int) -> str:
    return f"used_code:{name}:{step}"


def code_tries(name: str) -> str:
    return f"code_tries:{name}"


def daily(digest: str) -> str:
    return f"daily:{digest}"


def mailed(name: str) -> str:
    return f"mailed:{name}"


def claim(ref: str) -> str:
    return f"claim:{ref}"


def here(ref: str) -> str:
    return f"here:{ref}"


def typing(ref: str) -> str:
    return f"typing:{ref}"


def failed(slot: int) -> str:
    return f"failed:{slot}"


def heads(slot: int) -> str:
    return f"heads:{slot}"


def draft(cart_id: str) -> str:
    return f"draft:{cart_id}"


def pushed(cart_id: str) -> str:
    return f"pushed:{cart_id}"


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
