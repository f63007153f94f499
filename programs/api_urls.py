"""The public API of the catalogue, its schema and the page that shows it."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from . import api, views

app_name = "api"

router = SimpleRouter(use_regex_path=False)
router.register("programs", api.ProgramViewSet, basename="program")
router.register("departments", api.DepartmentViewSet, basename="department")

urlpatterns = [
    *router.urls,
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", views.api_docs, name="docs"),
]
