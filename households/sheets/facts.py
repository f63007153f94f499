"""Facts delivered as sheets: compared with what was delivered before, whose place they take (ZX-28, ADR 0024).

A fact that says the same is left alone but for its day; the newer day wins, whatever the order of the files, and of whole lists no older
one comes in. No file stops aid: a death that a register
tells is a fact, and for the township to confirm.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q

from deadlines.rules import end_of
from organization.lineage import codes
from organization.models import Post
from programs.models import FactKind
from spreadsheets.declaration import Comparison, Template
from spreadsheets.models import Batch

from ..models import RegistryChange
from ..permissions import COUNTY
from ..rules import FAMILY_MEANS
from ..transitions.entering_facts import enter_facts, hold
from . import people
from .fact_plan import GONE, Plan
from .fact_sheets import Sheet, sheets, template_of
from .people import by_hash, run

DEPARTMENT = frozenset({"D", "DA"})


class Facts:
    """The owner of `households.facts` (see `spreadsheets.declaration.Owner`)."""

    def template(self, name: str) -> Template | None:
        sheet = sheets().get(name)
        kinds = {kind.key: kind for kind in FactKind.objects.filter(key__in=sheet.kinds)} if sheet else {}
        return template_of(sheet, kinds) if sheet and len(kinds) == len(sheet.kinds) else None

    def templates(self, names: Sequence[str]) -> Sequence[Template]:
        kinds = {kind.key: kind for kind in FactKind.objects.order_by()}
        named = [sheet for sheet in sheets().values() if sheet.name in names]
        return [template_of(sheet, kinds) for sheet in named if set(sheet.kinds) <= set(kinds)]

    def listed_for(self, post: Post) -> Sequence[Template]:
        mine = [sheet for sheet in sheets().values() if _may(post, sheet)]
        kinds = {kind.key: kind for kind in FactKind.objects.visible_to(post)} if mine else {}
        return [template_of(sheet, kinds) for sheet in mine if set(sheet.kinds) <= set(kinds)]

    def may_hand_in(self, post: Post, template: Template) -> bool:
        sheet = sheets().get(template.name)
        return sheet is not None and _may(post, sheet)

    def rows_for(self, post: Post, template: Template) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - as the protocol has it
        return []

    def compare(self, batch: Batch, template: Template) -> Comparison:
        with by_hash(batch.rows):
            plan = Plan(batch, sheets()[template.name])
            plan.refuse_older()
            plan.lay()
            plan.refuse_other_names()
            _refuse(plan)
            plan.weigh()
            plan.tell()
            if plan.sheet.is_whole:
                run(plan.written(GONE), plan.params)
            return Comparison(plan.count_standing() if plan.sheet.is_whole else 0, _remarks(plan))

    def apply(self, batch: Batch, template: Template, by: Post) -> None:
        enter_facts(batch=batch, template=template, by=by)

    def hold(self, template: Template) -> None:
        hold(sheets()[template.name])


def _may(post: Post, sheet: Sheet) -> bool:
    """- the department that supplies it, handlers and approvers
    - the county platform, for any (代录, ZX-22)."""
    return post.role in COUNTY or (post.role in DEPARTMENT and sheet.department in codes(post))


def _refuse(plan: Plan) -> None:
    """Rows of whom nothing can be noted, or that say nothing."""
    sheet = plan.sheet
    if plan.collects:
        nowhere = "'平台没有此人，登记为未归户须填写所在乡镇（街道）。'"
        plan.refuse("township", nowhere, "r.person_id IS NULL AND r.region_code = ''")
    if plan.is_of_home:
        loose = "'此人没有归户，家庭的事项无法登记。请先由乡镇（街道）登记家庭。'"
        plan.refuse("id_number", loose, "r.person_id IS NOT NULL AND r.household_id IS NULL")
    if sheet.validity:
        expired = "'有效期在数据截止日前已过，请核对；确已失效的不列入名册。'"
        plan.refuse("valid_until", expired, "r.valid_until < %s", [plan.batch.as_of])
    if not sheet.fixed:
        plan.refuse("", "'这一行没有填写任何事项。'", "array_remove(r.said, NULL) = '{}'")
    if FAMILY_MEANS & set(sheet.kinds):
        _refuse_former_families(plan)
    if plan.is_of_home and not sheet.is_listed:
        plan.refuse_contradictions()
    if sheet.is_listed:
        plan.refuse_beside_wrong()


def _refuse_former_families(plan: Plan) -> None:
    """As `knowledge.note_fact`: what was collected before members left for another family is not this family's."""
    told = "'这个家庭在数据截止日以后分户、转户或并户，表中说的是变动以前的家庭。请按现在的成员重新核对后再报。'"
    changed = (
        "r.household_id IN (SELECT unnest(ARRAY[c.household_id, c.target_id]) FROM households_registrychange c "
        "WHERE c.status = 'confirmed' AND c.kind = ANY (%s) AND c.answered_at >= %s)"
    )
    plan.refuse("", told, changed, [[str(kind.value) for kind in RegistryChange.REMAKING], end_of(plan.batch.as_of)])


def _remarks(plan: Plan) -> tuple[tuple[str, int], ...]:
    marks = {"strangers": people.STRANGER, "older": "older"}
    skipped = plan.batch.staged.filter(outcome="skipped").aggregate(
        **{name: Count("pk", filter=Q(marks__contains=[mark])) for name, mark in marks.items()}
    )
    counted = (
        ("答复核实请求", plan.count_answered()),
        ("平台没有此人，不收集", skipped["strangers"]),
        ("平台已有更新的数据，不再改回", skipped["older"]),
    )
    return tuple((words, count) for words, count in counted if count)
