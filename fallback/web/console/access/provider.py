"""/console/sign-in/provider: sign-in by OpenID Connect, at any provider that has a discovery document.

Authorization code with PKCE, state and nonce: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth and
RFC 9700. A person is identified by their verified e-mail address. Every failure ends on the sign-in page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from flask import Blueprint, current_app, request, session, url_for
from joserfc.errors import JoseError
from msgspec.structs import replace
from requests import RequestException
from werkzeug.wrappers import Response as AnyResponse

from fallback.config import Config
from fallback.domain.errors import Invalid
from fallback.domain.support.accounts import Account, Role
from fallback.runtime.logs import get_logger
from fallback.web.console.access.sign_in import sign_in_page, welcomed
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.limits import limited
from fallback.web.http.problems import Problem
from fallback.web.http.voice import N_

if TYPE_CHECKING:
    from authlib.integrations.flask_client import FlaskOAuth2App

blueprint = Blueprint("provider", __name__, url_prefix="/console/sign-in/provider")
log = get_logger()

SECONDS = 5
# A person with several roles gets the one with the most permissions.
RANK = (Role.ADMIN, Role.LEAD, Role.ONCALL, Role.AGENT)
# A response that is not JSON, or violates the specification, raises one of the last four.
FAILURES = (AuthlibBaseError, JoseError, RequestException, ValueError, TypeError, KeyError, RuntimeError)

AWAY = N_("Your sign-in provider does not answer right now. Please try again in a moment.")
NOT_SIGNED_IN = N_("The sign-in was not completed. Please try again.")
NOT_VERIFIED = N_("Your e-mail address is not confirmed with your sign-in provider yet. Please confirm it first.")
NO_ACCOUNT = N_("You have no account here yet. Please contact your administrator.")


@blueprint.get("")
@limited(lambda _: 20)
@allow(Rule.PUBLIC)
def begin() -> AnyResponse:
    client = _client()
    session["next"] = request.args.get("next", "")
    try:
        answer: AnyResponse = client.authorize_redirect(f"{_scheme()}://{request.host}{url_for('.back')}")
    except FAILURES as error:
        return _refused(AWAY, 503, error)
    return answer


def _scheme() -> str:
    """The scheme that the browser uses: a proxy before us may terminate TLS. The host is one of TRUSTED_HOSTS."""
    return urlsplit(container().config.public_url).scheme


@blueprint.get("/back")
@limited(lambda _: 20)
@allow(Rule.PUBLIC)
def back() -> AnyResponse:
    try:
        claims = _claims(_client())
    except FAILURES as error:
        return _refused(NOT_SIGNED_IN, 403, error)
    # Anybody can write any address into their profile; only a verified one identifies them.
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        return _refused(NOT_VERIFIED, 403)
    try:
        account = _account(claims)
    except Invalid as error:
        return _refused(NO_ACCOUNT, 403, error)
    if account is None or account.disabled:
        return _refused(NO_ACCOUNT, 403)
    return welcomed(account.name, session.get("next", ""))


def _claims(client: FlaskOAuth2App) -> dict[str, Any]:
    """The claims of the signed token, which was issued to us and for this attempt. Raises ValueError otherwise."""
    expected = {"iss": {"essential": True, "value": client.load_server_metadata()["issuer"]}}
    expected["aud"] = {"essential": True, "value": client.client_id}
    token = client.authorize_access_token(claims_options=expected)
    claims: dict[str, Any] = token["userinfo"]
    if "email" in claims or "userinfo_endpoint" not in client.server_metadata:
        return claims
    asked: dict[str, Any] = client.userinfo(token=token)
    if asked.get("sub") != claims["sub"]:
        raise ValueError("the provider's response is about another person")
    return asked | claims


def _account(claims: dict[str, Any]) -> Account | None:
    """The account with this address. Where the provider names roles, it creates accounts and sets their roles.

    Raises Invalid if another account has the name that the new one would get.
    """
    people, email = container().people, claims["email"]
    account: Account | None = people.with_email(email)
    if account and not account.by_claim:
        return account
    role = _role(claims.get(container().config.fallback_oidc_role_claim))
    if role is None:
        return None
    if account is None:
        return people.add(Account(email.partition("@")[0], role, email=email, by_claim=True))
    return account if account.role == role else people.change(account.name, lambda kept: replace(kept, role=role))


def _role(claim: object) -> Role | None:
    named = claim if isinstance(claim, list) else [claim]
    return next((role for role in RANK if role in named), None)


def _refused(word: str, status: int, error: Exception | None = None) -> AnyResponse:
    log.info("sign_in_refused", way="provider", reason=type(error).__name__ if error else word)
    return sign_in_page(word, status, session.get("next", ""))


def _client() -> FlaskOAuth2App:
    """One client for the application, which caches the provider's metadata. Raises Problem if there is none."""
    config = container().config
    if not config.fallback_oidc_discovery_url:
        raise Problem(404, "not_found", "Sign-in by OpenID Connect is not set up.")
    return current_app.extensions.get("provider") or current_app.extensions.setdefault("provider", _build(config))


def _build(config: Config) -> FlaskOAuth2App:
    """Imported here, because most shops do not use it."""
    from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App

    return FlaskOAuth2App(
        FlaskIntegration("provider"),
        "provider",
        client_id=config.fallback_oidc_client_id,
        client_secret=config.fallback_oidc_client_secret,
        server_metadata_url=config.fallback_oidc_discovery_url,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "default_timeout": SECONDS},
    )
