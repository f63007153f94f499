from django.urls import path

from .views import consent, households, loose, people, reveals, screening, search

app_name = "households"
urlpatterns = [
    path("search/", search.household_search, name="household_search"),
    path("search/results/", search.search_results, name="search_results"),
    path("take-on/", search.household_take_on, name="take_on"),
    path("open/", households.household_open, name="household_open"),
    path("drafts/<uuid:pk>/drop/", households.draft_drop, name="draft_drop"),
    path("kin/", consent.kin_filing_list, name="kin_filing_list"),
    path("kin/<int:pk>/file/", consent.kin_file, name="kin_file"),
    path("own-kin/", consent.own_kin, name="own_kin"),
    path("own-kin/declare/", consent.own_kin_declare, name="own_kin_declare"),
    path("own-kin/<uuid:pk>/withdraw/", consent.own_kin_withdraw, name="own_kin_withdraw"),
    path("members/<int:pk>/revise/", people.member_revise, name="member_revise"),
    path("members/<int:pk>/end/", people.member_end, name="member_end"),
    path("residents/enter/", loose.resident_enter, name="resident_enter"),
    path("residents/<uuid:pk>/settle/", loose.resident_settle, name="resident_settle"),
    path("residents/<uuid:pk>/", people.resident_detail, name="resident_detail"),
    path("residents/<uuid:pk>/revise/", people.resident_revise, name="resident_revise"),
    path("residents/<uuid:pk>/relatives/note/", people.relative_note, name="relative_note"),
    path("residents/<uuid:pk>/<slug:field>/reveal/", reveals.number_reveal, name="number_reveal"),
    path("relatives/<int:pk>/end/", people.relative_end, name="relative_end"),
    path("facts/<uuid:pk>/open/", reveals.fact_open, name="fact_open"),
    path("authorisations/<int:pk>/revoke/", consent.authorisation_revoke, name="authorisation_revoke"),
    path("requests/", screening.fact_request_list, name="fact_request_list"),
    path("requests/<uuid:pk>/", screening.fact_request_detail, name="fact_request_detail"),
    path("<uuid:pk>/screening/", screening.screening, name="screening"),
    path("<uuid:pk>/screening/ask/", screening.screening_ask, name="screening_ask"),
    path("<uuid:pk>/facts/ask/", screening.fact_ask, name="fact_ask"),
    path("<uuid:pk>/", households.household_detail, name="household_detail"),
    path("<uuid:pk>/revise/", households.household_revise, name="household_revise"),
    path("<uuid:pk>/members/add/", people.member_add, name="member_add"),
    path("<uuid:pk>/facts/note/", consent.fact_note, name="fact_note"),
    path("<uuid:pk>/authorisations/add/", consent.authorisation_add, name="authorisation_add"),
    path("<uuid:pk>/kin/declare/", consent.kin_declare, name="kin_declare"),
]
