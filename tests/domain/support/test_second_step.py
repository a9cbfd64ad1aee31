"""Codes of an authenticator app (RFC 6238), and the recovery codes that replace it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from fallback.domain.support import second_step
from fallback.domain.support.accounts import Account, Role
from tests.builders import NOW
from tests.refusals import refused

SECRET = pyotp.random_base32()
STEP = timedelta(seconds=30)


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


def test_the_code_is_that_of_the_rfc() -> None:
    """RFC 6238, appendix B, with SHA-1: 94287082 at 59 seconds, of which six digits are shown."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert second_step.step_of("287082", secret, datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize("ago", [-1, 0, 1])
def test_a_code_is_right_one_step_around_its_own(ago: int) -> None:
    code = code_at(NOW - ago * STEP)
    assert second_step.step_of(code, SECRET, NOW) == int(NOW.timestamp()) // 30 - ago
    assert second_step.step_of(f" {code[:3]} {code[3:]} ", SECRET, NOW) is not None


OTHERS = ["", "12345", "abcdef", "٠١٢٣٤٥", code_at(NOW - 2 * STEP), code_at(NOW + 2 * STEP)]


# The secret is drawn, so the codes cannot be the names.
@pytest.mark.parametrize("code", OTHERS, ids=["none", "short", "letters", "other digits", "two steps late", "early"])
def test_no_other_is(code: str) -> None:
    assert second_step.step_of(code, SECRET, NOW) is None


def test_an_app_reads_whose_code_it_is() -> None:
    uri = second_step.address(SECRET, "Mara O'Neil", "Harbour Books")
    assert uri.startswith("otpauth://totp/Harbour%20Books:Mara%20O%27Neil?")
    assert pyotp.parse_uri(uri).secret == SECRET


def test_a_recovery_code_is_good_once_however_it_is_typed() -> None:
    codes = second_step.new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[2-9a-hj-km-np-z]{5}-[2-9a-hj-km-np-z]{5}", code) for code in codes)
    account = Account("Mara", Role.AGENT, totp=SECRET, recovery=tuple(map(second_step.digest, codes)))
    after = second_step.without_code(account, codes[3].upper().replace("-", " "))
    assert len(after.recovery) == 9
    with refused("code", "wrong_code", "This is no recovery code of the account, or it was used before."):
        second_step.without_code(after, codes[3])


def test_recovery_codes_that_were_handed_out_stay_good_in_every_release() -> None:
    """Digests are stored: of the letters and digits in lower case, without the hyphen."""
    assert second_step.digest("ABCDE-23456") == "3f3ca7d0c3da794e94f9b663af89ec93566b1ec3bb117818eacf40187a0e54ab"


def test_who_lost_the_app_and_the_codes_signs_in_without_the_second_step() -> None:
    account = Account("Mara", Role.AGENT, totp=SECRET, recovery=("digest",))
    assert second_step.turned_off(account) == Account("Mara", Role.AGENT)


def test_an_empty_code_is_none() -> None:
    with pytest.raises(Exception, match="no recovery code"):
        second_step.without_code(Account("Mara", Role.AGENT, totp=SECRET), "")
