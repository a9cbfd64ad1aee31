"""Between the two steps of a sign-in: the session names the person whose password was right, and opens nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from flask import redirect, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.support.accounts import Account
from fallback.web.http.auth import container, leave

# Long enough to install an app and to scan the code.
HALF_OPEN_FOR = timedelta(minutes=15)


def is_needed(account: Account) -> bool:
    """Whether this account has to have a second step, by the settings."""
    return account.role in container().config.fallback_totp_roles


def begin(account: Account, wanted: str) -> AnyResponse:
    """After the right password: ask for the code, or for setting it up."""
    leave()
    session["half"] = [account.name, container().clock().timestamp(), wanted]
    session["typed"] = mark(account)
    return redirect(url_for("second_step.ask" if account.totp else "second_step.set_up"), 303)


def half_in() -> tuple[Account, str] | None:
    """Whose password was right a moment ago in this browser, and where they wanted to go."""
    name, since, wanted = session.get("half", ("", 0.0, ""))
    fresh = container().clock() - datetime.fromtimestamp(since, UTC) <= HALF_OPEN_FOR
    account = container().people.find(name) if name and fresh else None
    stands = account and not account.disabled and mark(account) == session.get("typed")
    return (account, wanted) if account and stands else None


def mark(account: Account) -> str:
    """Another one once the password is another: who knows only the one before goes no further."""
    return sha256((account.password or "").encode()).hexdigest()
