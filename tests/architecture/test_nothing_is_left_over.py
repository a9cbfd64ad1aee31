"""Every queue has a worker, every step a use case, every notice its words, every hold its reason, every key a name."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from fallback.domain.checkout.cart_token import Signed
from fallback.domain.checkout.drafts import Draft, Look
from fallback.domain.checkout.pushed_carts import PushedCart
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.next_step import Step
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.support.accounts import Account, Role
from fallback.domain.support.claims import take
from fallback.i18n import LANGUAGES, translations
from fallback.ledger.checkout.drafts import Drafts
from fallback.ledger.checkout.pushed_carts import RedisPushedCarts
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.leases import Leases
from fallback.ledger.support.claims import RedisClaims
from fallback.ledger.support.people import People
from fallback.ledger.support.remarks import Remark, Remarks
from fallback.runtime.data import TEMPLATES
from fallback.web.purchase import order_words
from tests.builders import NOW, an_order
from tests.fakes.views import FakeModes
from tests.redis_server import RedisServer
from tests.usecases.world import World
from workers.shifts import WORK

CRYPTO = Crypto(["a-secret-of-the-architecture-tests-0123"])
OTHER_LANGUAGES = [language for language in LANGUAGES if language != "en"]


# --- queues and steps


def test_every_queue_has_a_shift() -> None:
    assert set(WORK) == set(Queue)


def test_every_step_is_made_by_a_use_case_in_one_shift() -> None:
    container = World().container
    container.modes = FakeModes()
    made = [step for duty in WORK.values() for step in duty(container).steps]
    assert sorted(made) == sorted(Step)


# --- words


def test_there_is_another_language_to_prove_that_there_can_be() -> None:
    assert OTHER_LANGUAGES


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_has_its_words(kind: NoticeKind) -> None:
    text = (TEMPLATES / "mail" / f"{kind}.txt").read_text()
    assert {"subject", "body", "button"} <= set(re.findall(r"{% block (\w+)", text))


def test_no_words_are_left_over_of_a_notice_that_is_not_sent() -> None:
    there = {path.stem for path in (TEMPLATES / "mail").glob("*.txt")}
    assert there - {"layout", "draft", "summary", "shop_back", "subscription"} == set(NoticeKind)  # not about one order


def test_every_hold_is_explained_to_the_customer() -> None:
    assert set(order_words.HOLD_REASONS) == set(HoldCode)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
@pytest.mark.parametrize("code", HoldCode)
def test_every_hold_is_explained_in_each_language(language: str, code: HoldCode) -> None:
    assert _translated(language, order_words.HOLD_REASONS[code])


def _translated(language: str, text: str) -> str:
    translation: str = translations(language).gettext(text)
    return translation if translation != text else ""


# --- the ledger's keys


def test_every_key_in_redis_has_a_name_in_the_one_module_for_it(redis_server: RedisServer) -> None:
    ledger = RedisLedger(redis_server.client, CRYPTO)
    order = an_order()
    ledger.accept(order, "key", "fingerprint")
    stored = ledger.load(order.ref)
    ledger.commit(stored, stored, (), once="evt_1")
    ledger.keep_unclaimed("evt_2", b"{}")
    ledger.claim_due(Queue.PLACEMENT, NOW - NOW, 1)
    Leases(redis_server.client).hold("clock", 10)
    drafts = Drafts(redis_server.client, CRYPTO)
    drafts.save(Draft(cart_id="1", cart_token="", locale="en", since=NOW, seen_at=NOW, email="iris@example.org"))
    drafts.record(Look(NOW, "mara", ("1",)))
    pushed = PushedCart("1", "print", 1, timedelta(hours=1), Signed("kid", b"{}"))
    RedisPushedCarts(redis_server.client, Crypto(["a secret"])).keep(pushed)
    Remarks(redis_server.client, CRYPTO).add(Remark(NOW, "mara", "Slots run out."))
    RedisClaims(redis_server.client).change(order.ref, lambda claim: take(claim, "mara", NOW))
    RedisClaims(redis_server.client).look(order.ref, "mara", NOW)
    people = People(redis_server.client, CRYPTO)
    people.begin_session(people.add(Account("Mara", Role.AGENT)).name, NOW)

    written = {key.decode() for key in redis_server.client.scan_iter()}
    named = [re.compile(pattern) for pattern in _named_keys()]
    assert len(written) > 8
    assert [key for key in written if not any(name.fullmatch(key) for name in named)] == []


def _named_keys() -> list[str]:
    """The names in the table of keys.py, each as a pattern: 'order:<ref>' -> 'order:.+'."""
    table = (keys.__doc__ or "").split("key  ", 1)[1]
    names = re.findall(r"(?m)(?:^|; )([a-z_]+(?::[a-z]+|:<[^>]+>)?)(?=[ ,])", table)
    return [re.sub(r"<[^>]+>", ".+", name) for name in names]


def test_every_key_that_the_module_names_is_in_its_table() -> None:
    source = Path(keys.__file__).read_text()
    names = re.findall(r'(?m)^(?:[A-Z_]+ =|    return) f?"([a-z_:]+?)(?::?\{.*)?"$', source)
    table = keys.__doc__ or ""
    listed = {*re.findall(r"(?m)^([a-z_:]+?)(?=:?<|,| )", table), *re.findall(r"(?m)^[a-z]+, ([a-z_:]+)", table)}
    assert len(names) > 70
    assert set(names) - listed == set()


# --- one way to name things


def test_every_use_case_is_called_from_outside() -> None:
    modules = {path.stem for path in (TEMPLATES.parent / "fallback/usecases").rglob("[a-z]*.py")} - {"deps"}
    assert len(modules) > 50
    callers = [
        path for part in ("fallback/web", "fallback/cli", "workers") for path in (TEMPLATES.parent / part).rglob("*.py")
    ]
    imported = set(
        re.findall(r"from fallback\.usecases\.\w+\.(\w+) import", "".join(path.read_text() for path in callers))
    )
    assert modules - imported == set()
