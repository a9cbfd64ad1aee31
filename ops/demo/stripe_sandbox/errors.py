"""Stripe's error bodies. Pages: 'Errors', 'Error codes', 'Error handling' of Stripe's API reference."""

from ops.demo.stripe_sandbox.store import Json

DOCS = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """A response other than 200. `executed`: False if the endpoint did not begin; such responses are not saved."""

    def __init__(
        self,
        status: int,
        type: str,
        message: str,
        *,
        executed: bool = True,
        retry: bool | None = None,
        **fields: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self.retry = retry
        self.error: Json = {"message": message, "type": type} | {k: v for k, v in fields.items() if v is not None}
        if "code" in self.error:
            self.error["doc_url"] = DOCS + str(self.error["code"]).replace("_", "-")

    def body(self, request_id: str) -> Json:
        return {"error": self.error | {"request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}}


def invalid_parameter(message: str, param: str, code: str | None = None) -> StripeError:
    """Rejected by validation, before the operation began."""
    return StripeError(400, "invalid_request_error", message, executed=False, param=param, code=code)


def invalid_request(
    message: str, code: str | None = None, param: str | None = None, intent: Json | None = None
) -> StripeError:
    """Rejected by the operation."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param, payment_intent=intent)


def missing(kind: str, id: str, param: str | None = None, status: int = 404) -> StripeError:
    message = f"No such {'PaymentMethod' if kind == 'payment_method' else kind}: '{id}'"
    named = param or ("intent" if kind == "payment_intent" else "id")
    return StripeError(status, "invalid_request_error", message, code="resource_missing", param=named)


def unexpected_state(intent: Json, message: str) -> StripeError:
    return invalid_request(message, "payment_intent_unexpected_state", intent=intent)


def server_error(*, retry: bool) -> StripeError:
    return StripeError(500, "api_error", "An unknown error occurred. Please try again.", retry=retry)


def rate_limited() -> StripeError:
    return StripeError(
        429,
        "invalid_request_error",
        "Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode.",
        executed=False,
        code="rate_limit",
    )
