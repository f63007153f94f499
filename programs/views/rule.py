"""The rule builder: conditions in rows, without code, and all rules of the county to be read."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from config import clock
from config.once import once
from documents.downloads import word_file
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..differences import words_of
from ..facts import catalogue_of_facts
from ..forms.rule import RuleForm
from ..models import Program, ProgramVersion
from ..permissions import can_work_on_rules
from ..proof import figures_known
from ..rule_page import Choices, RowView
from ..rules_document import rules_document as document_of
from ..rules_in_words import TITLE, rules_in_words
from ..screening.language import RuleError
from .drafts import editable, keep


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_work_on_rules)
@once
def draft_rule(request: StaffRequest, pk: int) -> HttpResponse:
    """A post of a row's button comes back changed; the other saves."""
    version, today = editable(request, pk), clock.today()
    catalogue = catalogue_of_facts(today)
    programs = list(Program.objects.visible_to(request.post).named().values_list("code", "seed_name"))
    form = RuleForm(request.POST or None, row=version, revision=version.revision, catalogue=catalogue, programs=programs)
    if form.is_change and not form.refused:
        form.be_quiet()
    elif request.method == "POST" and form.is_valid():
        done = _save(request, version, form)
        if done:
            return done
    figures = figures_known(today, version.program.department_id)
    choices = Choices(catalogue, figures, has_person=version.program.beneficiary != Program.Beneficiary.HOUSEHOLD)
    context = {
        "form": form,
        "version": version,
        "program": version.program,
        "roots": {root: RowView(row, choices, form.row_errors) for root, row in form.rows.items()},
        "rule_lines": words_of(version, today),
        "measure": version.program.get_beneficiary_display(),
    }
    return render(request, "programs/draft_rule.html", context, status=422 if form.errors else 200)


def _save(request: StaffRequest, version: ProgramVersion, form: RuleForm) -> HttpResponse | None:
    said = {name: form.cleaned_data[name] for name in ("rule", "source", "seen_revision")}
    try:
        return keep(request, version, form, lambda: transitions.revise_draft_rule(version_id=version.pk, **said, by=request.post))
    except RuleError as wrong:
        form.wrong_at(wrong)
        return None


@require_safe
@requires()
def rule_list(request: StaffRequest) -> HttpResponse:
    """Every rule of the county in words, by department."""
    today = clock.today()
    context = {"groups": rules_in_words(today, request.post), "today": today, "works_on_rules": can_work_on_rules(request.post)}
    return render(request, "programs/rule_list.html", context)


@require_safe
@requires()
def rule_list_print(request: StaffRequest) -> HttpResponse:
    today = clock.today()
    return render(request, "programs/rule_list_print.html", {"groups": rules_in_words(today, request.post), "today": today})


@require_safe
@requires()
def rules_document(request: StaffRequest) -> HttpResponse:
    """The same as a Word file."""
    today = clock.today()
    return word_file(document_of(rules_in_words(today, request.post), today), f"{TITLE} {today}.docx")
