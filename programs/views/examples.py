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
from ..forms.examples import ExampleForm, said
from ..models import Program, ProgramVersion, RuleExample
from ..permissions import can_keep_examples, can_work_on_rules
from ..screening.language import Catalogue, FactType, RuleError, read


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
    form = ExampleForm(request.POST or None, **_asked(request, program))
    if request.method == "POST" and form.is_valid():
        written = submit(form, lambda: transitions.write_example(code=code, **_filled(form), by=request.post))
        if written:
            messages.success(request, f"已添加样例“{written}”。")
            return redirect("programs:example_list", code)
    return _page(request, program, form, "添加样例")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def example_rewrite(request: StaffRequest, pk: int) -> HttpResponse:
    example = RuleExample.objects.visible_to(request.post).select_related("program").get_or_404(pk)
    form = ExampleForm(request.POST or None, example=example, **_asked(request, example.program))
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.rewrite_example(example_id=pk, **_filled(form), by=request.post)):
            messages.success(request, "已修改样例。")
            return redirect("programs:example_list", example.program_id)
    return _page(request, example.program, form, "修改样例", example=example)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def example_retire(request: StaffRequest, pk: int) -> HttpResponse:
    example = RuleExample.objects.visible_to(request.post).select_related("program").get_or_404(pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.retire_example(example_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, "已停用样例。")
            return redirect("programs:example_list", example.program_id)
    return _page(request, example.program, form, "停用样例", example=example)


def _page(request: StaffRequest, program: Program, form: ExampleForm | ReasonForm, heading: str, **more: object) -> HttpResponse:
    context = {"form": form, "program": program, "heading": heading, "example": None, **more}
    return render(request, "programs/example_form.html", context, status=422 if form.errors else 200)


def _program(request: StaffRequest, code: str) -> Program:
    program: Program = Program.objects.visible_to(request.post).get_or_404(code)
    if not can_keep_examples(request.post, program):
        raise PermissionDenied("规则样例由本项目的部门和县级平台填写。")
    return program


def _filled(form: ExampleForm) -> dict[str, Any]:
    return {**{name: form.cleaned_data[name] for name in ("name", "expected", "why")}, "situation": form.situation()}


def _asked(request: StaffRequest, program: Program) -> dict[str, Any]:
    """The facts, prerequisites and exclusions that the rules of the program, drafts too, speak of."""
    catalogue: Catalogue = catalogue_of_examples(clock.today())
    facts: dict[str, FactType] = {}
    codes: set[str] = set()
    for version in ProgramVersion.objects.visible_to(request.post).filter(program=program, discarded_at=None).exclude(screening_rule=None):
        try:
            rule = read(version.screening_rule, catalogue, beneficiary=program.beneficiary)
        except RuleError:
            continue
        facts |= {key: catalogue[key] for key in rule.facts()}
        codes |= {*rule.requires, *rule.excludes}
    programs = list(Program.objects.visible_to(request.post).filter(code__in=codes).values_list("code", "seed_name"))
    return {"facts": list(facts.values()), "programs": programs}
