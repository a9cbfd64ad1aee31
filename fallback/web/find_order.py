"""/orders/: who has lost the link to her order gets it by mail, at the address that she ordered with.

The answer is the same for every address, and is given before anybody has looked: it tells nobody who has ordered.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from msgspec import ValidationError, convert

from fallback.domain.refs import parse_ref
from fallback.domain.renewals import Asked
from fallback.domain.wishes import Email
from fallback.web.auth import Rule, allow, container
from fallback.web.limits import limited
from fallback.web.pages import page, visitor
from fallback.web.voice import N_

blueprint = Blueprint("find_order", __name__, url_prefix="/orders")

NOT_AN_ADDRESS = N_("Enter an e-mail address, like name@example.com")
NOT_A_REF = N_("Enter a number like FB-7K3M-92QX-5, or leave it empty")


class Typed:
    """What she typed, and what is wrong with it, by field."""

    def __init__(self, email: str = "", ref: str = "") -> None:
        self.values = {"email": email, "ref": ref}
        self.errors: dict[str, str] = {}
        if not _is_address(email):
            self.errors["email"] = NOT_AN_ADDRESS
        if ref and parse_ref(ref) is None:
            self.errors["ref"] = NOT_A_REF


def _is_address(text: str) -> bool:
    try:
        convert(text, Email)
    except ValidationError:
        return False
    return True


@blueprint.get("/")
@allow(Rule.PUBLIC)
def show() -> Response:
    form = Typed()
    form.errors.clear()
    return page("find_order.html", visitor(), form=form, sent=False)


@blueprint.post("/")
@limited(lambda _: 5)
@allow(Rule.PUBLIC)
def ask() -> Response:
    form = Typed(request.form.get("email", "").strip(), request.form.get("ref", "").strip())
    if form.errors:
        return page("find_order.html", visitor(), 400, form=form, sent=False)
    container().renewals.ask(Asked(form.values["email"], parse_ref(form.values["ref"]) or ""))
    return page("find_order.html", visitor(), form=form, sent=True)
