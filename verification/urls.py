from django.urls import path

from . import views

app_name = "verification"

urlpatterns = [
    path("<uuid:pk>/", views.verification_detail, name="verification_detail"),
]
