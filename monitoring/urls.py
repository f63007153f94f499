from django.urls import path

from .views import bulletins, closing, forecast, late, orders, overview, workbench, workbench_export, written_reminders

app_name = "monitoring"

urlpatterns = [
    path("workbench/", workbench.workbench, name="workbench"),
    path("workbench/counts/", workbench.workbench_counts, name="workbench_counts"),
    path("workbench/export/", workbench_export.workbench_export, name="workbench_export"),
    path("workbench/receive/", workbench.workbench_receive, name="workbench_receive"),
    path("workbench/take/", workbench.workbench_take, name="workbench_take"),
    path("workbench/assign/", workbench.workbench_assign, name="workbench_assign"),
    path("workbench/remind/", workbench.workbench_remind, name="workbench_remind"),
    path("supervision/", overview.supervision_home, name="supervision_home"),
    path("late-matters/", late.late_list, name="late_list"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/new/", orders.order_new, name="order_new"),
    path("orders/<uuid:pk>/", orders.order_detail, name="order_detail"),
    path("orders/<uuid:pk>/issue/", orders.order_issue, name="order_issue"),
    path("orders/<uuid:pk>/reply/", orders.order_reply, name="order_reply"),
    path("orders/<uuid:pk>/accept/", orders.order_accept, name="order_accept"),
    path("orders/<uuid:pk>/send-back/", orders.order_send_back, name="order_send_back"),
    path("orders/<uuid:pk>/withdraw/", orders.order_withdraw, name="order_withdraw"),
    path("written-reminders/", written_reminders.reminder_list, name="reminder_list"),
    path("written-reminders/new/", written_reminders.reminder_new, name="reminder_new"),
    path("written-reminders/years/<int:year>/", written_reminders.reminder_year, name="reminder_year"),
    path("written-reminders/<uuid:pk>/", written_reminders.reminder_detail, name="reminder_detail"),
    path("written-reminders/<uuid:pk>/reason/", written_reminders.reminder_reason, name="reminder_reason"),
    path("written-reminders/<uuid:pk>/answer/", written_reminders.reminder_answer, name="reminder_answer"),
    path("bulletins/", bulletins.bulletin_list, name="bulletin_list"),
    path("bulletins/<uuid:pk>/", bulletins.bulletin_detail, name="bulletin_detail"),
    path("bulletins/<uuid:pk>/print/", bulletins.bulletin_print, name="bulletin_print"),
    path("days/", closing.day_close, name="day_close"),
    path("days/closed/", closing.day_close_list, name="day_close_list"),
    path("days/<uuid:pk>/", closing.day_close_detail, name="day_close_detail"),
    path("months/", closing.month_list, name="month_list"),
    path("months/<uuid:pk>/", closing.month_close, name="month_close"),
    path("forecast/", forecast.forecast, name="forecast"),
    path("closes/", closing.close_overview, name="close_overview"),
]
