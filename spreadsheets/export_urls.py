"""台账, and what leaves the house of them: one's own files, 上报, 套表."""

from django.urls import path

from .views import exports, ledgers, reports, superior_forms

app_name = "exports"

urlpatterns = [
    path("ledgers/", ledgers.ledger_list, name="ledger_list"),
    path("ledgers/<str:key>/", ledgers.ledger_detail, name="ledger_detail"),
    path("ledgers/<str:key>/export/", ledgers.ledger_export, name="ledger_export"),
    path("ledgers/<str:key>/report/", reports.report_propose, name="report_propose"),
    path("ledgers/<str:key>/form/", superior_forms.form_keep, name="form_keep"),
    path("exports/", exports.export_list, name="export_list"),
    path("exports/rows/", exports.export_rows, name="export_rows"),
    path("exports/<uuid:pk>/", exports.export_detail, name="export_detail"),
    path("exports/<uuid:pk>/progress/", exports.export_progress, name="export_progress"),
    path("exports/<uuid:pk>/download/", exports.export_download, name="export_download"),
    path("exports/reports/", reports.report_list, name="report_list"),
    path("exports/reports/<uuid:pk>/", reports.report_detail, name="report_detail"),
    path("exports/reports/<uuid:pk>/approve/", reports.report_approve, name="report_approve"),
    path("exports/reports/<uuid:pk>/refuse/", reports.report_refuse, name="report_refuse"),
    path("exports/reports/<uuid:pk>/again/", reports.report_again, name="report_again"),
    path("exports/reports/<uuid:pk>/end/", reports.report_end, name="report_end"),
    path("exports/forms/", superior_forms.form_list, name="form_list"),
    path("exports/forms/<uuid:pk>/", superior_forms.form_detail, name="form_detail"),
    path("exports/forms/<uuid:pk>/place/", superior_forms.form_place, name="form_place"),
    path("exports/forms/<uuid:pk>/map/", superior_forms.form_map, name="form_map"),
    path("exports/forms/<uuid:pk>/fill/", superior_forms.form_fill, name="form_fill"),
    path("exports/forms/<uuid:pk>/withdraw/", superior_forms.form_withdraw, name="form_withdraw"),
]
