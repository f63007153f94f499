from django.urls import path

from .views import acceptance, applications, consent, items, lists, notices, papers, visits, window

app_name = "intake"

urlpatterns = [
    path("", window.window, name="window"),
    path("visits/", lists.visit_list, name="visit_list"),
    path("visits/arrive/", window.visit_arrive, name="visit_arrive"),
    path("visits/<uuid:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<uuid:pk>/find/", visits.visit_find, name="visit_find"),
    path("visits/<uuid:pk>/identify/", visits.visit_identify, name="visit_identify"),
    path("visits/<uuid:pk>/take-on/", visits.visit_take_on, name="visit_take_on"),
    path("visits/<uuid:pk>/answer/", visits.visit_answer, name="visit_answer"),
    path("applications/", lists.application_list, name="application_list"),
    path("applications/new/", applications.application_new, name="application_new"),
    path("applications/<uuid:pk>/edit/", applications.application_edit, name="application_edit"),
    path("applications/<uuid:pk>/items/add/", items.item_add, name="item_add"),
    path("applications/<uuid:pk>/promise/", consent.application_promise, name="application_promise"),
    path("applications/<uuid:pk>/authorise/", consent.application_authorise, name="application_authorise"),
    path("applications/<uuid:pk>/declare-kin/", consent.application_declare_kin, name="application_declare_kin"),
    path("applications/<uuid:pk>/submit/", applications.application_submit, name="application_submit"),
    path("applications/<uuid:pk>/withdraw/", applications.application_withdraw, name="application_withdraw"),
    path("applications/<uuid:pk>/accept/", acceptance.application_accept, name="application_accept"),
    path("applications/<uuid:pk>/refuse/", acceptance.application_refuse, name="application_refuse"),
    path("applications/<uuid:pk>/supplement/ask/", notices.supplement_ask, name="supplement_ask"),
    path("applications/<uuid:pk>/supplement/answer/", notices.supplement_answer, name="supplement_answer"),
    path("applications/<uuid:pk>/guide-card/", acceptance.guide_card, name="guide_card"),
    path("items/<uuid:pk>/remove/", items.item_remove, name="item_remove"),
    path("papers/<uuid:pk>/settle/", papers.paper_settle, name="paper_settle"),
    path("papers/<uuid:pk>/upload/", papers.paper_upload, name="paper_upload"),
    path("papers/<uuid:pk>/demand/", papers.paper_demand, name="paper_demand"),
]
