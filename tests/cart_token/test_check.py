"""`fallback cart check` says in words what CartTokens refuses, and refuses nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import import_key

from fallback.cli.main import main
from fallback.domain.checkout.cart_faults import WARNING, Fault, faults, moment
from fallback.domain.checkout.cart_token import CART_COOKIE, COOKIE_BYTES, MOST_CHARACTERS, PUSHED_ABOVE
from fallback.domain.checkout.pushed_carts import short_form
from fallback.domain.errors import Invalid
from fallback.payments.currencies import chargeable
from fallback.usecases.checkout.check_cart_token import Checked, check_cart_token
from tests.builders import deps
from tests.cart_token.vectors import AT, BAD, GOOD, TOKENS, VECTORS, name
from tests.domain.checkout.test_cart_token import json_values, segment
from tests.domain.checkout.test_cart_token import signed as signed_anything
from tests.web.world import signed as signed_with

SHARED, CURVE = VECTORS["keys"]["keys"][:2]
CLAIMS: dict[str, Any] = GOOD[0]["claims"]
LINE = CLAIMS["lines"][0]


def signed(**changes: Any) -> str:
    return signed_with(CLAIMS | changes, SHARED)


def checked(token: str) -> Checked:
    return check_cart_token(deps(cart_tokens=TOKENS, clock=lambda: AT, chargeable=chargeable), token)


def words(found: tuple[Fault, ...]) -> list[str]:
    return [fault.words for fault in found]


# --- it agrees with what is taken


@pytest.mark.parametrize("vector", GOOD, ids=name)
def test_nothing_is_wrong_with_a_good_token(vector: dict[str, Any]) -> None:
    assert checked(vector["token"]) == Checked((), (), TOKENS.read(vector["token"], AT))


@pytest.mark.parametrize("vector", BAD, ids=name)
def test_what_is_wrong_with_a_bad_token_is_said(vector: dict[str, Any]) -> None:
    found = checked(vector["token"])
    assert words(found.problems) == vector["says"]
    assert found.problems[0].code == vector["code"]
    assert found.cart is None


def refusal(token: str) -> str | None:
    try:
        TOKENS.read(token, AT)
    except Invalid as refused:
        return refused.code
    return None


def first_fault(token: str) -> str | None:
    return next((fault.code for fault in faults(TOKENS, token, AT) if fault.code != WARNING), None)


@given(st.dictionaries(st.sampled_from([*sorted(CLAIMS), "discounts"]), json_values, min_size=1))
def test_a_fault_is_found_if_and_only_if_the_token_is_refused(odd: dict[str, Any]) -> None:
    token = signed_with(json.loads(json.dumps(CLAIMS | odd)), SHARED)
    assert first_fault(token) == refusal(token)


@given(st.data())
def test_a_changed_token_is_found_out_as_well(data: st.DataObject) -> None:
    token = signed()
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.characters(max_codepoint=0x17F)) + token[place + 1 :]
    assert first_fault(changed) == refusal(changed)


@given(st.one_of(st.text(), st.text("ab.=-_{}\ud800é")))
def test_any_text_may_be_checked(token: str) -> None:
    assert first_fault(token) == refusal(token) == "cart_forged"


@pytest.mark.parametrize("header", [[], None, {"kid": ["shared-1"]}, {"kid": {}}, b"\xff", b"[" * 300], ids=repr)
def test_any_header_may_be_checked(header: Any) -> None:
    token = f"{segment(header)}.{segment(CLAIMS)}.{segment(b'0' * 32)}"
    assert first_fault(token) == refusal(token) == "cart_forged"


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"\xff", b'{"iss":"\xed\xa0\x80"}', b'{"a":' * 10_000])
def test_any_payload_may_be_checked(payload: bytes) -> None:
    token = signed_anything(payload, import_key(SHARED))
    assert first_fault(token) == refusal(token) == "cart_unreadable"


# --- what it says


def test_the_check_reports_all_faults_of_a_token_at_once() -> None:
    totals = CLAIMS["totals"] | {"total": 1}
    found = checked(signed(iss="x", aud=["y"], exp=0, totals=totals)[:-4] + "AAAA").problems
    assert [fault.code for fault in found] == [
        *("cart_forged", "cart_foreign", "cart_foreign", "cart_expired", "totals_do_not_add_up")
    ]
    assert found[2].words == "aud is ['y']; it has to name 'fallback-checkout'."
    missing = checked(signed(exp=None, lines=[LINE | {"quantity": "2"}], currency=1))
    assert words(missing.problems) == [
        "exp: Expected `int | float`, got `null`.",
        "currency: Expected `str`, got `int`.",
        "lines[0].quantity: Expected `int`, got `str`.",
    ]


NO_BASE64URL = "A part is not base64url (RFC 4648, 5), or was cut off."
NO_HEADER = "The header, the first part, is not a JSON object in base64url."


@pytest.mark.parametrize(
    ("place", "part", "said"),
    [
        (0, lambda part: f"!{part}", NO_HEADER),
        (1, lambda _: "a", NO_BASE64URL),
        (2, lambda part: f"{part[:-1]}!", NO_BASE64URL),
    ],
    ids=["header", "claims", "signature"],
)
def test_a_part_that_cannot_be_decoded_is_named(place: int, part: Callable[[str], str], said: str) -> None:
    parts = signed().split(".")
    parts[place] = part(parts[place])
    assert words(checked(".".join(parts)).problems)[0] == said


def test_each_sum_that_does_not_add_up_is_said_with_what_makes_it() -> None:
    to_the_cent = {"discounts": [{"title": "A cent off", "amount": 1}], "tax": {"included": False, "amount": 1}}
    goods = LINE["quantity"] * LINE["unit_price"]
    found = checked(signed(**to_the_cent, totals={"goods": goods + 1, "discount": 2, "tax": 2, "total": goods + 1}))
    cents = f"{goods / 100:.2f}"
    more = f"{(goods + 1) / 100:.2f}"
    assert words(found.problems) == [
        f"totals.goods is {more}, the lines make {cents}.",
        "totals.discount is 0.02, the discounts make 0.01.",
        "totals.tax is 0.02, tax.amount is 0.01.",
        f"totals.total is {more}, the lines less the discounts with the added tax make {cents}.",
    ]


def test_discounts_of_more_than_the_goods_are_a_sum_that_does_not_add_up() -> None:
    goods = LINE["quantity"] * LINE["unit_price"]
    totals = {"goods": goods, "discount": goods + 1, "tax": 0, "total": 0}
    found = checked(
        signed(discounts=[{"title": "All", "amount": goods + 1}], tax={"included": True, "amount": 0}, totals=totals)
    )
    assert (found.problems[-1].code, found.problems[-1].words) == (
        "totals_do_not_add_up", "The discounts are 0.01 EUR more than the goods.",
    )  # fmt: skip


def test_the_short_form_of_a_pushed_cart_is_recognized() -> None:
    [said] = words(checked(str(short_form("basket-17", GOOD[0]["token"]))).problems)
    assert said == "This is the short form of a pushed cart. Check the token that was pushed."


ROOM = f"push carts above {PUSHED_ABOVE:,}, since web servers have room for 4 kB of headers"


def just_and_longer(length: int) -> list[str]:
    """Two tokens: one of just so many characters, and the next longer one. Not with each key there is one."""
    room = length - len(signed_with(CLAIMS | {"note": ""}, CURVE))
    tokens = [signed_with(CLAIMS | {"note": "x" * (room * 3 // 4 + more)}, CURVE) for more in (0, 1)]
    assert len(tokens[0]) == length < len(tokens[1])
    return tokens


def test_a_token_that_is_better_pushed_is_a_warning() -> None:
    longest, longer = just_and_longer(PUSHED_ABOVE)
    assert checked(longest).warnings == ()
    assert words(checked(longer).warnings) == [f"The token has {len(longer):,} characters; {ROOM}."]


def test_a_cookie_that_browsers_drop_is_a_warning() -> None:
    longest, longer = just_and_longer(COOKIE_BYTES - len(CART_COOKIE))
    assert words(checked(longest).warnings) == [f"The token has {len(longest):,} characters; {ROOM}."]
    size = len(CART_COOKIE) + len(longer)
    assert words(checked(longer).warnings) == [f"As a cookie this is {size:,} bytes; browsers keep {COOKIE_BYTES:,}."]
    assert checked(longer).cart


def test_a_token_that_no_request_may_have_is_refused() -> None:
    token = signed(note="x" * MOST_CHARACTERS)
    assert [fault.code for fault in checked(token).problems] == ["invalid"]
    assert [first_fault("x" * length) for length in (MOST_CHARACTERS, MOST_CHARACTERS + 1)] == [
        "cart_forged",
        "invalid",
    ]


def test_a_cart_with_more_than_the_shop_has_is_warned_of() -> None:
    lines = [LINE | {"available": 4}, LINE | {"quantity": 1, "available": 2, "title": "As a gift"}]
    totals = {"goods": 3897, "discount": 0, "tax": 170, "total": 3897}
    [said] = words(checked(signed(lines=lines, totals=totals)).warnings)
    assert said == "The cart has 3 of 'BK-1', and available is 2."
    assert checked(signed(lines=[LINE | {"available": LINE["quantity"]}])).warnings == ()


def test_an_expiry_in_milliseconds_is_a_warning() -> None:
    [said] = words(checked(signed(exp=(int(AT.timestamp()) + 60) * 1000)).warnings)
    assert "in milliseconds?" in said
    assert "in milliseconds?" in words(checked(signed(exp=1e300)).warnings)[0]
    assert len(checked(signed(exp=10**11)).warnings) == 1
    assert checked(signed(exp=10**11 - 1)).warnings == ()


def test_a_moment_is_told_in_utc_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        said = moment(10**9)
    time.tzset()
    assert said == "2001-09-09 01:46:40 UTC"


def test_a_delivery_that_makes_a_sum_no_card_can_be_charged_is_a_warning() -> None:
    options = [{"id": "no", "title": "By mail", "price": 0}, {"id": "yes", "title": "Courier", "price": 500}]
    cheap = {"lines": [LINE | {"unit_price": 10}], "tax": {"included": True, "amount": 0}}
    totals = {"goods": 20, "discount": 0, "tax": 0, "total": 20}
    found = checked(signed(**cheap, totals=totals, delivery=options))
    assert found.cart
    [said] = words(found.warnings)
    assert said.startswith("With the delivery 'By mail': The total is 0.20 EUR, but a card payment must be at least")


# --- the command

Run = Callable[..., Result]


@pytest.fixture
def cart_check() -> Run:
    environment = {"CART_KEYS": json.dumps(VECTORS["keys"]), "FALLBACK_SHOP": VECTORS["shop"]}

    def run(*words: str, text: str = "", **changed: str) -> Result:
        return CliRunner().invoke(main, ["cart", "check", *words], input=text, env=environment | changed)

    return run


NOW = ("--at", AT.isoformat())


def test_the_command_shows_the_cart_as_the_customer_will_see_it(cart_check: Run) -> None:
    done = cart_check(GOOD[3]["token"], *NOW)
    assert done.exit_code == 0
    rows = [" ".join(row.split()) for row in done.output.splitlines()]
    assert rows == [
        "Cart basket-17 of demo-shop",
        "Customer 4711, saved addresses: 1",
        "The Lighthouse Ledger 2 × €12.99 (7 in stock) €25.98",
        "Grüner Tee 100 g – 「緑茶」 1 × €8.50 €8.50",
        "5 € off -€5.00",
        "Tax €1.70",
        "Subtotal €31.18",
        "With Standard delivery €36.13",
        "With Courier €39.08",
        "Monday 23 November, 09:00 – 13:00 UTC+01:00",
    ]


def test_the_command_reads_standard_input_with_its_line_end(cart_check: Run) -> None:
    assert cart_check(*NOW, text=GOOD[0]["token"] + "\n").exit_code == 0


def test_the_command_says_what_is_wrong_by_text_json_and_exit_code(cart_check: Run) -> None:
    [bad] = [vector for vector in BAD if vector["name"] == "of another shop"]
    done = cart_check(bad["token"], *NOW)
    assert (done.exit_code, done.output) == (1, f"cart_foreign: {bad['says'][0]}\n")
    answer = cart_check(bad["token"], *NOW, "--json")
    assert answer.exit_code == 1
    assert json.loads(answer.output) == {
        "problems": [{"code": "cart_foreign", "words": bad["says"][0]}],
        "warnings": [],
        "cart": None,
    }


def test_the_commands_json_has_the_cart(cart_check: Run) -> None:
    said = json.loads(cart_check(GOOD[0]["token"], *NOW, "--json").output)["cart"]
    assert said == json.loads(msgspec.json.encode(TOKENS.read(GOOD[0]["token"], AT)))


def test_without_a_time_the_command_checks_as_of_now(cart_check: Run) -> None:
    assert "cart_expired: It expired at 2001-09-09 01:46:40 UTC" in cart_check(signed(exp=10**9)).output
    assert cart_check(signed(exp=10**10)).exit_code == 0


@pytest.mark.parametrize("at", ["2026-11-21T11:00:00+01:00", "2026-11-21T10:00"])
def test_a_time_without_an_offset_is_utc(cart_check: Run, at: str) -> None:
    ends = signed(exp=int((AT + timedelta(seconds=1)).timestamp()))
    assert cart_check(ends, "--at", at).exit_code == 0
    assert cart_check(ends, "--at", at.replace("11-21", "11-22")).exit_code == 1
    assert cart_check(ends, "--at", "tomorrow").exit_code == 2


def test_keys_that_cannot_be_used_are_named(cart_check: Run) -> None:
    for keys in ("no JSON", '{"keys": [{"kty": "oct", "kid": "a", "k": "c2hvcnQ"}]}', "[]", "{}"):
        done = cart_check("x", CART_KEYS=keys)
        assert (done.exit_code, done.output[:17]) == (2, "Error: CART_KEYS:")


def test_a_setting_that_is_misspelt_is_named(cart_check: Run) -> None:
    done = cart_check(GOOD[3]["token"], *NOW, PRIMARY_TOKN="x")
    assert done.exit_code == 2
    assert "PRIMARY_TOKN is not a setting of PRIMARY_KIND=http. Did you mean PRIMARY_TOKEN?" in done.output
