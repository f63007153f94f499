"""The county platform's Word templates: which is in use, download, hand in, confirm, go back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..downloads import word_file
from ..field_list import field_list
from ..forms import ReasonForm, TemplateForm
from ..models import DocumentTemplate
from ..papers import PAPERS, as_data
from ..permissions import can_confirm_template, can_read_templates, can_retire_template
from ..word import SAMPLE_NUMBER
from ..word import render as render_word


@require_GET
@requires(can_read_templates)
def template_list(request: StaffRequest) -> HttpResponse:
    rows = DocumentTemplate.objects.visible_to(request.post).standing().without_content().with_list_data()
    by_kind: dict[str, dict[str, DocumentTemplate]] = {kind: {} for kind in PAPERS}
    for template in rows:
        if template.kind in by_kind:
            by_kind[template.kind].setdefault(template.status, template)
    listed = [(kind, PAPERS[kind].title, found.get("in_force"), found.get("proposed")) for kind, found in by_kind.items()]
    return render(request, "documents/template_list.html", {"rows": listed})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_read_templates)
@once
def template_detail(request: StaffRequest, kind: str) -> HttpResponse:
    """One kind of paper: its templates, the fields it has, and the form for the next template."""
    if kind not in PAPERS:
        raise Http404("没有这种文书。")
    form = TemplateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        octets, note = form.cleaned_data["file"].read(), form.cleaned_data["note"]
        template = submit(form, lambda: transitions.upload_template(kind=kind, octets=octets, note=note, by=request.post))
        if template:
            messages.success(request, f"第{template.number}版模板已上传，待县级平台审批岗确认后使用。")
            return redirect("documents:template_detail", kind=kind)
    rows = DocumentTemplate.objects.visible_to(request.post).without_content().with_list_data().filter(kind=kind)
    context = {
        "kind": kind,
        "title": PAPERS[kind].title,
        "rows": [_row(request, template) for template in rows],
        "form": form,
        "fields": field_list(kind),
        "can_restore": can_retire_template(request.post) and not any(row.is_default and row.status == "in_force" for row in rows),
    }
    return render(request, "documents/template_detail.html", context, status=422 if form.errors else 200)


def _row(request: StaffRequest, template: DocumentTemplate) -> dict[str, Any]:
    waits = template.status == DocumentTemplate.Status.PROPOSED
    return {
        "template": template,
        "can_confirm": waits and can_confirm_template(request.post, template),
        "can_turn_down": waits and can_retire_template(request.post, template),
    }


@require_GET
@requires(can_read_templates)
def template_download(request: StaffRequest, pk: int) -> HttpResponse:
    template = DocumentTemplate.objects.visible_to(request.post).get_or_404(pk)
    return word_file(bytes(template.content), f"{PAPERS[template.kind].title}模板第{template.number}版.docx")


@require_GET
@requires(can_read_templates)
def template_sample(request: StaffRequest, pk: int) -> HttpResponse:
    """The template filled with made-up data, to look at before it is confirmed."""
    template = DocumentTemplate.objects.visible_to(request.post).get_or_404(pk)
    paper = PAPERS[template.kind]
    octets = render_word(template.kind, bytes(template.content), as_data(paper.sample()), number=SAMPLE_NUMBER)
    return word_file(octets, f"{paper.title}样例.docx")


@require_POST
@requires(can_read_templates)
@once
def template_confirm(request: StaffRequest, pk: int) -> HttpResponse:
    template = transitions.confirm_template(template_id=pk, by=request.post)
    messages.success(request, f"已确认：今后出具的{PAPERS[template.kind].title}使用第{template.number}版模板。")
    return redirect("documents:template_detail", kind=template.kind)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_retire_template)
@once
def template_turn_down(request: StaffRequest, pk: int) -> HttpResponse:
    template = DocumentTemplate.objects.visible_to(request.post).without_content().get_or_404(pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.turn_down_template(template_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, "已记明不予采用，可以重新上传。")
            return redirect("documents:template_detail", kind=template.kind)
    if told := late(request, form, reverse("documents:template_detail", args=[template.kind])):
        return told
    return _asking(request, form, template.kind, heading="不予采用这个模板")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_retire_template)
@once
def template_restore(request: StaffRequest, kind: str) -> HttpResponse:
    if kind not in PAPERS:
        raise Http404("没有这种文书。")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.restore_default_template(kind=kind, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, f"已恢复平台自带的{PAPERS[kind].title}模板。")
            return redirect("documents:template_detail", kind=kind)
    return _asking(request, form, kind, heading="恢复平台自带的模板")


def _asking(request: StaffRequest, form: ReasonForm, kind: str, *, heading: str) -> HttpResponse:
    context = {"form": form, "kind": kind, "title": PAPERS[kind].title, "heading": heading}
    return render(request, "documents/template_reason.html", context, status=422 if form.errors else 200)
