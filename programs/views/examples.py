"""Worked examples of a program's rule: kept as a set that is asked on every check and before every publication."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..facts import catalogue_of_examples
from ..forms.drafts import ReasonForm
from ..forms.examples import ExampleForm, MemberFormSet, members_initial, said, with_one_more
from ..models import Program, ProgramVersion, RuleExample
from ..permissions import can_keep_examples, can_work_on_rules
from ..screening.language import Catalogue, FactType, RuleError, read

ADD_MEMBER = "member"


@require_safe
@requires(can_work_on_rules)
def example_list(request: StaffRequest, code: str) -> HttpResponse:
    program = _program(request, code)
    catalogue = catalogue_of_examples(clock.today())
    rows = (
        RuleExample.objects.visible_to(request.post)
        .filter(program=program)
        .in_use()
        .select_related("written_by__unit", "written_by__staff")
    )
    return render(request, "programs/example_list.html", {"program": program, "examples": [(row, said(row, catalogue)) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def example_write(request: StaffRequest, code: str) -> HttpResponse:
    program = _program(request, code)
    form, members = _forms(request, program, None)
    if _is_filled(request, form, members):
        written = submit(form, lambda: transitions.write_example(code=code, **_filled(form, members), by=request.post))
        if written:
            messages.success(request, f"已添加样例“{written}”。")
            return redirect("programs:example_list", code)
    return _page(request, program, form, "添加样例", members=members)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def example_rewrite(request: StaffRequest, pk: int) -> HttpResponse:
    """A change of what somebody else rewrote meanwhile comes back with what was typed, beside what was saved."""
    example, latest = _example(request, pk), []
    form, members = _forms(request, example.program, example)
    if _is_filled(request, form, members):
        filled = {**_filled(form, members), "seen_revision": form.cleaned_data["seen_revision"]}
        if submit(form, lambda: transitions.rewrite_example(example_id=pk, **filled, by=request.post)):
            messages.success(request, "已修改样例。")
            return redirect("programs:example_list", example.program_id)
        latest = form.look_again(_example(request, pk))
    return _page(request, example.program, form, "修改样例", example=example, members=members, latest=latest)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def example_retire(request: StaffRequest, pk: int) -> HttpResponse:
    example = _example(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.retire_example(example_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, "已停用样例。")
            return redirect("programs:example_list", example.program_id)
    return _page(request, example.program, form, "停用样例", example=example)


def _page(request: StaffRequest, program: Program, form: Any, heading: str, *, members: Any = None, **more: object) -> HttpResponse:
    wrong = bool(form.errors) or bool(members is not None and members.is_bound and not members.is_valid())
    if request.POST.get("do") == ADD_MEMBER:  # another row was asked for: nothing is found wrong yet
        wrong = False
    context = {"form": form, "members": members, "program": program, "heading": heading, "example": None, "latest": [], **more}
    return render(request, "programs/example_form.html", context, status=422 if wrong else 200)


def _example(request: StaffRequest, pk: int) -> RuleExample:
    example: RuleExample = RuleExample.objects.visible_to(request.post).select_related("program").get_or_404(pk)
    return example


def _program(request: StaffRequest, code: str) -> Program:
    program: Program = Program.objects.visible_to(request.post).get_or_404(code)
    if not can_keep_examples(request.post, program):
        raise PermissionDenied("规则样例由本项目的部门和县级平台填写。")
    return program


def _forms(request: StaffRequest, program: Program, example: RuleExample | None) -> tuple[ExampleForm, Any]:
    """The form of the person and household, and the rows of the other members; asked for one more, as they stand with it."""
    facts, of_members, programs = _asked(request, program)
    options: dict[str, Any] = {"prefix": "member", "form_kwargs": {"facts": of_members}}
    if request.method != "POST":
        initial = members_initial(example)
        return ExampleForm(facts=facts, programs=programs, example=example), MemberFormSet(initial=initial, **options)
    data = with_one_more(request.POST) if request.POST.get("do") == ADD_MEMBER else request.POST
    form, members = ExampleForm(data, facts=facts, programs=programs, example=example), MemberFormSet(data, **options)
    if request.POST.get("do") == ADD_MEMBER:
        for one in (form, *members.forms):
            one.be_quiet()
    return form, members


def _is_filled(request: StaffRequest, form: ExampleForm, members: Any) -> bool:
    return request.method == "POST" and "do" not in request.POST and all([form.is_valid(), members.is_valid()])


def _filled(form: ExampleForm, members: Any) -> dict[str, Any]:
    return {**{name: form.cleaned_data[name] for name in ("name", "expected", "why")}, "situation": form.situation(members.rows)}


def _asked(request: StaffRequest, program: Program) -> tuple[list[FactType], list[FactType], list[tuple[str, str]]]:
    """What the rules of the program, drafts too, speak of: all facts, those of relatives and members, prerequisites and exclusions."""
    catalogue: Catalogue = catalogue_of_examples(clock.today())
    facts: set[str] = set()
    of_members: set[str] = set()
    codes: set[str] = set()
    for version in ProgramVersion.objects.visible_to(request.post).filter(program=program, discarded_at=None).exclude(screening_rule=None):
        try:
            rule = read(version.screening_rule, catalogue, beneficiary=program.beneficiary)
        except RuleError:
            continue
        facts |= rule.facts()
        of_members |= rule.facts_of_groups()
        codes |= {*rule.requires, *rule.excludes}
    programs = list(Program.objects.visible_to(request.post).filter(code__in=codes).values_list("code", "seed_name"))
    theirs = [catalogue[key] for key in of_members if not catalogue[key].is_of_household]
    return [catalogue[key] for key in facts], theirs, programs
