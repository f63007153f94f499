"""Drafts of a program's next version: begun, changed part by part, looked over, published by a second person, held, given up."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config import clock
from config.once import once
from config.submit import late, submit
from config.verbs import AlreadyHandled
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..differences import differences, rule_change, words_of
from ..forms.drafts import NoteForm, PartForm, PublishForm, ReasonForm
from ..models import Program, ProgramVersion
from ..permissions import can_draft, can_hold, can_publish, can_revise, can_work_on_rules
from ..presenters import shown
from ..proof import prove


@require_safe
@requires(can_work_on_rules)
def version_list(request: StaffRequest, code: str) -> HttpResponse:
    """Every version of a program that the post may see, the newest first, and its draft."""
    program = Program.objects.visible_to(request.post).get_or_404(code)
    versions = ProgramVersion.objects.visible_to(request.post).filter(program=program).with_page_data().order_by("-number")
    rows = list(versions)
    context = {
        "program": program,
        "versions": rows,
        "draft": next((row for row in rows if row.is_open_draft), None),
        "can_draft": can_draft(request.post, program),
        "today": clock.today(),
    }
    return render(request, "programs/version_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def version_begin(request: StaffRequest, code: str) -> HttpResponse:
    program = Program.objects.visible_to(request.post).get_or_404(code)
    if not can_draft(request.post, program):
        raise PermissionDenied("这个项目由其他部门起草。")
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = submit(form, lambda: transitions.begin(code=code, note=form.cleaned_data["note"], by=request.post))
        if version:
            messages.success(request, f"已起草{version}，请逐部分修改。")
            return redirect("programs:version_detail", version.pk)
    return render(request, "programs/version_begin.html", {"form": form, "program": program}, status=422 if form.errors else 200)


@require_safe
@requires(can_work_on_rules)
def version_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """What a version says otherwise than the one before it; of a draft also its parts, its check and what may be done."""
    version = _version(request, pk)
    before, on = _before(request, version), _day(request, version)
    context = {
        "version": version,
        "program": version.program,
        "before": before,
        "changes": differences(before, version),
        "rule": rule_change(before, version, on),
        "rule_lines": words_of(version, on),
        "proof": prove(version, on) if version.is_open_draft else None,
        "can_revise": can_revise(request.post, version),
        "can_hold": can_hold(request.post, version),
        "can_publish": can_publish(request.post, version),
    }
    return render(request, "programs/version_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_publish(request: StaffRequest, pk: int) -> HttpResponse:
    """The difference in words, the check on the first day, and the day from which it holds."""
    version = _version(request, pk)
    if not can_publish(request.post, version):
        raise PermissionDenied("规则由本部门审批岗或县级平台审批岗发布。")
    before, on = _before(request, version), _day(request, version)
    form = PublishForm(request.POST or None, initial={"valid_from": on, "seen_revision": version.revision})
    if request.method == "POST" and form.is_valid():
        published = submit(form, lambda: transitions.publish(version_id=pk, **form.cleaned_data, by=request.post))
        if published:
            messages.success(request, f"已发布{published}，自{published.valid_from:%Y-%m-%d}起执行。已受理的事项按原版本办理。")
            return redirect("programs:version_detail", pk)
    elif request.method != "POST":
        refuse_closed(version)
    context = {
        "form": form,
        "version": version,
        "program": version.program,
        "before": before,
        "changes": differences(before, version),
        "rule": rule_change(before, version, on),
        "proof": prove(version, on),
    }
    return render(request, "programs/draft_publish.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_discard(request: StaffRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, can_revise, transitions.discard, "作废草稿", "已作废，以后可以另起新版。")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_hold(request: StaffRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, can_hold, transitions.hold, "暂缓发布", "已暂缓发布。")


@require_POST
@requires(can_work_on_rules)
@once
def draft_release(request: StaffRequest, pk: int) -> HttpResponse:
    transitions.release(version_id=pk, by=request.post)
    messages.success(request, "已恢复，可以发布。")
    return redirect("programs:version_detail", pk)


def editable(request: StaffRequest, pk: int) -> ProgramVersion:
    """The draft for one of its parts' pages. A GET of what is closed is refused; a POST is told so by its verb, in its form.

    Raises:
        Http404, PermissionDenied, AlreadyHandled
    """
    version = _version(request, pk)
    if not can_revise(request.post, version):
        raise PermissionDenied("这个项目由其他部门起草。")
    if request.method != "POST":
        refuse_closed(version)
    return version


def refuse_closed(version: ProgramVersion) -> None:
    if version.is_published:
        raise AlreadyHandled(f"{version}已由{version.published_by}发布，自{version.valid_from}起执行，不能再改。要改请另起新版。")
    if version.is_discarded:
        raise AlreadyHandled(f"{version}已由{version.discarded_by}作废：{version.discard_reason}。")


def keep(request: StaffRequest, version: ProgramVersion, form: PartForm, verb: Callable[[], Any]) -> HttpResponseRedirect | None:
    """Hand a valid part to its verb and lead back; what is refused stays in the form, to be saved again in sight of the newest revision."""
    if submit(form, verb):
        messages.success(request, "已保存。")
        return redirect("programs:version_detail", version.pk)
    newest = ProgramVersion.objects.visible_to(request.post).get_or_404(version.pk)
    form.look_again(newest.revision)
    return None


def latest_beside(form: PartForm, row: Any) -> list[tuple[str, str, str]]:
    """After a refusal: label, typed, and saved by somebody else, where the two differ."""
    if not form.is_bound or not form.non_field_errors() or not hasattr(form, "cleaned_data"):
        return []
    found = []
    for name in form.NAMES:
        if name in form.cleaned_data and form.cleaned_data[name] != getattr(row, name):
            found.append((str(row.label_of(name)), form[name].value(), shown(row, name)))
    return found


def _version(request: StaffRequest, pk: int) -> ProgramVersion:
    rows = ProgramVersion.objects.visible_to(request.post).with_page_data()
    version: ProgramVersion = rows.select_related(
        "program", "published_by__unit", "published_by__staff", "drafted_by__unit", "drafted_by__staff", "revised_by__unit",
        "revised_by__staff", "held_by__unit", "held_by__staff", "discarded_by__unit", "discarded_by__staff",
    ).get_or_404(pk)  # fmt: skip
    return version


def _before(request: StaffRequest, version: ProgramVersion) -> ProgramVersion | None:
    """The published version that this one follows."""
    rows = ProgramVersion.objects.visible_to(request.post).published().filter(program=version.program, number__lt=version.number)
    before: ProgramVersion | None = rows.with_page_data().order_by("-valid_from").first()
    return before


def _day(request: StaffRequest, version: ProgramVersion) -> date:
    """The day on which it is to hold: the one asked for, or tomorrow; of a published version its first."""
    if version.valid_from:
        return version.valid_from
    try:
        asked = parse_date(request.POST.get("valid_from") or request.GET.get("day", ""))
    except ValueError:
        asked = None
    return asked or clock.today() + timedelta(days=1)


def _with_reason(request: StaffRequest, pk: int, may: Any, verb: Any, heading: str, done: str) -> HttpResponse:
    version = _version(request, pk)
    if not may(request.post, version):
        raise PermissionDenied("您的岗位不能做这一步。")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: verb(version_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, done)
            return redirect("programs:version_detail", pk)
        if told := late(request, form, reverse("programs:version_detail", args=[pk])):
            return told
    elif request.method != "POST":
        refuse_closed(version)
    context = {"form": form, "version": version, "heading": heading}
    return render(request, "programs/draft_reason.html", context, status=422 if form.errors else 200)
