"""ops/docs/reference/cart-token.md says what the code does: its tables and figures are taken from there."""

from __future__ import annotations

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect
from msgspec.inspect import Field

from fallback.domain.checkout import cart_token
from fallback.domain.checkout.cart_keys import ALGORITHMS, DRILL
from fallback.domain.checkout.cart_token import (
    AUDIENCE,
    CART_COOKIE,
    LEEWAY_SECONDS,
    CartTokens,
    Claims,
)
from fallback.domain.checkout.pushed_carts import LONGEST_LIFE, short_form
from fallback.domain.checkout.requests import PlaceOrder
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import MOST_OPTIONS, MOST_SLOTS
from fallback.ledger.checkout.pushed_carts import MOST_BYTES
from fallback.web.api.carts import PUSHES_PER_MINUTE
from fallback.web.http.problem_codes import CODES
from tests.cart_token.signers import PUSH_ABOVE, SIGNERS
from tests.cart_token.vectors import AT, BAD, GOOD, TOKENS, VECTORS
from tests.domain.checkout.test_cart_token import segment
from tests.web.world import a_config, signed

PAGE = (Path(__file__).parents[2] / "ops/docs/reference/cart-token.md").read_text()
WORDS = {
    inspect.StrType: "text",
    inspect.IntType: "whole number",
    inspect.FloatType: "number",
    inspect.BoolType: "true or false",
    inspect.DateTimeType: "time with offset",
    inspect.VarTupleType: "list",
    inspect.StructType: "object",
}


def claims(fields: tuple[Field, ...], before: str = "") -> Iterator[tuple[str, ...]]:
    """Each as the page's table has it: name, type, required, limits."""
    for field in fields:
        name = before + field.encode_name
        kinds = parts(field.type)
        yield f"`{name}`", in_words(kinds), "yes" if field.required else "no", limits(kinds[0])
        inner = kinds[0].item_type if isinstance(kinds[0], inspect.VarTupleType) else kinds[0]
        if isinstance(inner, inspect.StructType):
            yield from claims(inner.fields, f"{name}[]." if inner is not kinds[0] else f"{name}.")


def parts(kind: inspect.Type) -> list[inspect.Type]:
    """Of a union, without None."""
    types = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return [each for each in types if not isinstance(each, inspect.NoneType)]


def in_words(kinds: list[inspect.Type]) -> str:
    words = [WORDS[type(kind)] for kind in kinds]
    if words == ["text", "list"]:
        return "text or list of texts"
    return "number" if words == ["whole number", "number"] else words[0]


def limits(kind: inspect.Type) -> str:
    match kind:
        case inspect.StrType(pattern="^[A-Z]{2}$"):
            return "two capital letters"
        case inspect.StrType(pattern="^[A-Z]{3}$"):
            return "three capital letters"
        case inspect.StrType(min_length=least, max_length=most):
            return span(least, most, " characters")
        case inspect.IntType(ge=least, le=most):
            return span(least, most, "")
        case inspect.VarTupleType(min_length=least, max_length=most):
            return span(least, most, " entries")
    return ""


def span(least: int | None, most: int | None, unit: str) -> str:
    if most is None:
        return ""
    return f"{least:,} to {most:,}{unit}" if least is not None else f"at most {most:,}{unit}"


def table(heading: str) -> list[tuple[str, ...]]:
    """Under this heading; the page's title for the first one."""
    section = re.split(r"(?m)^## ", re.split(rf"(?m)^##? {heading}\n", PAGE)[1])[0]
    rows = [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in section.splitlines() if line[:1] == "|"]
    return rows[2:]


def test_the_table_has_every_claim_with_its_type_and_limits() -> None:
    fields = inspect.type_info(Claims)
    assert isinstance(fields, inspect.StructType)
    assert [row[:4] for row in table("Claims")] == list(claims(fields.fields))


def test_the_keys_are_those_that_are_taken() -> None:
    assert {row[0].strip("`") for row in table("Header and keys")} == ALGORITHMS


def test_a_cookie_has_room_for_as_many_lines_as_is_said() -> None:
    assert "about 20\nlines with titles of 40 characters and six delivery times" in PAGE
    slot = {"id": "2026-11-23-am", "starts": "2026-11-23T09:00:00+01:00", "ends": "2026-11-23T13:00:00+01:00"}
    line = GOOD[0]["claims"]["lines"][0] | {"title": "x" * 40}
    claims = GOOD[0]["claims"] | {
        "delivery": [{"id": "courier", "title": "Courier", "price": 790, "slots": [slot] * 6}]
    }
    sizes = [len(CART_COOKIE) + len(signed(claims | {"lines": [line] * lines})) for lines in (18, 24)]
    assert sizes[0] < cart_token.COOKIE_BYTES < sizes[1]


def test_a_secret_is_as_long_as_is_said() -> None:
    assert "fewer than 14 stop the start" in PAGE
    for length, stops in ((13, True), (14, False)):
        key = {"kty": "oct", "kid": "a", "alg": "HS256", "k": urlsafe_b64encode(b"x" * length).decode().rstrip("=")}
        with pytest.raises(ValueError, match="112 bits") if stops else nullcontext():
            CartTokens({"keys": [key]}, "demo-shop")


@pytest.mark.parametrize("named", ["jwk", "jku", "x5c", "crit"])
def test_a_header_that_the_page_forbids_is_refused(named: str) -> None:
    assert f"`{named}`" in PAGE
    [key] = [key for key in VECTORS["keys"]["keys"] if key["alg"] == "HS256"]
    values = {"jwk": key, "jku": "https://x.example", "x5c": ["MA=="], "crit": ["exp"]}
    assert TOKENS.read(signed(GOOD[0]["claims"], key), AT)
    text = f"{segment({'alg': 'HS256', 'kid': key['kid'], named: values[named]})}.{segment(GOOD[0]['claims'])}"
    token = f"{text}.{segment(hmac.digest(urlsafe_b64decode(key['k'] + '=='), text.encode(), 'sha256'))}"
    with pytest.raises(Invalid) as refused:
        TOKENS.read(token, AT)
    assert refused.value.code == "cart_forged"


def test_the_signers_sign_with_what_is_said() -> None:
    listed = {
        re.findall(r"\[(.+?)\]", row[0])[0]: set(re.findall(r"`(\w+)`", row[1])) for row in table("The cart token")
    }
    assert listed == {signer.file: signer.algorithms for signer in SIGNERS}


def test_the_codes_are_those_of_the_api() -> None:
    codes = {code for row in table("What a refused token says") for code in re.findall(r"\w+", row[0])}
    signed = {code for code in CODES if code.startswith(("cart_", "totals_", "amount_"))}
    assert codes == signed - {"cart_missing", "cart_already_captured", "cart_outdated"}


def test_the_example_is_the_first_vector() -> None:
    examples = [json.loads(text) for text in re.findall(r"(?ms)^```json\n(.*?)^```", PAGE)]
    assert examples == [GOOD[0]["claims"]]
    assert msgspec.convert(examples[0], Claims).cart_id == "basket-17"


@pytest.mark.parametrize(
    "said",
    [
        f"`{AUDIENCE}`, alone or among others",
        f"as cookie `{CART_COOKIE}`",
        f"may differ by {LEEWAY_SECONDS} seconds",
        f"The `kid`\n`{DRILL}` is ours",
        f"keeps the first {MOST_OPTIONS}, with {MOST_SLOTS} times in all",
        f"at most {cart_token.MOST_CHARACTERS:,} characters",
        f"{LONGEST_LIFE.days} days at most. All carts together take {MOST_BYTES // 2**20} MB at most",
        f"pushed at most {PUSHES_PER_MINUTE} times a minute",
        f"longer than about {PUSH_ABOVE:,} characters",
        f"at most {a_config().fallback_cart_grace_hours} hours after its `exp`",
        f"a cookie of up to {cart_token.COOKIE_BYTES:,} bytes, name and value together",
    ],
)
def test_a_figure_is_the_codes_own(said: str) -> None:
    assert said in PAGE


def test_the_short_form_is_what_the_page_says() -> None:
    token = GOOD[0]["token"]
    cart_id, key = (urlsafe_b64decode(part + "==") for part in str(short_form("basket-17", token)).split("."))
    assert (cart_id.decode(), key) == ("basket-17", sha256(token.encode()).digest())
    assert f'"fallback_cart": "{str(short_form("basket-17", ""))[:12]}.' in PAGE


def test_a_request_may_have_a_token_of_that_size() -> None:
    [field] = [field for field in inspect.type_info(PlaceOrder).fields if field.name == "cart_token"]  # type: ignore[attr-defined]
    assert field.type.max_length == cart_token.MOST_CHARACTERS


def test_what_a_check_says_is_quoted_as_it_is() -> None:
    quoted = [" ".join(text.split()) for text in re.findall(r"`([^`]*\.)`", PAGE)]
    assert len(quoted) == 2
    assert set(quoted) <= {words for vector in BAD for words in vector["says"]}


def test_a_header_may_have_what_the_page_names() -> None:
    named = re.search(r"Besides `(\w+)` and `(\w+)` a header may have `(\w+)`\nand `(\w+)`, and nothing else", PAGE)
    assert named
    assert set(named.groups()) == cart_token.HEADERS.keys()
