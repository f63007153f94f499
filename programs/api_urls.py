"""The public API of the catalogue."""

from django.urls import URLPattern

app_name = "api"

urlpatterns: list[URLPattern] = []
