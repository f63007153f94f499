"""数据导入: files on their way in."""

from django.urls import path

from .views import batches

app_name = "spreadsheets"

urlpatterns = [
    path("batches/<uuid:pk>/", batches.batch_detail, name="batch_detail"),
]
