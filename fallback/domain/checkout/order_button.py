"""Where the button that places an order has to say that it obliges the customer to pay.

Else the customer is not bound by the contract or order:

- EU: Directive 2011/83/EU, art. 8(2): 'labelled in an easily legible manner only with the words "order with obligation
  to pay" or a corresponding unambiguous formulation'. In Germany, section 312j (3) of the BGB says 'zahlungspflichtig
  bestellen'. The directive has relevance for the EEA.
- United Kingdom: Consumer Contracts (Information, Cancellation and Additional Charges) Regulations 2013, reg. 14(4).

The buyer's country decides, wherever the shop is (Regulation (EC) 593/2008, art. 6).
"""

from __future__ import annotations

EU = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
# Parts of member states that have a code of their own in addresses.
EU_ELSEWHERE = frozenset(("AX", "GF", "GP", "MF", "MQ", "RE", "YT"))
EEA = frozenset(("IS", "LI", "NO"))

SAYS_OBLIGATION = EU | EU_ELSEWHERE | EEA | {"GB"}
