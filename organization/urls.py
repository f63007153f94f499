from django.urls import path

from .views import absences, accounts, parameters, phrases, session, texting, units

app_name = "organization"

urlpatterns = [
    path("", session.home, name="home"),
    path("sign-in/", session.sign_in, name="sign_in"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("session-state/", session.session_state, name="session_state"),
    path("account/", session.account, name="account"),
    path("account/password/change/", session.password_change, name="password_change"),
    path("account/absences/", absences.absence_list, name="absence_list"),
    path("account/absences/<int:pk>/end/", absences.absence_end, name="absence_end"),
    path("account/phrases/", phrases.phrase_list, name="phrase_list"),
    path("account/phrases/choices/", phrases.phrase_choices, name="phrase_choices"),
    path("account/phrases/<int:pk>/reword/", phrases.phrase_reword, name="phrase_reword"),
    path("account/phrases/<int:pk>/discard/", phrases.phrase_discard, name="phrase_discard"),
    path("account/texting/", texting.texting, name="texting"),
    path("account/texting/stop/", texting.texting_stop, name="texting_stop"),
    path("account/posts/<int:pk>/switch/", session.post_switch, name="post_switch"),
    path("organization/staff/", accounts.staff_list, name="staff_list"),
    path("organization/staff/create/", accounts.staff_create, name="staff_create"),
    path("organization/staff/<int:pk>/", accounts.staff_detail, name="staff_detail"),
    path("organization/staff/<int:pk>/describe/", accounts.staff_describe, name="staff_describe"),
    path("organization/staff/<int:pk>/disable/", accounts.staff_disable, name="staff_disable"),
    path("organization/staff/<int:pk>/issue-password/", accounts.staff_issue_password, name="staff_issue_password"),
    path("organization/staff/<int:pk>/lift-lock/", accounts.staff_lift_lock, name="staff_lift_lock"),
    path("organization/staff/<int:pk>/propose-post/", accounts.post_propose, name="post_propose"),
    path("organization/grants/", accounts.grant_list, name="grant_list"),
    path("organization/posts/<int:pk>/grant/", accounts.post_grant, name="post_grant"),
    path("organization/posts/<int:pk>/refuse/", accounts.post_refuse, name="post_refuse"),
    path("organization/posts/<int:pk>/end/", accounts.post_end, name="post_end"),
    path("organization/units/", units.unit_list, name="unit_list"),
    path("organization/units/<int:pk>/", units.unit_detail, name="unit_detail"),
    path("organization/units/<int:pk>/describe/", units.unit_describe, name="unit_describe"),
    path("organization/villages/add/", units.village_add, name="village_add"),
    path("organization/review-offices/", units.review_office_list, name="review_office_list"),
    path("organization/review-offices/assign/", units.review_office_assign, name="review_office_assign"),
    path("organization/alarms/", units.alarm_list, name="alarm_list"),
    path("organization/parameters/", parameters.parameter_list, name="parameter_list"),
    path("organization/parameters/<slug:key>/", parameters.parameter_detail, name="parameter_detail"),
]
