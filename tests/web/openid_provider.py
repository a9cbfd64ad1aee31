"""An OpenID Connect provider on this machine: discovery, keys, authorization, tokens. A test bends what it says."""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID = "fallback-console"
CLIENT_SECRET = "the-secret-that-the-provider-knows"


@cache
def a_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


class OpenIdProvider:
    """Whoever comes to it is signed in at once. `claims` is what it says of them; None leaves a claim out."""

    def __init__(self) -> None:
        self.key = a_key("first")
        self.signs_with = self.key
        self.header: dict[str, str] = {}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.answers_token: dict[str, Any] | None = None
        self.asked: dict[str, str] = {}
        self.redeemed: list[str] = []
        self.url = ""
        self._attempts: dict[str, dict[str, str]] = {}

    @property
    def discovery_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def document(self) -> Response:
        return jsonify(
            issuer=self.url,
            authorization_endpoint=f"{self.url}/authorize",
            token_endpoint=f"{self.url}/token",
            jwks_uri=f"{self.url}/keys",
            userinfo_endpoint=f"{self.url}/userinfo",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
        )

    def keys(self) -> Response:
        return jsonify(keys=[self.key.as_dict(private=False)])

    def authorize(self) -> Response:
        self.asked = request.args.to_dict()
        code = secrets.token_urlsafe(16)
        self._attempts[code] = self.asked
        return redirect(f"{self.asked['redirect_uri']}?{urlencode({'code': code, 'state': self.asked['state']})}")

    def token(self) -> Response:
        given = request.authorization
        attempt = self._attempts.pop(request.form["code"], None)
        if attempt is None or given is None or (given.username, given.password) != (CLIENT_ID, CLIENT_SECRET):
            abort(400)
        if attempt["redirect_uri"] != request.form["redirect_uri"]:
            abort(400)
        if attempt["code_challenge"] != _challenge(request.form["code_verifier"]):
            abort(400)
        self.redeemed.append(request.form["code"])
        if self.answers_token is not None:
            return jsonify(self.answers_token)
        return jsonify(access_token="an-access-token", token_type="Bearer", id_token=self.id_token(attempt["nonce"]))

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        said = {"iss": self.url, "aud": CLIENT_ID, "sub": "17", "iat": now, "exp": now + 300, "nonce": nonce}
        said |= {"email": "mara@example.org", "email_verified": True} | self.claims
        left = {name: value for name, value in said.items() if value is not None}
        header = {"alg": "RS256", "kid": "first"} | self.header
        return jwt.encode(header, left, self.signs_with, algorithms=[header["alg"]])

    def about(self) -> Response:
        assert request.headers["Authorization"] == "Bearer an-access-token"
        return jsonify(self.userinfo)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@contextmanager
def serving(provider: OpenIdProvider) -> Iterator[OpenIdProvider]:
    app = Flask("openid_provider")
    app.add_url_rule("/.well-known/openid-configuration", view_func=provider.document)
    app.add_url_rule("/keys", view_func=provider.keys)
    app.add_url_rule("/authorize", view_func=provider.authorize)
    app.add_url_rule("/token", view_func=provider.token, methods=["POST"])
    app.add_url_rule("/userinfo", view_func=provider.about)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider.url = f"http://127.0.0.1:{server.port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
