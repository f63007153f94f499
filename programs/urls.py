from django.urls import path

from . import views

app_name = "programs"

urlpatterns = [
    path("", views.program_list, name="program_list"),
    path("<slug:code>/", views.program_detail, name="program_detail"),
    path("<slug:code>/guide/", views.program_guide, name="program_guide"),
]
