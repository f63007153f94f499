from django.urls import path

from . import fact_lists, views
from .views import drafts, examples, parts, rule

app_name = "programs"

urlpatterns = [
    path("", views.program_list, name="program_list"),
    path("facts/lists/", fact_lists.fact_lists, name="fact_lists"),
    path("facts/lists/<slug:key>/propose/", fact_lists.fact_list_propose, name="fact_list_propose"),
    path("facts/lists/<int:pk>/confirm/", fact_lists.fact_list_confirm, name="fact_list_confirm"),
    path("facts/lists/<int:pk>/withdraw/", fact_lists.fact_list_withdraw, name="fact_list_withdraw"),
    path("rules/", rule.rule_list, name="rule_list"),
    path("rules/print/", rule.rule_list_print, name="rule_list_print"),
    path("rules/docx/", rule.rules_document, name="rules_document"),
    path("versions/<int:pk>/", drafts.version_detail, name="version_detail"),
    path("versions/<int:pk>/words/", parts.draft_words, name="draft_words"),
    path("versions/<int:pk>/opening/", parts.draft_opening, name="draft_opening"),
    path("versions/<int:pk>/tracks/<slug:key>/", parts.draft_track, name="draft_track"),
    path("versions/<int:pk>/papers/", parts.draft_papers, name="draft_papers"),
    path("versions/<int:pk>/rule/", rule.draft_rule, name="draft_rule"),
    path("versions/<int:pk>/publish/", drafts.draft_publish, name="draft_publish"),
    path("versions/<int:pk>/discard/", drafts.draft_discard, name="draft_discard"),
    path("versions/<int:pk>/hold/", drafts.draft_hold, name="draft_hold"),
    path("versions/<int:pk>/release/", drafts.draft_release, name="draft_release"),
    path("examples/<int:pk>/rewrite/", examples.example_rewrite, name="example_rewrite"),
    path("examples/<int:pk>/retire/", examples.example_retire, name="example_retire"),
    path("<slug:code>/", views.program_detail, name="program_detail"),
    path("<slug:code>/guide/", views.program_guide, name="program_guide"),
    path("<slug:code>/versions/", drafts.version_list, name="version_list"),
    path("<slug:code>/versions/begin/", drafts.version_begin, name="version_begin"),
    path("<slug:code>/examples/", examples.example_list, name="example_list"),
    path("<slug:code>/examples/write/", examples.example_write, name="example_write"),
]
