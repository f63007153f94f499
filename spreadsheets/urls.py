"""数据导入: templates, and files on their way in."""

from django.urls import path

from .views import batches, mappings, rows, steps, templates

app_name = "spreadsheets"

urlpatterns = [
    path("", templates.template_list, name="template_list"),
    path("templates/<str:key>/blank/", templates.template_blank, name="template_blank"),
    path("templates/<str:key>/new/", templates.batch_new, name="batch_new"),
    path("columns/", mappings.mapping_list, name="mapping_list"),
    path("columns/<int:pk>/forget/", mappings.mapping_forget, name="mapping_forget"),
    path("batches/", batches.batch_list, name="batch_list"),
    path("batches/<uuid:pk>/", batches.batch_detail, name="batch_detail"),
    path("batches/<uuid:pk>/progress/", batches.batch_progress, name="batch_progress"),
    path("batches/<uuid:pk>/errors/", batches.batch_errors, name="batch_errors"),
    path("batches/<uuid:pk>/confirm/", steps.batch_confirm, name="batch_confirm"),
    path("batches/<uuid:pk>/send-back/", steps.batch_send_back, name="batch_send_back"),
    path("batches/<uuid:pk>/drop/", steps.batch_drop, name="batch_drop"),
    path("batches/<uuid:pk>/undo/", steps.batch_undo, name="batch_undo"),
    path("batches/<uuid:pk>/mapping/", steps.batch_mapping, name="batch_mapping"),
    path("batches/<uuid:pk>/resume/", steps.batch_resume, name="batch_resume"),
    path("batches/<uuid:pk>/rows/<int:row>/", rows.row_mend, name="row_mend"),
    path("batches/<uuid:pk>/rows/<int:row>/take-out/", rows.row_take_out, name="row_take_out"),
]
