"""The mark of texts that pages translate when they say them (web/http/voice.py)."""

from __future__ import annotations


def N_(msgid: str) -> str:
    return msgid
