from django.urls import path

from . import views

app_name = "deadlines"

urlpatterns = [
    path("duties/<uuid:pk>/explain/", views.duty_explain, name="duty_explain"),
    path("duties/<uuid:pk>/take/", views.duty_take, name="duty_take"),
    path("duties/<uuid:pk>/put-back/", views.duty_put_back, name="duty_put_back"),
    path("duties/<uuid:pk>/take-over/", views.duty_take_over, name="duty_take_over"),
    path("notices/", views.notice_list, name="notice_list"),
    path("notices/read-all/", views.notice_read_all, name="notice_read_all"),
    path("notices/<uuid:pk>/read/", views.notice_read, name="notice_read"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/changes/<int:pk>/", views.calendar_moves, name="calendar_moves"),
    path("calendar/change/", views.calendar_change, name="calendar_change"),
    path("calendar/load/", views.calendar_load, name="calendar_load"),
    path("reminders/", views.reminder_rules, name="reminder_rules"),
    path("reminders/<slug:stage>/change/", views.reminder_rule_change, name="reminder_rule_change"),
    path("reminders/<int:pk>/withdraw/", views.reminder_rule_withdraw, name="reminder_rule_withdraw"),
    path("outbox/", views.outbox_list, name="outbox_list"),
    path("outbox/retry/", views.outbox_retry, name="outbox_retry"),
    path("outbox/drop/", views.outbox_drop, name="outbox_drop"),
    path("periods/", views.period_list, name="period_list"),
    path("periods/<str:key>/run/", views.period_run, name="period_run"),
]
