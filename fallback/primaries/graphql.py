"""GraphQL over HTTP (graphql.org, 'Serving over HTTP'), as Vendure, Saleor and Shopify serve it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.json import Decoder

from fallback.domain.errors import NotAuthorized, OutcomeUnknown
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.transport import BUSY, HttpAnswer, Transport, busy

Shape = TypeVar("Shape")
# A kind's way to send a document with its variables, within seconds: the fields of the answer.
Ask = Callable[[str, Mapping[str, Any], float | None], dict[str, Any]]

JSON = frozenset({"application/json", "application/graphql-response+json"})


class Problem(Struct, frozen=True):
    """One of `errors`. `extensions`: the shop's own, usually with a `code`."""

    message: str
    extensions: Mapping[str, Any] = {}

    @property
    def code(self) -> str:
        return str(self.extensions.get("code", ""))


class Failed(Exception):
    """The shop answered with `errors`. Which of them say that nothing happened depends on the kind of shop.

    `extensions`: of the whole answer.
    """

    def __init__(self, problems: tuple[Problem, ...], extensions: Mapping[str, Any]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        self.extensions = extensions

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(problem.code for problem in self.problems)


class GraphQLAnswer(Struct, frozen=True):
    data: dict[str, Any] | None = None
    errors: tuple[Problem, ...] = ()
    extensions: Mapping[str, Any] = {}


class Data(Struct, frozen=True):
    """`fields`: what was asked for. `headers`: of the answer."""

    fields: dict[str, Any]
    headers: Mapping[str, str]


READ_ANSWER = Decoder(GraphQLAnswer)


def ask(
    transport: Transport,
    document: str,
    variables: Mapping[str, Any],
    within: float | None = None,
    headers: Mapping[str, str] | None = None,
) -> Data:
    """Send one document, once. Raises Failed where the shop answers with errors."""
    body = msgspec.json.encode({"query": document, "variables": variables})
    answer = transport.send("POST", "", body, within=within, headers=headers)
    if answer.status in BUSY:
        raise busy(answer)
    if answer.status in (401, 403):
        raise NotAuthorized(f"the shop does not accept our credentials ({answer.status})")
    found = _decoded(answer)
    if found.errors:
        raise Failed(found.errors, found.extensions)
    if found.data is None:
        raise OutcomeUnknown(f"the shop's {answer.status} has neither data nor errors")
    return Data(found.data, answer.headers)


def _decoded(answer: HttpAnswer) -> GraphQLAnswer:
    """A page of a proxy proves nothing, whatever its status."""
    if answer.media_type not in JSON:
        raise OutcomeUnknown(f"the shop answers {answer.status} {answer.media_type}, which is not GraphQL")
    return answer.decoded(READ_ANSWER)


def shaped(found: Any, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(found, shape, strict=False)
    except msgspec.ValidationError as error:
        raise OutcomeUnknown(f"the shop's answer is not what its schema says: {error}") from error


class Documents:
    """What is read of a shop and written there, a document a call; in a saga where `calls` are those of one."""

    def __init__(self, ask: Ask, calls: Calls | Saga) -> None:
        self._ask = ask
        self._calls = calls

    def read(self, document: str, variables: Mapping[str, Any], until: float | None = None) -> dict[str, Any]:
        return self._calls.read(lambda left: self._ask(document, variables, left), until)

    def write(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return self._calls.write(lambda: self._ask(document, variables, None))
