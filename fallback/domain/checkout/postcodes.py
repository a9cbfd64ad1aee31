"""The countries where an address needs a postcode. Elsewhere there is none, or mail arrives without it.

The countries whose `require` names Z in libaddressinput (https://chromium-i18n.appspot.com/ssl-address), by ISO 3166-1.
"""

from __future__ import annotations

_TABLE = """
AS AT AU AX BE BL BR CA CH CN CZ DE DK EE ES FI FK FM FR GB GF GG GL GP GR
GS GU HU IM IN IO IT JE JP KR LI LT LU LV MF MH MP MQ MX MY NC NL NO NZ PF
PL PM PN PR PT PW RE RO RU SE SG SH SJ SK SM TC TR TW UA US VI WF YT ZA
"""
_NEEDED = frozenset(_TABLE.split())


def is_needed(country: str) -> bool:
    return country in _NEEDED
