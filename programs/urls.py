from django.urls import path

from . import fact_lists, views

app_name = "programs"

urlpatterns = [
    path("", views.program_list, name="program_list"),
    path("facts/lists/", fact_lists.fact_lists, name="fact_lists"),
    path("facts/lists/<slug:key>/confirm/", fact_lists.fact_list_confirm, name="fact_list_confirm"),
    path("<slug:code>/", views.program_detail, name="program_detail"),
    path("<slug:code>/guide/", views.program_guide, name="program_guide"),
]
