"""The answers of our contract (ops/docs/reference/primary-contract.md): their shapes, and what each status means."""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.json import Decoder

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused
from fallback.domain.placement.matching import Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import NOT_FOUND, CartAlreadyOrdered, Duplicates
from fallback.primaries.pages import Page
from fallback.primaries.transport import BUSY, HttpAnswer, busy

T = TypeVar("T")

PROBLEM_JSON = "application/problem+json"
# What web servers and frameworks say of an address or a method that they do not know (RFC 9110, 15.5 and 15.6).
NO_ROUTE = frozenset({404, 405, 501})


class ProblemLine(Struct, frozen=True):
    """What the primary says of one line: how many it has, or what one costs now."""

    sku: str
    available: int | None = None
    unit_price: int | None = None


class PrimaryProblem(Struct, frozen=True):
    """RFC 9457 with the contract's `code`; `order` is the rival of `cart_already_ordered`."""

    code: str
    title: str = ""
    detail: str = ""
    order: PrimaryOrder | None = None
    lines: tuple[ProblemLine, ...] = ()


class HealthAnswer(Struct, frozen=True):
    status: str
    duplicates: Duplicates
    can: frozenset[str] = frozenset()


READ_ORDER = Decoder(PrimaryOrder)
READ_CANCELLATION = Decoder(Cancellation)
READ_PAGE = Decoder(Page)
READ_QUOTE = Decoder(Quote)
READ_HEALTH = Decoder(HealthAnswer)
READ_PROBLEM = Decoder(PrimaryProblem)


def understood(answer: HttpAnswer, shape: Decoder[T]) -> T:
    """The answer in the contract's words, or the error that it stands for; what is neither proves nothing."""
    if answer.status in (200, 201):
        return answer.decoded(shape)
    if answer.status in BUSY:
        raise busy(answer)
    if answer.status in (401, 403):
        raise NotAuthorized(f"the primary does not accept our token ({answer.status})")
    if answer.media_type != PROBLEM_JSON or not 400 <= answer.status < 500:
        raise OutcomeUnknown(
            f"the primary answers {answer.status} {answer.media_type}; an error of the contract is {PROBLEM_JSON}"
        )
    raise _refusal(answer.status, answer.decoded(READ_PROBLEM))


def may_be_no_route(answer: HttpAnswer) -> bool:
    return answer.status in NO_ROUTE and answer.media_type != PROBLEM_JSON


def _refusal(status: int, problem: PrimaryProblem) -> Exception:
    if status == 404:
        return Refused(NOT_FOUND, problem.detail)
    if problem.code == "cart_already_ordered":
        return (
            CartAlreadyOrdered(problem.order)
            if problem.order
            else OutcomeUnknown("'cart_already_ordered' has no 'order': which one has the cart?")
        )
    return Refused(problem.code, "; ".join(filter(None, [problem.detail or problem.title, *map(_said, problem.lines)])))


def _said(line: ProblemLine) -> str:
    facts = (("available", line.available), ("now", line.unit_price))
    return f"{line.sku}: " + ", ".join(f"{figure} {word}" for word, figure in facts if figure is not None)


def is_ours(order: PrimaryOrder | Cancellation, ref: str | None) -> None:
    if order.ref != ref:
        raise OutcomeUnknown(f"the primary answers with order {order.ref}, not with {ref}")
