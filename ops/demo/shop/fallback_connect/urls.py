from django.urls import path

from .views import (
    CancellationView,
    HealthView,
    OrderListView,
    OrderView,
    PaymentView,
    QuoteView,
    UnpaidCancellationView,
    WithdrawalView,
)

urlpatterns = [
    path("health", HealthView.as_view()),
    path("quotes", QuoteView.as_view()),
    path("orders", OrderListView.as_view()),
    path("orders/<str:ref>", OrderView.as_view()),
    path("orders/<str:ref>/payment", PaymentView.as_view()),
    path("orders/<str:ref>/withdrawal", WithdrawalView.as_view()),
    path("orders/<str:ref>/cancellation", CancellationView.as_view()),
    path("unpaid/<str:order_id>/cancellation", UnpaidCancellationView.as_view()),
]
