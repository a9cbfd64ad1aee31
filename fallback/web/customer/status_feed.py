"""The status page as an Atom feed (RFC 4287): lines written by on call, planned maintenance, outages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from markupsafe import Markup

from fallback.config import Config
from fallback.domain.incident.incident import Incident
from fallback.domain.outage.public_status import Maintenance, PublicNote
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import public_status_rows as status_rows

MIMETYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"
LONGEST_TITLE = 100
# Of a feed without entries.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
# Everything else may stand in a document (XML 1.0, 2.2).
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """`name` stays the same when the entry changes; `updated` does not."""

    name: str
    title: str
    text: str
    updated: datetime


def of_note(note: PublicNote) -> Entry:
    title = note.text.splitlines()[0][:LONGEST_TITLE]
    return Entry(f"note/{note.at.isoformat()}", title, note.text, note.at)


def of_maintenance(each: Maintenance, now: datetime, voice: Voice) -> Entry:
    over = each.over_at <= now
    title = status_rows.past_row(each, voice) if over else status_rows.title_of(each, now, voice)
    if over and not each.took_place:
        title = voice.say(N_("The planned maintenance does not take place"))
    updated = each.over_at if over else each.begins if each.begins <= now else each.announced
    return Entry(f"maintenance/{each.id}", _plain(title), each.text, updated)


def of_incident(incident: Incident, voice: Voice) -> Entry:
    title = voice.say(N_("The shop's checkout is down. You can order here"))
    if incident.ended:
        title = voice.say(N_("The shop is back and takes all orders again"))
    return Entry(f"outage/{incident.id}", title, title, incident.ended or incident.began)


def written(title: str, entries: list[Entry], voice: Voice, config: Config) -> bytes:
    """`title`: of the status now. The newest entry first."""
    entries = sorted(entries, key=lambda entry: entry.updated, reverse=True)
    page, host = f"{config.public_url}/status", urlsplit(config.public_url).hostname
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": voice.language})
    shop = config.storefront.shop_name
    _add(feed, "id", f"tag:{host},2026:status")
    _add(feed, "title", f"{title} · {shop}" if shop else title)
    _add(feed, "updated", _utc(entries[0].updated if entries else NEVER))
    _add(ElementTree.SubElement(feed, "author"), "name", shop or host or "")
    ElementTree.SubElement(feed, "link", {"href": page})
    ElementTree.SubElement(feed, "link", {"rel": "self", "type": MIMETYPE, "href": f"{page}.atom"})
    for entry in entries:
        element = ElementTree.SubElement(feed, "entry")
        _add(element, "id", f"tag:{host},2026:status/{entry.name}")
        _add(element, "title", entry.title)
        _add(element, "updated", _utc(entry.updated))
        _add(element, "content", entry.text)
        ElementTree.SubElement(element, "link", {"href": page})
    document: bytes = ElementTree.tostring(feed, "utf-8", xml_declaration=True)
    return document


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _plain(text)


def _plain(text: str) -> str:
    """What voices say is HTML, with times as elements; a feed reader shows plain text, and stops at what is no XML."""
    return _NO_XML.sub("", text.striptags() if isinstance(text, Markup) else text)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
