from django.urls import path

from . import views

app_name = "verification"

urlpatterns = [
    path("", views.verification_list, name="verification_list"),
    path("<uuid:pk>/", views.verification_detail, name="verification_detail"),
    path("<uuid:pk>/edit/", views.verification_edit, name="verification_edit"),
]
