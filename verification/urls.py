from django.urls import path

from . import views, visits

app_name = "verification"

urlpatterns = [
    path("", views.verification_list, name="verification_list"),
    path("<uuid:pk>/", views.verification_detail, name="verification_detail"),
    path("<uuid:pk>/visits/ask/", visits.visit_ask, name="visit_ask"),
    path("visits/<uuid:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<uuid:pk>/answer/", visits.visit_answer, name="visit_answer"),
    path("<uuid:pk>/edit/", views.verification_edit, name="verification_edit"),
]
