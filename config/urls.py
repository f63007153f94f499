"""Every address of the house. Each room brings its own; verbs stand in the paths."""

from django.urls import URLPattern, URLResolver, include, path

handler500 = "config.problems.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("organization.urls")),
    path("", include("config.pages")),
    path("audit/", include("audit.urls")),
    path("deadlines/", include("deadlines.urls")),
    path("jobs/", include("deadlines.job_urls")),
    path("documents/", include("documents.urls")),
    path("programs/", include("programs.urls")),
    path("households/", include("households.urls")),
    path("funds/", include("households.fund_urls")),
    path("standards/", include("households.standard_urls")),
    path("payments/", include("households.payments.urls")),
    path("verification/", include("verification.urls")),
    path("intake/", include("intake.urls")),
    path("", include("referrals.urls")),
    path("", include("monitoring.urls")),
    path("profiles/", include("monitoring.profile.urls")),
    path("spreadsheets/", include("spreadsheets.urls")),
    path("", include("spreadsheets.export_urls")),
    path("api/v1/", include("programs.api_urls")),
    path("api/v1/", include("referrals.api_urls")),
]
