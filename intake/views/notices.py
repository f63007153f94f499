"""一次性告知: everything that is missing in one notice, and the day it was brought."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms.notices import SupplementForm
from ..models import Application, Paper
from ..permissions import can_receive
from ..transitions.notices import Lack


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def supplement_ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the list still owes is ticked; what else is missing is added in words. A second notice needs a reason and another's consent."""
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    papers = Paper.objects.visible_to(request.post).filter(application=application).exclude(state=Paper.State.EXEMPT)
    owed_first = sorted(papers, key=lambda paper: (paper.is_settled, not paper.is_required, paper.name))
    form = SupplementForm(request.POST or None, papers=owed_first, application=application, by=request.post)
    if request.method == "POST" and form.is_valid():
        is_submitted = application.status == Application.Status.SUBMITTED
        if is_submitted and transitions.relist_papers(application_id=pk, by=request.post):
            messages.warning(request, "材料清单已按最新信息更新，有的证明已到期或有了新的证明，请对照新清单重新勾选，一次告知。")
            return redirect("intake:supplement_ask", pk=pk)
        lacks = [Lack(text=text, paper_id=paper) for paper, text in form.lines()]
        notice = submit(form, lambda: transitions.ask_supplement(application_id=pk, lines=lacks, **form.second(), by=request.post))
        if notice is not None:
            messages.success(request, f"已出具一次性告知书 {notice.number}，请打印交给申请人，{notice.due_on}前补正。")
            return redirect("intake:application_accept", pk=pk)
    context = {"form": form, "application": application, "is_second": form.is_second}
    return render(request, "intake/supplement_ask.html", context, status=422 if form.errors else 200)


@require_POST
@requires(can_receive)
@once
def supplement_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    application = transitions.answer_supplement(application_id=pk, by=request.post)
    next_step = "请核对后受理" if application.status == Application.Status.SUBMITTED else "请把退回的转办单送回承办单位"
    messages.success(request, f"申请 {application.number} 已补正，{next_step}。")
    return redirect("intake:application_accept", pk=pk)
