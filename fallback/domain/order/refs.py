"""The ref of an order, its only id everywhere: `FB-7K3M-92QX-5`.

Eight random characters of Crockford's Base32 (40 bits, no I L O U) and a check character, which detects every single
wrong character and every swap of two. Refs are read out on the phone, so parsing accepts lower case, spaces and letters
that look like digits (https://www.crockford.com/base32.html). A ref identifies an order and is no secret; a signed link
opens it.
"""

from __future__ import annotations

import re
from ssl import RAND_bytes

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
# The characters of a group, and how many of them are enough for a search.
GROUP = 4
LEAST_PART = 3
_PART = re.compile(f"[{ALPHABET}]{{{LEAST_PART},{2 * GROUP + 1}}}")
# Phones and word processors write dashes of their own; pages that run right to left have marks around a ref.
_GAPS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200e\u200f\u2066-\u2069]")
_SHAPE = re.compile(f"FB([{ALPHABET}]{{9}})")


def new_ref() -> str:
    bits = int.from_bytes(RAND_bytes(5), "big")
    body = "".join(ALPHABET[(bits >> shift) & 31] for shift in range(35, -1, -5))
    return f"FB-{body[:4]}-{body[4:]}-{_check(body)}"


def parse_ref(text: str) -> str | None:
    """The canonical ref from what a person typed; None if it cannot be one."""
    compact = _GAPS.sub("", text.upper())
    match = _SHAPE.fullmatch(compact[:2] + compact[2:].translate(_LOOKALIKES))
    if not match or _check(match[1][:8]) != match[1][8]:
        return None
    body = match[1]
    return f"FB-{body[:4]}-{body[4:8]}-{body[8]}"


def parse_parts(text: str) -> tuple[str, ...]:
    """What was read out, if it can be a part of a ref: at least three characters from the start of a group.

    An 'FB' at its start is the one of every ref, or the beginning of a group.
    """
    compact = _GAPS.sub("", text.upper())
    read = [compact.removeprefix("FB"), compact] if compact.startswith("FB") else [compact]
    return tuple(letters for each in read if _PART.fullmatch(letters := each.translate(_LOOKALIKES)))


def groups(ref: str) -> tuple[str, str]:
    """The characters of a ref from its first group on, and from its second."""
    body = ref[3:].replace("-", "")
    return body, body[GROUP:]


def _check(body: str) -> str:
    """The sum of the characters, each weighted by another power of 2, in the field of 32 elements.

    All weights differ and none is zero, so neither one wrong character nor a swap of two leaves the sum unchanged; sums
    modulo 32 cannot detect every swap.
    """
    total = 0
    for letter in body:
        total = _DOUBLED[total ^ _VALUE[letter]]
    return ALPHABET[total]


def _doubled(element: int) -> int:
    shifted = element << 1
    return shifted ^ 0b100101 if shifted & 32 else shifted  # modulo x⁵ + x² + 1, of which 2 is a primitive root


_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_DOUBLED = [_doubled(element) for element in range(32)]
