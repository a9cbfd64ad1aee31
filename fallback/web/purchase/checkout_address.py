"""The fields of an address, as people of its country know them: which, in which order, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fallback.domain.checkout.address_formats import ANYWHERE, AddressFormat, Fault, format_of
from fallback.domain.order.order import Address
from fallback.web.http.voice import N_, Voice

LABELS = {
    "company": N_("Company"),
    "line1": N_("Street and house number"),
    "line2": N_("Apartment, floor, company"),
    "name": N_("Recipient, if not you"),
}
BESIDE_A_COMPANY = LABELS | {"line2": N_("Apartment, floor")}
# By the words of libaddressinput.
POSTCODES = {
    "postcode": (N_("Postcode"), N_("Enter a postcode"), N_("Check the postcode")),
    "postal": (N_("Postal code"), N_("Enter a postal code"), N_("Check the postal code")),
    "zip": (N_("ZIP code"), N_("Enter a ZIP code"), N_("Check the ZIP code")),
    "eircode": (N_("Eircode"), N_("Enter an Eircode"), N_("Check the Eircode")),
    "pin": (N_("PIN code"), N_("Enter a PIN code"), N_("Check the PIN code")),
}
# Where people say postcode, and the data does not.
SAY_POSTCODE = frozenset({"AU", "BM", "FK", "GB", "GG", "GI", "IM", "IO", "JE", "NZ", "SH", "TC"})
REGIONS = {
    "": N_("State or region"),
    "area": N_("Area"),
    "county": N_("County"),
    "department": N_("Department"),
    "district": N_("District"),
    "do_si": N_("Province or city (do/si)"),
    "emirate": N_("Emirate"),
    "island": N_("Island"),
    "oblast": N_("Oblast"),
    "parish": N_("Parish"),
    "prefecture": N_("Prefecture"),
    "province": N_("Province"),
    "state": N_("State"),
}
TOWNS = {
    "city": N_("City"),
    "district": N_("District"),
    "post_town": N_("Town or city"),
    "suburb": N_("Suburb"),
}
TOO_LONG = {
    "line1": N_("Enter a street and house number"),
    "line2": N_("Enter a shorter second address line"),
    "city": N_("Enter a town or city"),
    "region": N_("Enter a shorter region"),
    "name": N_("Enter a shorter name"),
    "company": N_("Enter a shorter company name"),
}
NO_REGION, OTHER_REGION = N_("Enter a state or region"), N_("Select a state or region")
AUTOFILL = {
    "company": "organization",
    "line1": "address-line1",
    "line2": "address-line2",
    "city": "address-level2",
    "region": "address-level1",
    "postal_code": "postal-code",
    "name": "name",
}
GROUPS = ("shipping_address", "billing_address")
LONGEST = {"line1": 200, "line2": 200, "postal_code": 20}


@dataclass(frozen=True)
class FieldRow:
    """`needed`: not marked as optional. `required`: the browser insists; only on what every country has, because
    without JavaScript another country may be chosen. address.js insists on all that is needed.

    `attributes`: further ones of the field in HTML. `choices`: codes and names, empty for a text field.
    """

    name: str
    label: str
    hint: str
    needed: bool
    required: bool
    choices: list[tuple[str, str]]
    attributes: dict[str, str | int]


@dataclass(frozen=True)
class AddressRows:
    """`always`: the browser insists on an address, also without JavaScript. `unused`: what was typed into fields that
    this country does not have; it is kept for another country."""

    group: str
    autofill: str
    always: bool
    countries: list[tuple[str, str]]
    rows: list[list[FieldRow]]
    unused: list[tuple[str, str]]


def known(country: str) -> AddressFormat:
    return format_of(country) or ANYWHERE


def rows_of(there: AddressFormat, *, company: bool) -> list[list[str]]:
    """The street first, and the recipient, whom few name, last."""
    below = [[name for name in row if name in ("postal_code", "city", "region")] for row in there.rows]
    return [*([["company"]] if company else []), ["line1"], ["line2"], *filter(None, below), ["name"]]


def parts_of(values: Mapping[str, str], group: str = "shipping_address") -> dict[str, str | None]:
    """The address in these fields, without those that its country does not have."""
    shown = {name for row in rows_of(known(values[f"{group}.country"]), company=True) for name in row}
    return {name: values[f"{group}.{name}"] or None for name in ("country", *AUTOFILL) if name in shown | {"country"}}


def fields_of(address: Address, group: str = "shipping_address") -> dict[str, str]:
    """The fields for this address. A town that only repeats the region was not typed (address_formats.py)."""
    values = {f"{group}.{name}": getattr(address, name) or "" for name in ("country", *AUTOFILL)}
    if "city" not in known(address.country).required and address.city == address.region:
        values[f"{group}.city"] = ""
    return values


def in_order(values: Mapping[str, str]) -> list[str]:
    """The names of these fields as they stand on the page: an address has the order of its country."""
    names = list(values)
    for group in GROUPS:
        if f"{group}.country" in values:
            shown = [name for row in rows_of(known(values[f"{group}.country"]), company=True) for name in row]
            address = iter(["country", *shown, *(name for name in AUTOFILL if name not in shown)])
            names = [f"{group}.{next(address)}" if name.startswith(f"{group}.") else name for name in names]
    return names


def address_rows(
    values: Mapping[str, str],
    errors: Mapping[str, str],
    voice: Voice,
    group: str = "shipping_address",
    goes_to: Collection[str] | None = None,
    *,
    always: bool = True,
    company: bool = False,
) -> AddressRows:
    """`goes_to`: the countries to choose from; None: all. `always`: no delivery does without an address. `company`: it
    is asked for."""
    there = known(values[f"{group}.country"])
    rows = rows_of(there, company=company or bool(values[f"{group}.company"]))
    shown = {name for row in rows for name in row}
    return AddressRows(
        group=group,
        autofill=group.partition("_")[0],
        countries=[(code, name) for code, name in voice.countries() if goes_to is None or code in goes_to],
        always=always,
        rows=[[_field(name, group, there, errors, _labels(there, shown), voice) for name in row] for row in rows],
        unused=[(f"{group}.{name}", values[f"{group}.{name}"]) for name in AUTOFILL if name not in shown],
    )


def _field(
    name: str,
    group: str,
    there: AddressFormat,
    errors: Mapping[str, str],
    labels: Mapping[str, str],
    voice: Voice,
) -> FieldRow:
    full = f"{group}.{name}"
    attributes: dict[str, str | int] = {
        "autocomplete": f"{group.partition('_')[0]} {AUTOFILL[name]}",
        "maxlength": LONGEST.get(name, 120),
    }
    hint = ""
    if name == "postal_code":
        attributes |= {"autocapitalize": "characters", "spellcheck": "false"}
        if there.examples and all(sign.isdigit() or not sign.isalnum() for each in there.examples for sign in each):
            attributes["inputmode"] = "numeric"
        if there.examples and full in errors:
            hint = voice.say(N_("For example: %(postcode)s"), postcode=there.examples[0])
    needed = name in there.required
    if needed:
        attributes["data-needed"] = ""
    choices = [(each.code, each.name) for each in sorted(there.regions, key=lambda each: each.name)]
    return FieldRow(
        name=full,
        label=voice.say(labels[name]),
        hint=hint,
        needed=needed,
        required=name == "line1",
        choices=choices if name == "region" else [],
        attributes=attributes,
    )


def _labels(there: AddressFormat, shown: Collection[str]) -> dict[str, str]:
    return (BESIDE_A_COMPANY if "company" in shown else LABELS) | {
        "postal_code": POSTCODES[_postcode_kind(there)][0],
        "region": REGIONS[there.kinds["region"]],
        "city": TOWNS[there.kinds["city"]],
    }


def _postcode_kind(there: AddressFormat) -> str:
    return "postcode" if there.country in SAY_POSTCODE else there.kinds["postal_code"]


def error_of(name: str, fault: Fault, country: str) -> str:
    """What is to be done about a part of an address."""
    there = known(country)
    if name == "postal_code":
        _, missing, unknown = POSTCODES[_postcode_kind(there)]
        return missing if fault is Fault.MISSING else unknown
    if name == "region":
        return OTHER_REGION if there.regions else NO_REGION
    return TOO_LONG[name]
