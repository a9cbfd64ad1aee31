"""Errors answer one question: try again, or not.

`TryAgain`        nothing happened on the other side; the same call may be made again later.
`OutcomeUnknown`  the call may have had its effect; ask the other side before doing anything else.
`Refused`         the same call will never succeed; a person or another input is needed.
"""

from __future__ import annotations

# Seconds, where the other side does not say when it takes calls again, and where it says 'at once'.
UNTOLD, AT_LEAST = 3.0, 0.5


class FallbackError(Exception):
    """The root of all errors that this system raises itself."""


class TryAgain(FallbackError):
    """Nothing happened on the other side. `after`: its Retry-After in seconds, if it sent one."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class RateLimited(TryAgain):
    """The other side works, and its rate limit allows no further call for `after` seconds: nothing happened."""

    after: float

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason, UNTOLD if after is None else max(after, AT_LEAST))


class NotThrough(TryAgain):
    """A search stopped early; it continues after the entry `at`."""

    def __init__(self, reason: str, at: str, after: float | None = None) -> None:
        super().__init__(reason, after)
        self.at = at


class NotAuthorized(TryAgain):
    """The other side does not accept our credentials: a fault of the settings, not of the order and no outage."""


class TooLate(TryAgain):
    """The call was held back on our side: at the time at which it would have left, others may have settled it."""


class Unreadable(TryAgain):
    """One order cannot be read now; the ledger is there, and others do not wait for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, after=60)


class WrittenByNewer(Unreadable):
    """A newer release wrote it, and this one would misread it or lose a part of it: it is left to that release."""

    def __init__(self, what: str) -> None:
        super().__init__(f"a newer release wrote {what}; this process is older and must be replaced")


class Damaged(Unreadable):
    """What is stored of an order cannot be read. It waits until a person has restored it."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"the record of {ref} is damaged: fallback ledger verify says how")


class OutcomeUnknown(FallbackError):
    """The call was sent and its response was lost: it may or may not have had its effect.

    `key_spent`: the other side saved an error under the idempotency key and will only ever repeat it. `after`: it
    works, and its rate limit stopped a change half-way that goes on after these seconds; None for anything else.
    """

    def __init__(self, reason: str, key_spent: bool = False, after: float | None = None) -> None:
        super().__init__(reason)
        self.key_spent = key_spent
        self.after = after


class AlreadyDone(FallbackError):
    """The same event was recorded before; nothing was written, nothing is left to do."""


class Refused(FallbackError):
    """The other side will never accept this call. `code` is its own code for the reason."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


class Conflict(FallbackError):
    """Another write came first: the order is no longer at the version that was read.

    `of`: its ref, or the name of what else has changed.
    """

    def __init__(self, of: str) -> None:
        super().__init__(of)


class RefTaken(FallbackError):
    """Another order has this ref already; nothing was written."""


class UnknownOrder(FallbackError):
    """There is no order with this ref."""


class UnknownIncident(FallbackError):
    """There is no incident with this name."""


class NotAllowedNow(FallbackError):
    """The order's state does not allow this event. `event` and `state` are terms of the lifecycle.

    `code`, `detail`: a stable code and what to do, if a client can do something about it.
    """

    def __init__(self, state: str, event: str, code: str = "not_possible_now", detail: str = "") -> None:
        super().__init__(detail or f"'{event}' is not possible while the order is '{state}'")
        self.state = state
        self.event = event
        self.code = code


class TooMuch(FallbackError):
    """The order has had so many changes that people may not change it further (domain/order/bounded.py).

    Nothing was written.
    """


class Invalid(FallbackError):
    """Bad input. `field` is the path of the field ('contact.email'), `code` a stable code for programs."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.code = code
        self.detail = detail
