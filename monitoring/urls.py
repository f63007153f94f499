from django.urls import path

from .views import workbench, workbench_export

app_name = "monitoring"

urlpatterns = [
    path("workbench/", workbench.workbench, name="workbench"),
    path("workbench/counts/", workbench.workbench_counts, name="workbench_counts"),
    path("workbench/export/", workbench_export.workbench_export, name="workbench_export"),
    path("workbench/receive/", workbench.workbench_receive, name="workbench_receive"),
    path("workbench/take/", workbench.workbench_take, name="workbench_take"),
    path("workbench/assign/", workbench.workbench_assign, name="workbench_assign"),
    path("workbench/remind/", workbench.workbench_remind, name="workbench_remind"),
]
