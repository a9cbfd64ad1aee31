from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from fallback.domain.checkout.cart_token import LEEWAY_SECONDS, MOST_CHARACTERS, CartTokens
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import MOST_LINES, Cart, Destination, Discount, Tax, Totals
from fallback.domain.order.signed_in import SavedAddress, SignedIn
from tests.builders import NOW, a_cart

Key = OctKey | ECKey | OKPKey | RSAKey
SECRET = OctKey.generate_key(256, {"kid": "shared", "alg": "HS256"})
CURVE = ECKey.generate_key("P-256", {"kid": "curve", "alg": "ES256"})
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "edwards", "alg": "Ed25519"})
JWKS = {"keys": [SECRET.as_dict(), CURVE.as_dict(private=False), EDWARDS.as_dict(private=False)]}
TOKENS = CartTokens(JWKS, "demo-shop")


def claims(**changes: Any) -> dict[str, Any]:
    """Those of the builders' cart, good for a day."""
    cart = msgspec.to_builtins(a_cart())
    times = {"iat": int(NOW.timestamp()), "exp": int((NOW + timedelta(days=1)).timestamp())}
    return {"iss": cart.pop("shop"), "aud": "fallback-checkout", **times, **cart, **changes}


def signed(payload: dict[str, Any] | bytes, key: Key = SECRET, **header: Any) -> str:
    protected = {"alg": key.alg, "kid": key.kid} | header
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    registry = jws.JWSRegistry(strict_check_header=False, algorithms=[protected["alg"]])
    return jws.serialize_compact(protected, body, key, registry=registry)


def segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


SAID = {
    "cart_forged": (
        "The signature of this cart does not match.",
        "This is not a cart that the shop signed.",
        "The key that signed this cart is unknown.",
    ),
    "cart_unreadable": ("The cart does not have the agreed format: ",),
    "cart_foreign": ("This cart belongs to another shop.",),
    "cart_expired": ("The prices in this cart have expired. Please open your basket again.",),
    "totals_do_not_add_up": ("The prices in this cart do not add up.",),
}


def refusal(token: str, now: Any = NOW) -> str:
    with pytest.raises(Invalid) as refused:
        TOKENS.read(token, now)
    assert refused.value.field == "cart_token"
    assert refused.value.detail.startswith(SAID[refused.value.code])
    return refused.value.code


def outcome(token: str) -> Cart | str:
    """The cart, or the code of the refusal; anything else is raised."""
    try:
        return TOKENS.read(token, NOW)
    except Invalid as refused:
        return refused.code


@pytest.mark.parametrize("key", [SECRET, CURVE, EDWARDS], ids=lambda key: key.alg)
def test_a_cart_that_the_shop_signed_is_read(key: Key) -> None:
    assert CartTokens(JWKS, "demo-shop").read(signed(claims(), key), NOW) == a_cart()


@pytest.mark.parametrize(
    "more",
    [
        {"destinations": (Destination(("AT", "US-IL"), Tax(False, 63), Totals(2598, 0, 63, 2661)),)},
        {"asks_for": ("company", "vat_id")},
        {"customer": SignedIn("7", "iris@example.org", addresses=(SavedAddress("1 Quay", "GB"),))},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_a_shop_may_add_to_a_cart_is_read(more: dict[str, Any]) -> None:
    assert TOKENS.read(signed(claims(**msgspec.to_builtins(more))), NOW) == a_cart(**more)


def test_the_discounts_of_a_cart_are_read() -> None:
    less = a_cart(discounts=(Discount("Spring", 98),), totals=Totals(2598, 98, 319, 2500))
    signed_for = msgspec.to_builtins(less)
    assert TOKENS.read(signed(claims(discounts=signed_for["discounts"], totals=signed_for["totals"])), NOW) == less


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 1299), ("KWD", 12_990)])
def test_currencies_without_decimals_and_with_three_are_read_as_they_are(currency: str, amount: int) -> None:
    line = {"sku": "BK-1", "title": "A book", "quantity": 1, "unit_price": amount}
    totals = {"goods": amount, "discount": 0, "tax": 0, "total": amount}
    tax = {"included": True, "amount": 0}
    cart = TOKENS.read(signed(claims(currency=currency, lines=[line], totals=totals, tax=tax)), NOW)
    assert (cart.currency, cart.totals.total) == (currency, amount)


def test_a_cart_of_as_many_lines_as_there_may_be_is_read() -> None:
    line = {"title": "A title of some length, as they are in shops", "quantity": 1, "unit_price": 100}
    lines = [line | {"sku": f"BK-{place}", "picture": f"/media/covers/{place}.svg"} for place in range(MOST_LINES)]
    totals = {"goods": 100 * MOST_LINES, "discount": 0, "tax": 0, "total": 100 * MOST_LINES}
    token = signed(claims(lines=lines, totals=totals, tax={"included": True, "amount": 0}))
    assert 65_536 < len(token) < MOST_CHARACTERS
    assert len(TOKENS.read(token, NOW).lines) == 500


def test_a_token_as_long_as_a_request_may_have_it_is_read() -> None:
    around = len(signed(claims(note="")))
    token = signed(claims(note="x" * ((MOST_CHARACTERS - around) * 3 // 4 - 2)))
    assert MOST_CHARACTERS - 10 < len(token) <= MOST_CHARACTERS
    assert TOKENS.read(token, NOW) == a_cart()


# --- forged


def test_a_signature_by_another_key_is_forged() -> None:
    stranger = OctKey.generate_key(256, {"kid": "shared", "alg": "HS256"})
    assert refusal(signed(claims(), stranger)) == "cart_forged"


def test_a_changed_price_is_forged() -> None:
    header, payload, signature = signed(claims()).split(".")
    cheaper = segment(claims(totals={"goods": 1, "discount": 0, "tax": 0, "total": 1}))
    assert payload != cheaper
    assert refusal(f"{header}.{cheaper}.{signature}") == "cart_forged"


@pytest.mark.parametrize("kid", ["stranger", "", None, 1, 1.5, True, ["shared"], {"kid": "shared"}], ids=repr)
def test_a_key_that_is_not_known_is_forged(kid: Any) -> None:
    token = f"{segment({'alg': 'HS256', 'kid': kid})}.{segment(claims())}.{segment(b'0' * 32)}"
    assert refusal(token) == "cart_forged"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_no_algorithm_is_forged(algorithm: str) -> None:
    token = f"{segment({'alg': algorithm, 'kid': 'shared'})}.{segment(claims())}."
    assert refusal(token) == "cart_forged"


@pytest.mark.parametrize("public", [CURVE, EDWARDS], ids=lambda key: key.alg)
def test_a_public_key_is_no_shared_secret(public: Key) -> None:
    """Algorithm confusion: HS256 with what everybody knows of the public key, under the public key's id."""
    for secret in (public.as_pem(private=False), json.dumps(public.as_dict(private=False)).encode()):
        text = f"{segment({'alg': 'HS256', 'kid': public.kid})}.{segment(claims())}"
        signature = hmac.digest(secret, text.encode(), "sha256")
        assert refusal(f"{text}.{segment(signature)}") == "cart_forged"


@pytest.mark.parametrize(
    "algorithm", ["HS384", "HS512", "ES256", "Ed25519", "EdDSA", "RS256", "", None, 7, ["HS256"]], ids=repr
)
def test_a_key_serves_its_own_algorithm_only(algorithm: Any) -> None:
    token = f"{segment({'alg': algorithm, 'kid': 'shared'})}.{segment(claims())}.{segment(b'0' * 64)}"
    assert refusal(token) == "cart_forged"


def test_the_right_secret_under_another_algorithm_is_forged() -> None:
    assert (
        refusal(signed(claims(), OctKey.import_key(SECRET.raw_value, {"kid": "shared"}), alg="HS512")) == "cart_forged"
    )


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"crit": ["exp"], "exp": 1}, id="critical, and not understood"),
        pytest.param({"crit": "exp"}, id="no list"),
        pytest.param({"b64": False, "crit": ["b64"]}, id="payload as it is (RFC 7797)"),
        pytest.param({"jwk": SECRET.as_dict()}, id="brings its own key"),
        pytest.param({"jku": "https://attacker.example/keys"}, id="names a place of keys"),
    ],
)
def test_a_header_that_we_do_not_follow_opens_no_cart_whoever_signed_it(header: dict[str, Any]) -> None:
    for key in (SECRET, OctKey.generate_key(256, {"kid": "shared", "alg": "HS256"})):
        protected = segment({"alg": "HS256", "kid": "shared"} | header)
        text = f"{protected}.{segment(claims())}"
        token = f"{text}.{segment(hmac.digest(key.raw_value, text.encode(), 'sha256'))}"
        assert refusal(token) == "cart_forged"


@pytest.mark.parametrize(
    "header", [[], ["alg"], "alg", 1, None, {}, {"kid": "shared"}, b"\xff", b"{", b"[" * 300], ids=repr
)
def test_a_header_of_another_form_is_forged(header: Any) -> None:
    assert refusal(f"{segment(header)}.{segment(claims())}.{segment(b'0' * 32)}") == "cart_forged"


@given(st.one_of(st.text(), st.text("ab.=-_{}\ud800é"), st.binary().map(lambda raw: raw.decode("latin-1"))))
def test_garbage_is_forged(token: str) -> None:
    assert refusal(token) == "cart_forged"


def test_a_huge_token_is_forged() -> None:
    assert refusal(signed(claims()) + "A" * 1_000_000) == "cart_forged"
    assert refusal("." * 1_000_000) == "cart_forged"


@given(st.data())
def test_a_token_with_one_changed_character_is_forged_or_says_the_same(data: st.DataObject) -> None:
    """The last character of a segment carries bits that stand for nothing: those may differ."""
    token = signed(claims())
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(max_codepoint=0x17F))
    changed = token[:place] + other + token[place + 1 :]
    assert outcome(changed) in (a_cart(), "cart_forged")


# --- foreign, expired, wrong


@pytest.mark.parametrize(
    "claim", [{"iss": "another-shop"}, {"aud": "another-checkout"}, {"aud": "not-fallback-checkout"}], ids=repr
)
def test_a_cart_token_from_another_shop_or_for_another_audience_is_foreign(claim: dict[str, Any]) -> None:
    assert refusal(signed(claims(**claim))) == "cart_foreign"


def test_a_cart_expires_with_a_little_leeway_for_the_clocks() -> None:
    token = signed(claims(exp=int(NOW.timestamp())))
    leeway = timedelta(seconds=LEEWAY_SECONDS)
    assert TOKENS.read(token, NOW + leeway) == a_cart()
    assert refusal(token, NOW + leeway + timedelta(seconds=1)) == "cart_expired"


def test_a_cart_that_was_signed_by_a_clock_ahead_of_ours_is_taken() -> None:
    """When it was signed decides nothing; when it ends does."""
    assert TOKENS.read(signed(claims(iat=int(NOW.timestamp()) + 3600)), NOW) == a_cart()


def test_totals_that_do_not_add_up_are_named() -> None:
    wrong = {"goods": 2598, "discount": 0, "tax": 319, "total": 2597}
    assert refusal(signed(claims(totals=wrong))) == "totals_do_not_add_up"


WRONG_FORMS: list[dict[str, Any]] = [
    {"exp": None},
    {"exp": "tomorrow"},
    {"cart_id": ""},
    {"cart_id": 17},
    {"cart_id": "\ud800"},
    {"cart_id": "x" * 201},
    {"aud": [1]},
    {"currency": "eur"},
    {"currency": "EUR\n"},
    {"currency": "EURO"},
    {"lines": []},
    {"lines": None},
    {"lines": {}},
    {"lines": [{"sku": "BK-1"}]},
    {"lines": [{"sku": "BK-1", "title": "A book", "quantity": 0, "unit_price": 1}]},
    {"lines": [{"sku": "BK-1", "title": "A book", "quantity": 1, "unit_price": -1}]},
    {"lines": [{"sku": "BK-1", "title": "A book", "quantity": 1.5, "unit_price": 1}]},
    {"lines": [{"sku": "BK-1", "title": "\udfff", "quantity": 1, "unit_price": 1}]},
    {"lines": [{"sku": "BK-1", "title": "A book", "quantity": 1, "unit_price": 1}] * 501},
    {"delivery": []},
    {"tax": {"included": "yes", "amount": 1}},
    {"totals": {"goods": -1, "discount": 0, "tax": 0, "total": -1}},
    {"totals": {"goods": 10**400, "discount": 0, "tax": 0, "total": 10**400}},
    {
        "delivery": [
            {
                "id": "courier",
                "title": "Courier",
                "price": 1,
                "slots": [{"id": "am", "starts": "2026-11-23T08:00:00", "ends": "2026-11-23T12:00:00"}],
            }
        ]
    },
    {
        "delivery": [
            {
                "id": "courier",
                "title": "Courier",
                "price": 1,
                "slots": [{"id": "any", "starts": "2026-11-23T08:00:00Z", "ends": "9999-12-31T23:59:59Z"}],
            }
        ]
    },
]


@pytest.mark.parametrize("wrong", WRONG_FORMS, ids=lambda wrong: repr(wrong)[:60])
def test_a_signed_cart_of_another_form_is_unreadable(wrong: dict[str, Any]) -> None:
    assert refusal(signed(claims(**wrong))) == "cart_unreadable"


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{", b"\xff", b'{"iss":"\xed\xa0\x80"}', b'{"a":' * 10_000])
def test_a_signed_payload_that_is_no_cart_is_unreadable(payload: bytes) -> None:
    assert refusal(signed(payload)) == "cart_unreadable"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(sorted(claims())), json_values, min_size=1))
def test_unusual_claims_raise_no_error_but_invalid(odd: dict[str, Any]) -> None:
    assert isinstance(outcome(signed(claims(**odd))), Cart | str)
