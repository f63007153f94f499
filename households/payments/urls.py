"""待遇发放: lists of what is paid by month, and what the bank could not pay."""

from django.urls import path

from ..views import payments

app_name = "payments"
urlpatterns = [
    path("", payments.payment_list_list, name="payment_list_list"),
    path("new/", payments.payment_list_new, name="payment_list_new"),
    path("failures/", payments.payment_failure_list, name="payment_failure_list"),
    path("lines/<uuid:pk>/", payments.payment_line_detail, name="payment_line_detail"),
    path("lines/<uuid:pk>/mend/", payments.payment_line_mend, name="payment_line_mend"),
    path("<uuid:pk>/", payments.payment_list_detail, name="payment_list_detail"),
    path("<uuid:pk>/remake/", payments.payment_list_remake, name="payment_list_remake"),
    path("<uuid:pk>/drop/", payments.payment_list_drop, name="payment_list_drop"),
    path("<uuid:pk>/close/", payments.payment_list_close, name="payment_list_close"),
    path("<uuid:pk>/roll/", payments.payment_list_roll, name="payment_list_roll"),
    path("<uuid:pk>/changes/", payments.payment_list_changes, name="payment_list_changes"),
    path("<uuid:pk>/print/", payments.payment_list_print, name="payment_list_print"),
    path("<uuid:pk>/results/", payments.payment_list_results, name="payment_list_results"),
    path("<uuid:pk>/results/blank/", payments.payment_list_blank, name="payment_list_blank"),
]
