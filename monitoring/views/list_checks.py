"""名单核身 (ZX-30): purposes and their approval, and a list that comes back with the identities its program needs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.polling import poll
from config.submit import late, submit
from organization.gates import requires, through_any
from organization.lineage import departments
from organization.models import Post
from organization.requests import StaffRequest
from programs.models import Program
from spreadsheets import downloads
from spreadsheets.blank import blank
from spreadsheets.cells import Column
from spreadsheets.ground import Ground
from spreadsheets.reading import FileRefused

from .. import list_check_permissions as permissions
from ..forms.list_checks import AnswerForm, EndForm, PurposeForm, RunForm
from ..list_check_file import TEMPLATE, read_list
from ..list_check_needs import needed
from ..list_check_words import standing
from ..models import CheckPurpose
from ..transitions import list_checks as transitions

RUNS = 20
ASKED_MOST = 150  # every other second: five minutes


@require_GET
@requires(permissions.reads_list_checks)
def list_check_list(request: StaffRequest) -> HttpResponse:
    """What may be used now, what waits for the bureau, what is over."""
    mine = CheckPurpose.objects.visible_to(request.post).with_list_data()
    today = clock.today()
    groups = [
        ("待批准", mine.waiting().order_by("proposed_at")),
        ("可以使用", mine.usable(today).order_by("-proposed_at")),
        ("未批准、停用和过期的", mine.over(today).order_by("-proposed_at")[:RUNS]),
    ]
    context = {
        "groups": [(title, [_row(row) for row in rows]) for title, rows in groups],
        "may_propose": permissions.proposes_purposes(request.post),
        "is_county": request.post.role in {"B", "BA"},
    }
    return render(request, "monitoring/list_check_list.html", context)


def _row(row: CheckPurpose) -> dict[str, Any]:
    return {"purpose": row, "tags": "、".join(transitions.labels(row.tags)), "badge": standing(row, clock.today())}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.proposes_purposes)
@once
def list_check_propose(request: StaffRequest) -> HttpResponse:
    programs = Program.objects.visible_to(request.post).named().filter(department__in=departments(request.post))
    form = PurposeForm(request.POST or None, programs=[(row.pk, str(row)) for row in programs])
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        row = submit(form, lambda: transitions.propose_purpose(program_code=said["program"], purpose=said["purpose"], by=request.post))
        if row is not None:
            messages.success(request, "已提出，请等待县级平台批准。")
            return redirect(row)
    told = [(row, "、".join(transitions.labels(needed(row, clock.today())))) for row in programs]
    context = {"form": form, "told": told}
    return render(request, "monitoring/list_check_propose.html", context, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> tuple[CheckPurpose, Post]:
    """Of whoever acts for a department or the county platform: the purpose, and which of his posts sees it. A message may be about another
    of them."""
    people = [f"{act}_by__{part}" for act in ("proposed", "answered", "ended") for part in ("unit", "staff")]
    return through_any(request, lambda post: CheckPurpose.objects.visible_to(post).select_related("unit", "program", *people), pk)


@require_GET
@requires(permissions.reads_list_checks)
def list_check_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _page(request, *_found(request, pk))


@require_POST
@requires(permissions.reads_list_checks)
@once
def list_check_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    row, post = _found(request, pk)
    if not permissions.can_answer_purpose(post, row):
        raise PermissionDenied("核身用途由县级平台审批岗批准。")
    is_refusal = request.POST.get("act") == "refuse"
    form = AnswerForm(request.POST, is_refusal=is_refusal)
    if form.is_valid():
        said = form.cleaned_data
        if is_refusal:
            done = submit(form, lambda: transitions.refuse_purpose(purpose_id=pk, answer=said["answer"], by=post))
        else:
            done = submit(form, lambda: transitions.approve_purpose(purpose_id=pk, **said, by=post))
        if done:
            messages.success(request, "已答复，提出单位会收到消息。")
            return redirect(row)
    return late(request, form, row) or _page(request, row, post, answer=form)


@require_POST
@requires(permissions.reads_list_checks)
@once
def list_check_end(request: StaffRequest, pk: UUID) -> HttpResponse:
    row, post = _found(request, pk)
    if not permissions.can_end_purpose(post, row):
        raise PermissionDenied("核身用途由提出单位或县级平台停用。")
    form = EndForm(request.POST)
    if form.is_valid():
        if submit(form, lambda: transitions.end_purpose(purpose_id=pk, **form.cleaned_data, by=post)):
            messages.success(request, "已停用。")
            return redirect(row)
    return late(request, form, row) or _page(request, row, post, end=form)


@sensitive_variables()
@require_POST
@requires(permissions.reads_list_checks)
def list_check_run(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """The list goes in, and the same list comes back: nothing of it is kept."""
    row, post = _found(request, pk)
    if not permissions.can_run_check(post, row):
        raise PermissionDenied("由获准的单位核身。")
    form = RunForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            lines = read_list(form.cleaned_data["file"].read())
        except FileRefused as refused:
            form.add_error("file", str(refused))
        else:
            answer = submit(form, lambda: transitions.run_check(purpose_id=pk, lines=lines, by=post))
            if answer is not None:
                return _sheet(request, row, post, answer)
    return _page(request, row, post, run=form)


@require_GET
@requires(permissions.reads_list_checks)
@poll
def list_check_runs(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The runs alone, asked for by the page from the moment a list was sent until its run stands beside those that `stood`: what it found
    leaves in the file, and the page stays. A file that was refused comes back as a page of its own, and ends the asking."""
    row, post = _found(request, pk)
    context = _runs(row, post)
    stood, asked = (_number(request.GET.get(name, "")) for name in ("stood", "asked"))
    if context["stood"] == stood:
        context |= {"asked": asked + 1, "is_awaited": asked < ASKED_MOST, "is_given_up": asked >= ASKED_MOST}
    return render(request, "monitoring/_list_check_runs.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _runs(row: CheckPurpose, post: Post) -> dict[str, Any]:
    """`stood`: how many are the post's own, which another's do not add to."""
    return {
        "row": row,
        "runs": [_run(run, row.tags) for run in row.runs.select_related("ran_by__unit", "ran_by__staff")[:RUNS]],
        "stood": row.runs.filter(ran_by=post).count(),
        "may_run": _is_usable(row) and permissions.can_run_check(post, row),
        "asked": 0,
        "is_awaited": False,
        "is_given_up": False,
    }


def _is_usable(row: CheckPurpose) -> bool:
    return row.status == CheckPurpose.Status.APPROVED and row.until is not None and row.until >= clock.today()


def _sheet(request: StaffRequest, row: CheckPurpose, post: Post, answer: transitions.Answer) -> HttpResponseBase:
    today = f"平台登记，截至{clock.today():%Y-%m-%d}"
    names = transitions.labels(row.tags)
    tags = [Column(f"{name}（{answer.run.as_of.get(tag, today)}）", width=24) for tag, name in zip(row.tags, names, strict=True)]
    columns = (Column("证件号码", width=24), Column("姓名", width=12), *tags, Column("说明", width=30))
    part = downloads.Part("名单核身结果", columns, answer.rows)
    return downloads.answer(request, part, filters=str(row.program), by=post, reason=row.purpose)


@require_POST
@requires(permissions.reads_list_checks)
def list_check_blank(request: StaffRequest) -> HttpResponseBase:  # noqa: ARG001
    """The empty list, its columns as text: a number typed as one loses its last digits."""
    name = content_disposition_header(as_attachment=True, filename="名单核身.xlsx") or "attachment"
    chunks = blank(TEMPLATE, Ground(clock.today()))
    return StreamingHttpResponse(chunks, content_type=downloads.XLSX, headers={"Content-Disposition": name})


def _page(request: StaffRequest, row: CheckPurpose, post: Post, **forms: Any) -> HttpResponse:
    context = _runs(row, post)
    context |= {
        "tags": transitions.labels(row.tags),
        "terms": _terms(row),
        "badge": standing(row, clock.today()),
        "is_usable": _is_usable(row),
        "run_form": (forms.get("run") or RunForm()) if context["may_run"] else None,
        "answer_form": (forms.get("answer") or AnswerForm())
        if row.status == "proposed" and permissions.can_answer_purpose(post, row)
        else None,
        "end_form": (forms.get("end") or EndForm()) if row.status == "approved" and permissions.can_end_purpose(post, row) else None,
    }
    return render(request, "monitoring/list_check_detail.html", context, status=422 if any(form.errors for form in forms.values()) else 200)


def _run(run: Any, tags: list[str]) -> dict[str, Any]:
    named = zip(tags, transitions.labels(tags), strict=True)
    return {"run": run, "found": "、".join(f"{label}{run.found[tag]}人" for tag, label in named if tag in run.found)}


def _terms(row: CheckPurpose) -> list[tuple[str, str]]:
    found = [("单位", row.unit.name), ("救助项目", str(row.program)), ("用途", row.purpose)]
    found.append(("可核对的身份", "、".join(transitions.labels(row.tags))))
    acts = (("提出", row.proposed_at, row.proposed_by), ("答复", row.answered_at, row.answered_by), ("停用", row.ended_at, row.ended_by))
    found += [(what, f"{clock.local(at):%Y-%m-%d %H:%M} {by.label}") for what, at, by in acts if at is not None and by is not None]
    found += [("有效至", f"{row.until:%Y-%m-%d}")] if row.until else []
    return [*found, *((term, text) for term, text in (("意见", row.answer), ("停用原因", row.end_reason)) if text)]
