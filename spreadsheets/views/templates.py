"""数据导入: which templates a post may hand in, their blank workbooks, and a new file."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.models import Unit
from organization.requests import StaffRequest

from .. import permissions, transitions
from ..blank import blank
from ..declaration import Template, empty_because, listed_for, owner_of, template_of
from ..downloads import XLSX
from ..forms import FileForm
from ..ground import ground
from ..models import Batch
from ..owing import owing
from ..transitions.handing_in import FileOnItsWay

SHORT_LIST = 12  # templates that are seen at a glance


@require_GET
@requires(permissions.handles_files)
def template_list(request: StaffRequest) -> HttpResponse:
    """What may be handed in, and when it last was; of many, those whose title holds the words asked for. Before the county platform
    also whose it is (代录), to be found by that too."""
    words = request.GET.get("q", "").split()
    chooses = permissions.chooses_unit(request.post)
    last = Batch.objects.visible_to(request.post).last_applied(None if chooses else request.post.unit_id)
    listed = listed_for(request.post)
    owed = {key: found.words for key, found in owing(listed).items()} if chooses else {}
    rows = [
        {"template": each, "last": last.get(each.key), "owing": owed.get(each.key, ""), "empty": empty_because(request.post, each)}
        for each in listed
        if all(word in each.title or word in owed.get(each.key, "") for word in words)
    ]
    context = {"rows": rows, "words": " ".join(words), "is_long": len(listed) > SHORT_LIST, "chooses": chooses}
    return render(request, "spreadsheets/template_list.html", context)


def _template(request: StaffRequest, key: str) -> Template:
    template = template_of(key)
    if template is None or not permissions.can_hand_in(request.post, template):
        raise Http404("没有这个模板，或不由您的单位报送。")
    return template


@require_POST
@requires(permissions.handles_files)
def template_blank(request: StaffRequest, key: str) -> StreamingHttpResponse:
    """The workbook to fill in; handing it out with rows in it is an act with its line."""
    template = _template(request, key)
    owner = owner_of(key)
    rows = owner.rows_for(request.post, template) if owner else []
    transitions.hand_out_blank(title=template.title, rows=len(rows), by=request.post)
    name = f"{template.title} {clock.today():%Y-%m-%d}.xlsx"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment"}
    empty = "" if rows else empty_because(request.post, template)
    return StreamingHttpResponse(blank(template, ground(clock.today()), rows=rows, empty=empty), content_type=XLSX, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def batch_new(request: StaffRequest, key: str) -> HttpResponse:
    """A file for a template; the same one again leads to where it is being worked on."""
    template = _template(request, key)
    is_post = request.method == "POST"
    form = FileForm(request.POST if is_post else None, request.FILES if is_post else None, **_units(request, template))
    if is_post and form.is_valid():
        batch = submit(form, lambda: _handed_in(request, key, form))
        if batch:
            return redirect(batch)
    context = {"form": form, "template": template, "empty": empty_because(request.post, template)}
    return render(request, "spreadsheets/batch_new.html", context, status=422 if form.errors else 200)


def _handed_in(request: StaffRequest, key: str, form: FileForm) -> Batch:
    """The new file, or the same one that is being worked on."""
    try:
        batch = transitions.hand_in(template=key, by=request.post, **form.said())
    except FileOnItsWay as standing:
        messages.warning(request, str(standing))
        return standing.batch
    messages.success(request, "已上传，正在读取。")
    return batch


def _units(request: StaffRequest, template: Template) -> dict[str, Any]:
    """The county platform hands in for a unit that owes the list, which is there already where it can be but one; where it may be several,
    its own is among them. Everybody else for the own unit, without asking."""
    if not permissions.chooses_unit(request.post):
        return {}
    owed = owing([template])[template.key]
    whose = Q(pk__in=[unit.pk for unit in owed.departments]) | Q(kind__in=owed.kinds)
    if owed.only is None:
        whose |= Q(pk=request.post.unit_id)
    units = Unit.objects.visible_to(request.post).current(clock.today()).filter(whose).order_by("kind", "pk")
    return {"units": units, "only": owed.only, "refusal": f"“{template.title}”不由所选单位报送。请选择{owed.words or '本单位'}。"}
