"""A session at Vendure's Admin API: signed in with a password, renewed when it has ended.

Not an API key: Vendure compares one with bcrypt at every call, which takes half a second of a core.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused, TryAgain
from fallback.primaries.graphql import Data, Failed, ask
from fallback.primaries.transport import Transport
from fallback.primaries.vendure.documents import LOGIN

if TYPE_CHECKING:
    from fallback.primaries.vendure import Settings

SESSION = "vendure-auth-token"
# Codes of Vendure (common/error/errors.ts) and of Apollo Server, which checks the document first.
FORBIDDEN, NOT_THERE, BAD_INPUT = "FORBIDDEN", "ENTITY_NOT_FOUND", "USER_INPUT_ERROR"
NOT_IN_THE_SCHEMA = frozenset({"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"})

# PostgreSQL and MySQL undo one of two transactions that wait for each other, and say so; Vendure has no code for it.
DEADLOCK = "eadlock"


class Overtaken(Exception):
    """Somebody else changed or removed at that moment what the call is about. It wrote nothing; look again."""


def line_to(settings: Settings, deadline: float) -> Transport:
    channel = {"vendure-token": settings.primary_channel} if settings.primary_channel else {}
    url = f"{settings.primary_url.rstrip('/')}/{settings.primary_admin_path.strip('/')}"
    return Transport(url, channel, deadline)


class Session:
    """Threads share one. A document is sent once, and again where the session had ended: then nothing was done."""

    def __init__(self, transport: Transport, user: str, password: str) -> None:
        self._transport = transport
        self._who = {"user": user, "password": password}
        self._token = ""
        self._signing_in = Lock()

    def ask(self, document: str, variables: Mapping[str, Any], within: float | None = None) -> dict[str, Any]:
        """The fields that were asked for.

        Raises Overtaken, Refused('invalid'), and what Transport.send raises; NotAuthorized where the account may not.
        """
        until = monotonic() + (within or self._transport.deadline)
        token = self._token or self._renewed("", until)
        try:
            return self._sent(document, variables, token, until)
        except NotAuthorized:
            return self._sent(document, variables, self._renewed(token, until), until)

    def _sent(self, document: str, variables: Mapping[str, Any], token: str, until: float) -> dict[str, Any]:
        try:
            return self._asked(document, variables, until, {"Authorization": f"Bearer {token}"}).fields
        except Failed as failed:
            raise _understood(failed) from failed

    def _asked(
        self, document: str, variables: Mapping[str, Any], until: float, headers: Mapping[str, str] | None = None
    ) -> Data:
        left = until - monotonic()
        if left <= 0:
            raise TryAgain("no time was left for the call")
        return ask(self._transport, document, variables, left, headers)

    def _renewed(self, ended: str, until: float) -> str:
        """A token that is not the one that `ended`: threads that find it ended at the same time sign in once."""
        with self._signing_in:
            if self._token == ended:
                self._token = self._sign_in(until)
            return self._token

    def _sign_in(self, until: float) -> str:
        try:
            answer = self._asked(LOGIN, self._who, until)
        except Failed as failed:
            raise _understood(failed) from failed
        except OutcomeUnknown as lost:
            raise TryAgain(f"signing in at the shop: {lost}") from lost
        if problem := answer.fields["login"].get("message"):
            raise NotAuthorized(f"the shop does not accept PRIMARY_USER and PRIMARY_PASSWORD: {problem}")
        token = answer.headers.get(SESSION)
        if not token:
            raise NotAuthorized("the shop answers no session token: its authOptions.tokenMethod needs 'bearer'")
        return token


def _understood(failed: Failed) -> Exception:
    if FORBIDDEN in failed.codes:
        return NotAuthorized(f"the shop's account of PRIMARY_USER may not: {failed}")
    if failed.codes & NOT_IN_THE_SCHEMA:
        return NotAuthorized(f"the shop does not have our plugin, or another version of it: {failed}")
    if NOT_THERE in failed.codes or DEADLOCK in str(failed):
        return Overtaken(str(failed))
    if BAD_INPUT in failed.codes:
        return Refused("invalid", str(failed))
    return OutcomeUnknown(f"the shop answers with an error: {failed}")
