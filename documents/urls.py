from django.urls import path

from .views import attachments, forms, papers, templates

app_name = "documents"

urlpatterns = [
    path("attachments/<uuid:pk>/", attachments.attachment_open, name="attachment_open"),
    path("papers/<uuid:pk>/", papers.issued_print, name="issued_print"),
    path("papers/<uuid:pk>/docx/", papers.issued_docx, name="issued_docx"),
    path("templates/", templates.template_list, name="template_list"),
    path("templates/<slug:kind>/", templates.template_detail, name="template_detail"),
    path("templates/<slug:kind>/restore/", templates.template_restore, name="template_restore"),
    path("templates/<int:pk>/download/", templates.template_download, name="template_download"),
    path("templates/<int:pk>/sample/", templates.template_sample, name="template_sample"),
    path("templates/<int:pk>/confirm/", templates.template_confirm, name="template_confirm"),
    path("templates/<int:pk>/turn-down/", templates.template_turn_down, name="template_turn_down"),
    path("forms/", forms.form_list, name="form_list"),
    path("forms/<int:pk>/", forms.form_print, name="form_print"),
    path("forms/<int:pk>/publish/", forms.form_publish, name="form_publish"),
    path("forms/<slug:key>/draft/", forms.form_draft, name="form_draft"),
]
