"""外出: one's own, and of the colleagues one answers for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import submit

from ..forms import AbsenceForm
from ..gates import requires
from ..models import Absence
from ..permissions import can_note_absence
from ..requests import StaffRequest
from ..transitions import absences


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
@once
def absence_list(request: StaffRequest) -> HttpResponse:
    form = AbsenceForm(request.POST or None, by=request.post)
    if request.method == "POST" and form.is_valid():
        noted = submit(form, lambda: absences.note_absence(**form.said(), by=request.post))
        if noted:
            messages.success(request, f"已登记{noted.staff.name}外出：{noted}。AB岗在待办和转办事项里可以接办。")
            return redirect("organization:absence_list")
    standing = Absence.objects.visible_to(request.post).standing(clock.today()).select_related("staff")
    rows = [(absence, can_note_absence(request.post, absence.staff)) for absence in standing]
    return render(request, "organization/absence_list.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)


@require_POST
@requires()
@once
def absence_end(request: StaffRequest, pk: int) -> HttpResponse:
    absence = absences.end_absence(absence_id=pk, by=request.post)
    messages.success(request, f"已登记{absence.staff.name}回岗。")
    return redirect("organization:absence_list")
