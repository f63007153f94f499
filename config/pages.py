"""Addresses that belong to no room: health, and the component page of dev and demo."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
