"""Marks texts that pages translate when they show them (web/http/voice.py)."""

from __future__ import annotations


def N_(msgid: str) -> str:
    return msgid
