from django.urls import path

from .views import funds

app_name = "funds"
urlpatterns = [
    path("", funds.fund_list, name="fund_list"),
    path("export/", funds.fund_export, name="fund_export"),
    path("enter/", funds.budget_enter, name="budget_enter"),
    path("<uuid:pk>/", funds.budget_detail, name="budget_detail"),
    path("<uuid:pk>/confirm/", funds.budget_confirm, name="budget_confirm"),
    path("<uuid:pk>/refuse/", funds.budget_refuse, name="budget_refuse"),
    path("<uuid:pk>/withdraw/", funds.budget_withdraw, name="budget_withdraw"),
]
