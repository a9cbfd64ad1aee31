"""/status: the status of the checkout, for customers, and as JSON for a banner on the shop's pages."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Blueprint, Response
from msgspec import Struct

from fallback import i18n
from fallback.domain.errors import TryAgain
from fallback.domain.incident.incident import Incident
from fallback.domain.outage.last_mode import known_mode
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.public_status import PublicStatus
from fallback.web.customer import status_feed
from fallback.web.http.answers import PlannedMaintenance, StatusNow, StatusUpdate, respond
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import public_status_rows as status_rows

blueprint = Blueprint("status", __name__)

# How long past outages are shown: affected customers ask within days.
TOLD_OF = timedelta(days=7)
MOST_TOLD = 10
# The banner is loaded with each page of the shop.
CACHED = "public, max-age=5"


class Status(StrEnum):
    """`trouble`: the shop fails some customers, but still serves.

    `unknown`: the ledger is away, and was never seen; or no clock process runs, so that nobody watches the shop.
    """

    USUAL = "usual"
    TROUBLE = "trouble"
    HELPING = "helping"
    CATCHING_UP = "catching_up"
    UNKNOWN = "unknown"


class StatusWords(Struct, frozen=True):
    title: str
    text: str


WORDS = {
    Status.USUAL: StatusWords(
        N_("You can order as usual"),
        N_("The shop's checkout works. We monitor it all the time."),
    ),
    Status.TROUBLE: StatusWords(
        N_("The shop has technical problems"),
        N_("You can still order. If the shop's checkout does not respond, this checkout takes over with your basket."),
    ),
    Status.HELPING: StatusWords(
        N_("The shop's checkout is down. You can order here"),
        N_(
            "We keep your basket and its prices. We store your order safely and send it to the shop as soon as it is "
            "back. You are charged only then, and we confirm by email."
        ),
    ),
    Status.CATCHING_UP: StatusWords(
        N_("The shop is back and takes all orders again"),
        N_(
            "We are sending the orders that we took in the meantime to the shop, one after the other. You do not need "
            "to do anything. We email you when the shop has your order."
        ),
    ),
    Status.UNKNOWN: StatusWords(
        N_("We do not know the shop's status right now"),
        N_(
            "One of our systems does not answer. You can order in the shop. If its checkout does not respond, try it "
            "here."
        ),
    ),
}


class Now(Struct, frozen=True):
    """`known_at`: the status when the ledger last answered. `is_away`: the ledger; what only it has is not shown."""

    status: Status
    since: datetime | None
    known_at: datetime | None = None
    is_away: bool = False

    @property
    def is_stale(self) -> bool:
        return self.is_away or self.status is Status.UNKNOWN

    @property
    def out_since(self) -> datetime | None:
        """Since when the shop's checkout is not as usual."""
        return None if self.status is Status.USUAL else self.since


@blueprint.get("/status")
@allow(Rule.PUBLIC)
def show() -> Response:
    voice, now, clock = visitor(), how_it_stands(), container().clock()
    words, public = WORDS[now.status], _written(now)
    return page(
        "customer/outage/status.html",
        voice,
        usual=now.status is Status.USUAL,
        stale=now.is_stale,
        next_update=status_rows.next_update(public, now.out_since, clock, voice),
        notes=[status_rows.note_row(note, voice) for note in public.notes_since(clock - TOLD_OF)],
        planned=[status_rows.planned_row(each, clock, voice) for each in public.planned(clock)],
        past=[status_rows.past_row(each, voice) for each in public.past(clock - TOLD_OF, clock)],
        title=voice.say(words.title),
        text=voice.say(words.text),
        since=_since(now, voice),
        earlier=_earlier(voice),
    )


@blueprint.get("/status.atom")
@allow(Rule.PUBLIC)
def feed() -> Response:
    voice, now, clock = visitor(), how_it_stands(), container().clock()
    public, since = _written(now), clock - TOLD_OF
    entries = [status_feed.of_note(note) for note in public.notes_since(since)]
    entries += [status_feed.of_maintenance(each, clock, voice) for each in public.maintenance if each.over_at > since]
    entries += [status_feed.of_incident(each, voice) for each in _told_of()]
    title = voice.say(WORDS[now.status].title)
    response = Response(status_feed.written(title, entries, voice, container().config), mimetype=status_feed.MIMETYPE)
    response.headers["Cache-Control"] = CACHED
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@blueprint.get("/v1/status")
@allow(Rule.PUBLIC)
def tell() -> Response:
    """Pages of other origins may read it, because it is the same for everybody."""
    now = how_it_stands()
    texts = {language: str(Voice(language).say(WORDS[now.status].title)) for language in i18n.LANGUAGES}
    clock, public = container().clock(), _written(now)
    updates = [StatusUpdate(note.at, note.text, note.next_by) for note in public.notes_since(clock - TOLD_OF)]
    planned = [PlannedMaintenance(each.begins, each.ends, each.text) for each in public.planned(clock)]
    page_url = f"{container().config.public_url}/status"
    response = respond(StatusNow(now.status.value, now.since, texts, page_url, updates, planned, now.known_at))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = CACHED
    return response


def how_it_stands() -> Now:
    try:
        known = known_mode(container().modes, container().last_mode)
    except TryAgain:
        return Now(Status.UNKNOWN, None, is_away=True)
    mode, is_away = known.state, known.at is not None
    match mode.mode:
        case Mode.ACTIVE:
            return Now(Status.HELPING, mode.since, known.at, is_away)
        case Mode.DRAINING:
            return Now(Status.CATCHING_UP, mode.since, known.at, is_away)
    observation = None if is_away else container().observations.read()
    if not is_away and not (observation and observation.is_recent(container().clock())):
        return Now(Status.UNKNOWN, None)
    if observation and observation.advice.mode is Mode.ACTIVE:
        return Now(Status.TROUBLE, observation.at)
    return Now(Status.USUAL, mode.switched_at, known.at, is_away)


def _written(now: Now) -> PublicStatus:
    return PublicStatus() if now.is_away else container().public_statuses.read()


def _since(now: Now, voice: Voice) -> str:
    if now.known_at:
        said = N_("This was the status at %(when)s. One of our systems has not answered since then.")
        return voice.say(said, when=voice.moment(now.known_at))
    if now.status is Status.USUAL or now.since is None:
        return ""
    return voice.say(N_("Since %(when)s."), when=voice.moment(now.since))


def _told_of() -> list[Incident]:
    """Outages of the last days, newest first; the first may last."""
    now = container().clock()
    with suppress(TryAgain):
        newest = container().incidents.newest(MOST_TOLD)
        return [each for each in newest if not each.ended or now - each.ended < TOLD_OF]
    return []


def _earlier(voice: Voice) -> list[dict[str, Any]]:
    return [_row(incident, voice) for incident in _told_of() if incident.ended]


def _row(incident: Incident, voice: Voice) -> dict[str, Any]:
    assert incident.ended
    return {"began": voice.moment(incident.began), "ended": voice.moment(incident.ended)}
