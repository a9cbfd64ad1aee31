"""Nobody reads a raw word: each event that the code writes into a timeline has a sentence."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from fallback.domain.order.concern import ConcernKind, ConcernState
from fallback.domain.order.grants import GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, NoticeKind, NoticeState
from fallback.domain.order.ratings import Part
from fallback.domain.payment.news import PaymentNews
from fallback.payments.webhooks import NEWS
from fallback.web.console.order.timeline import SENTENCES, WORDS, sentence
from fallback.web.http.voice import Voice
from tests.builders import NOW

PACKAGE = Path(__file__).parents[2] / "fallback"
MODULES = [
    ast.parse(path.read_text()) for part in ("domain", "usecases", "ledger") for path in PACKAGE.glob(f"{part}/**/*.py")
]
UNDER_WAY = {NoticeState.QUEUED, NoticeState.HANDING_OVER}
# What is put together, or said by Stripe, cannot be read off the code.
COMPOSED = {f"{way}_{state}" for way in ("notice", "sms") for state in set(NoticeState) - UNDER_WAY} | set(PaymentNews)
COMPOSED |= {f"{kind}_{state}" for kind in ConcernKind for state in ConcernState} - {"fraud_warning_upheld"}

# What only older releases wrote: it is in the timelines of their orders (tests/ledger/stored_names.txt).
NO_LONGER_WRITTEN: set[str] = set()


def test_every_event_has_a_sentence() -> None:
    written = words_written()
    assert {"received", "refund_declined", "authorization_lapsed", "escalated", "back_from_bank"} <= written
    assert (written | COMPOSED) - SENTENCES.keys() == set()


def test_what_stripe_said_is_read_in_timelines_of_older_releases_too() -> None:
    assert set(NEWS.values()) == set(PaymentNews)
    said = [Event(NOW, what, "stripe") for what in ("charge.refunded", PaymentNews.REFUNDED)]
    assert {sentence(event, Voice("en")) for event in said} == {"Stripe: payment refunded"}


def test_no_sentence_is_left_over() -> None:
    assert SENTENCES.keys() - words_written() - COMPOSED == NO_LONGER_WRITTEN


def test_every_hold_grant_notice_and_part_has_a_text() -> None:
    assert {*HoldCode, *GrantKind, *NoticeKind, *Part} - WORDS.keys() == set()


@cache
def words_written() -> set[str]:
    handing_on = _handing_on(MODULES)
    shared = {"Event": 1} | {name: handing_on[name] for name in ("look_again", "told")}
    return {word for module in MODULES for word in words_of(module, shared)}


def words_of(module: ast.Module, shared: dict[str, int]) -> set[str]:
    """What it hands to `Event` as its word, and to functions that hand on their `what`."""
    places = _handing_on([module]) | shared
    constants = _constants(module)
    return {
        word
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and (place := places.get(_name(call.func))) is not None
        for given in call.args[place : place + 1]
        for word in _texts(given, constants)
    }


def _handing_on(modules: list[ast.Module]) -> dict[str, int]:
    """Functions that take the word of an event, and as which argument."""
    found: dict[str, int] = {}
    for node in (node for module in modules for node in ast.walk(module)):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if "what" in names:
                found[node.name] = names.index("what")
    return found


def _constants(module: ast.Module) -> dict[str, set[str]]:
    """Every text that a name stands for somewhere; `a, b = "x", "y"` too."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign):
            for target, value in zip(_parts(node.targets[0]), _parts(node.value), strict=False):
                found.setdefault(_name(target), set()).update(_texts(value, {}))
    return found


def _parts(expression: ast.expr) -> list[ast.expr]:
    return expression.elts if isinstance(expression, ast.Tuple) else [expression]


def _texts(expression: ast.expr, constants: dict[str, set[str]]) -> set[str]:
    match expression:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return _texts(expression.body, constants) | _texts(expression.orelse, constants)
        case ast.Name():
            return constants.get(expression.id, set())
    return set()


def _name(expression: ast.expr) -> str:
    """`record` of `record` and of `recording.record`."""
    return expression.attr if isinstance(expression, ast.Attribute) else getattr(expression, "id", "")
