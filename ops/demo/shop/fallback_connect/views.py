"""The HTTP contract under /fallback/v1/, one class for each URL."""

from http import HTTPStatus
from typing import TypeVar

import msgspec
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from . import changes, orders, payments, problems, withdrawals
from .answers import cancellation_answer, order_answer
from .contract import Amendment, PaymentNow, WantedOrder, WithdrawalNow
from .models import Purchase
from .problems import Problem

T = TypeVar("T")
CAN = [
    *("amend", "cancel", "slots", "contact", "phone", "quotes", "tombstones"),
    *("unpaid", "numbered", "payments", "withdrawals"),
]
PAGE = 100
LONGEST_PAGE = 500


# Browsers do not send a bearer token by themselves, so no CSRF protection is needed here.
@method_decorator(csrf_exempt, name="dispatch")
class ContractView(View):
    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            self.authenticate(request)
            return super().dispatch(request, *args, **kwargs)
        except Problem as problem:
            return problem.response()

    def authenticate(self, request: HttpRequest) -> None:
        if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.FALLBACK_TOKEN}"):
            raise Problem(401, "unauthorized", "The bearer token is wrong.")

    def http_method_not_allowed(self, request: HttpRequest, *_args, **_kwargs) -> HttpResponse:
        raise Problem(405, "method_not_allowed", f"{request.method} is not for this address.")


class HealthView(ContractView):
    def get(self, _request: HttpRequest) -> JsonResponse:
        # A shop that cannot read its orders is not healthy, so this reads one.
        Purchase.objects.exists()
        honours = ["honours_prices"] if settings.FALLBACK_HONOURS_PRICES else []
        return JsonResponse({"status": "ok", "duplicates": "enforced", "can": CAN + honours})


class OrderView(ContractView):
    def get(self, _request: HttpRequest, ref: str) -> JsonResponse:
        purchase = Purchase.objects.select_related("order").filter(ref=ref, order__isnull=False).first()
        if purchase is None:
            raise problems.not_found(ref)
        return JsonResponse(order_answer(purchase))

    def put(self, request: HttpRequest, ref: str) -> JsonResponse:
        wanted = read_body(request, WantedOrder)
        if wanted.ref != ref:
            raise problems.invalid("the ref in the body differs from the ref in the URL")
        purchase, created = orders.place(wanted)
        return JsonResponse(order_answer(purchase), status=HTTPStatus.CREATED if created else HTTPStatus.OK)

    def patch(self, request: HttpRequest, ref: str) -> JsonResponse:
        return JsonResponse(order_answer(changes.amend(ref, read_body(request, Amendment))))


class PaymentView(ContractView):
    def put(self, request: HttpRequest, ref: str) -> JsonResponse:
        return JsonResponse(order_answer(payments.note(ref, read_body(request, PaymentNow))))


class WithdrawalView(ContractView):
    def put(self, request: HttpRequest, ref: str) -> JsonResponse:
        return JsonResponse(order_answer(withdrawals.note(ref, read_body(request, WithdrawalNow))))


class QuoteView(ContractView):
    def post(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse(orders.quote(read_body(request, WantedOrder)))


class CancellationView(ContractView):
    def post(self, _request: HttpRequest, ref: str) -> JsonResponse:
        return JsonResponse(cancellation_answer(changes.cancel(ref)))


class UnpaidCancellationView(ContractView):
    def post(self, _request: HttpRequest, order_id: str) -> JsonResponse:
        return JsonResponse(order_answer(changes.cancel_unpaid(order_id)))


class OrderListView(ContractView):
    """Every order, also those from the shop's own checkout (`"ref": null`): rivals and the audit need them."""

    def get(self, request: HttpRequest) -> JsonResponse:
        limit = min(read_number(request, "limit", PAGE), LONGEST_PAGE)
        found = chosen(request).order_by("pk").filter(pk__gt=read_number(request, "after", 0))
        page = list(found.select_related("order__shipping_address", "order__user")[: limit + 1])
        more = len(page) > limit
        page = page[:limit]
        return JsonResponse(
            {"orders": [order_answer(purchase) for purchase in page], "next": str(page[-1].pk) if more else None}
        )


def chosen(request: HttpRequest) -> QuerySet[Purchase]:
    purchases = Purchase.objects.exclude(order=None).prefetch_related("order__lines")
    if since := request.GET.get("since"):
        purchases = purchases.filter(order__date_placed__gte=read_time(since))
    same_buyer = Q()
    if cart_id := request.GET.get("cart_id"):
        same_buyer |= Q(cart_id=cart_id)
    if email := request.GET.get("email"):
        same_buyer |= Q(order__guest_email__iexact=email) | Q(order__user__email__iexact=email)
    if phone := "".join(filter(str.isdigit, request.GET.get("phone", ""))):
        same_buyer |= Q(order__shipping_address__phone_number__endswith=phone[-8:])
    return purchases.filter(same_buyer)


def read_body(request: HttpRequest, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(request.body, type=shape)
    except msgspec.ValidationError as wrong:
        raise problems.invalid(str(wrong)) from wrong
    except msgspec.DecodeError as broken:
        raise Problem(400, "malformed", "The body is not JSON.", str(broken)) from broken


def read_number(request: HttpRequest, name: str, default: int) -> int:
    value = request.GET.get(name) or str(default)
    if not value.isdecimal():
        raise Problem(400, "malformed", f"{name} is not an order number of this shop.")
    return int(value)


def read_time(text: str):
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Problem(400, "malformed", "since must be a time with an offset (RFC 3339).")
    return at
