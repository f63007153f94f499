from django.urls import path

from . import views

app_name = "profile"
urlpatterns = [
    path("<uuid:pk>/", views.profile, name="profile"),
    path("<uuid:pk>/booklet/", views.booklet, name="booklet"),
    path("<uuid:pk>/booklet/docx/", views.booklet_docx, name="booklet_docx"),
]
