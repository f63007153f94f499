from django.urls import path

from .views import standards

app_name = "standards"
urlpatterns = [
    path("", standards.change_list, name="change_list"),
    path("propose/<slug:key>/", standards.change_propose, name="change_propose"),
    path("<uuid:pk>/", standards.change_detail, name="change_detail"),
    path("<uuid:pk>/recount/", standards.change_recount, name="change_recount"),
    path("<uuid:pk>/confirm/", standards.change_confirm, name="change_confirm"),
    path("<uuid:pk>/progress/", standards.change_progress, name="change_progress"),
    path("<uuid:pk>/resume/", standards.change_resume, name="change_resume"),
    path("<uuid:pk>/decline/", standards.change_decline, name="change_decline"),
    path("<uuid:pk>/withdraw/", standards.change_withdraw, name="change_withdraw"),
]
