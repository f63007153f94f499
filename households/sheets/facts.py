"""Facts delivered as sheets: compared with what was delivered before, and written in its place (ZX-28, ADR 0024).

A fact that says the same is left alone; the newer day wins, whatever the order of the files. No file stops aid: a death that a register
tells is a fact, and for the township to confirm.
"""

from collections.abc import Sequence
from typing import Any

from audit.transitions import record, record_from
from config import clock
from config.verbs import TransitionError
from organization.lineage import codes
from organization.models import Post
from programs.models import FactKind, WholeList
from spreadsheets import effects
from spreadsheets.declaration import Comparison, Template
from spreadsheets.models import Batch
from spreadsheets.staged import refuse

from ..models import Fact, FactRequest
from ..permissions import COUNTY
from ..transitions.settling import S, finish
from . import people
from .fact_plan import CONTRADICTED, GONE, MOVED, NOTHING, TOLD, Plan
from .fact_sheets import Sheet, sheets, template_of
from .people import asked, by_hash, run

DEPARTMENT = frozenset({"D", "DA"})
GOOD = "SELECT s.id, '{}', '' FROM spreadsheets_stagedrow s WHERE s.batch_id = %s AND s.number > 0 AND s.outcome <> 'error' AND {}"
NOT_COLLECTED = """
    UPDATE spreadsheets_stagedrow s SET outcome = 'skipped', marks = array_remove(s.marks, 'loose')
    WHERE s.batch_id = %s AND s.number > 0 AND s.outcome <> 'error' AND s.person_id IS NULL
"""


class Facts:
    """The owner of `households.facts` (see `spreadsheets.declaration.Owner`)."""

    def template(self, name: str) -> Template | None:
        sheet = sheets().get(name)
        kinds = {kind.key: kind for kind in FactKind.objects.filter(key__in=sheet.kinds)} if sheet else {}
        return template_of(sheet, kinds) if sheet and len(kinds) == len(sheet.kinds) else None

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
            people.known(batch)
            people.refuse_other_names(batch)
            _refuse(plan)
            plan.say()
            if plan.is_of_home and not plan.sheet.is_listed and refuse(batch, "", CONTRADICTED):
                plan.say()
            plan.lay()
            run(TOLD)
            if plan.sheet.is_whole:
                run(plan.written(GONE), plan.params)
            return Comparison(plan.count_standing() if plan.sheet.is_whole else 0, _remarks(plan))

    def apply(self, batch: Batch, template: Template, by: Post) -> None:
        with by_hash(batch.rows):
            plan = Plan(batch, sheets()[template.name])
            _lock(plan)
            people.enter_strangers(batch, template, by)
            plan.say()
            plan.lay()
            _refuse_moved(plan)
            _write(plan, by)
            _record(plan, by)
            _end_gone(plan, by)
        _settle(plan, by)
        _confirm_list(plan, by)


def _may(post: Post, sheet: Sheet) -> bool:
    """- the department that supplies it, handlers and approvers
    - the county platform, for any (代录, ZX-22)."""
    return post.role in COUNTY or (post.role in DEPARTMENT and sheet.department in codes(post))


def _refuse(plan: Plan) -> None:
    """Rows of whom nothing can be noted, or that say nothing."""
    batch, sheet = plan.batch, plan.sheet
    if sheet.enters_strangers and not plan.is_of_home:
        nowhere = GOOD.format("平台没有此人，登记为未归户须填写所在乡镇（街道）。", "s.person_id IS NULL AND s.region_code = ''")
        refuse(batch, "township", nowhere, [batch.pk])
    else:
        run(NOT_COLLECTED, [batch.pk])
    if plan.is_of_home:
        loose = GOOD.format(
            "此人没有归户，家庭的事项无法登记。请先由乡镇（街道）登记家庭。", "s.person_id IS NOT NULL AND s.household_id IS NULL"
        )
        refuse(batch, "id_number", loose, [batch.pk])
    if sheet.validity:
        expired = GOOD.format("有效期在数据截止日前已过，请核对；确已失效的不列入名册。", "(s.cells ->> 'valid_until')::date < %s")
        refuse(batch, "valid_until", expired, [batch.pk, batch.as_of])
    if not sheet.fixed:
        empty = " AND ".join(f"COALESCE(s.cells -> '{key}', 'null') IN {NOTHING}" for key in sheet.kinds)
        refuse(batch, "", GOOD.format("这一行没有填写任何事项。", empty), [batch.pk])


def _remarks(plan: Plan) -> tuple[tuple[str, int], ...]:
    skipped = plan.batch.staged.filter(outcome="skipped")
    counted = (
        ("答复核实请求", plan.count_answered()),
        ("平台没有此人，不收集", skipped.filter(marks__contains=[people.STRANGER]).count()),
        ("平台已有更新的数据，不再改回", skipped.filter(marks__contains=["older"]).count()),
    )
    return tuple((words, count) for words, count in counted if count)


def _lock(plan: Plan) -> None:
    """Two files of the same facts are applied one after the other; nobody is merged or moved meanwhile."""
    for kind in sorted(plan.sheet.kinds):
        run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"households.facts:{kind}"])
    held = "SELECT person_id FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome IN ('new', 'changed')"
    run(f"SELECT 1 FROM households_resident t WHERE t.id IN ({held}) ORDER BY t.id FOR SHARE", [plan.batch.pk])  # noqa: S608 - above


def _refuse_moved(plan: Plan) -> None:
    """What was confirmed is what is written.

    Raises:
        TransitionError: how many rows no longer are what was confirmed.
    """
    [(count,)] = asked(MOVED, [plan.batch.pk])
    if count:
        raise TransitionError(f"比对以后有{count}行的人员或数据已经变化，没有入库。请重新比对，核对后再确认。")


def _write(plan: Plan, by: Post) -> None:
    batch, now = plan.batch, clock.now()
    effects.update(
        batch, Fact,
        "UPDATE households_fact AS t SET superseded_at = %s, superseded_by_id = %s, successor_id = p.new_id "
        "FROM fact_plan p WHERE t.id = p.standing_id AND p.act = 'changed'",
        [now, by.pk],
    )  # fmt: skip
    statement = f"""
        INSERT INTO households_fact
            (id, kind_id, {plan.subject}, value, detail_sealed, detail_masked, how, source, found_on, valid_until, found_at, found_by_id)
        SELECT p.new_id, p.kind, p.holder, p.value, '', '', 'import', %s, %s, p.valid_until, %s, %s
        FROM fact_plan p WHERE p.act IN ('new', 'changed')
    """  # noqa: S608 - our own column
    effects.insert(batch, Fact, statement, [plan.sheet.title, batch.as_of, now, by.pk])


def _whose(plan: Plan, holder: str) -> tuple[str, str, str]:
    """Joined to a fact's kind k: the subject of a line of the record, how it is called, and its household."""
    if plan.is_of_home:
        return f"JOIN households_household h ON h.id = {holder}", "'户编号 ' || h.number", "h.id"
    joined = f"JOIN households_resident r ON r.id = {holder} LEFT JOIN households_membership m ON m.resident_id = r.id AND m.until IS NULL"
    return joined, people.masked("r.name"), "m.household_id"


def _text(value: str) -> str:
    """A value as people read it (`rules.value_text`); a sensitive one stays out of the record."""
    plain = f"({value} #>> '{{}}')"
    label = f"(SELECT c ->> 'label' FROM jsonb_array_elements(k.codes) c WHERE c ->> 'code' = {plain})"  # noqa: S608 - our own columns
    return (
        f"(CASE WHEN k.is_sensitive OR {value} IS NULL THEN '' "
        f"WHEN k.value_type = 'yes_no' THEN CASE {plain} WHEN 'true' THEN '是' ELSE '否' END "
        f"WHEN k.value_type = 'code' THEN COALESCE({label}, {plain}) "
        f"WHEN k.value_type = 'money' THEN {plain} || '元' ELSE {plain} || k.measure END)"
    )


def _record(plan: Plan, by: Post) -> None:
    """A line for each fact that was written."""
    joined, called, home = _whose(plan, "p.holder")
    uses = "(SELECT count(*) FROM households_factuse u WHERE u.fact_id = p.standing_id)"
    record_from(
        "fact.noted", Fact, f"fact_plan AS p JOIN programs_factkind k ON k.key = p.kind {joined} WHERE p.act IN ('new', 'changed')", by=by,
        subject_id="p.new_id", subject_text=f"k.label || '：' || {called}", old=_text("p.old"), new=_text("p.value"), household_id=home,
        data="jsonb_build_object('kind', k.key, 'label', k.label, 'how', '批量导入', "
        f"'superseded', COALESCE(p.standing_id::text, ''), 'uses', {uses})",
    )  # fmt: skip


def _end_gone(plan: Plan, by: Post) -> None:
    """Nothing takes their place: who is no longer on a whole list is known not to be on it, of the others nothing is known any more."""
    statement = f"""
        UPDATE households_fact AS f SET superseded_at = %s, superseded_by_id = %s FROM spreadsheets_stagedrow s
        WHERE s.batch_id = %s AND s.outcome = 'gone' AND f.{plan.subject} = s.{plan.holder} AND f.found_on <= %s
            AND f.kind_id = ANY (%s) AND f.how = 'import' AND f.source = %s AND f.superseded_at IS NULL
    """  # noqa: S608 - our own columns
    values = [clock.now(), by.pk, plan.batch.pk, plan.batch.as_of, list(plan.sheet.kinds), plan.sheet.title]
    ended = effects.update(plan.batch, Fact, statement, values)
    if ended:
        joined, called, home = _whose(plan, f"f.{plan.subject}")
        record_from(
            "fact.ended", Fact,
            f"households_fact f JOIN programs_factkind k ON k.key = f.kind_id {joined} JOIN {effects.EACH} e ON e.row_id = f.id::text "
            "WHERE e.batch_id = %s AND e.before IS NOT NULL AND f.successor_id IS NULL",
            [plan.batch.pk], by=by, subject_id="f.id", subject_text=f"k.label || '：' || {called}", old=_text("f.value"),
            household_id=home, data="jsonb_build_object('kind', k.key, 'label', k.label)",
        )  # fmt: skip


def _settle(plan: Plan, by: Post) -> None:
    """Whoever was asked for one of these facts has answered."""
    found = dict(asked(plan.questions))
    rows = FactRequest.objects.open().filter(pk__in=list(found)).select_related("kind", "resident", "household", "unit", "asked_by__unit")
    for request in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        request.fact_id = found[request.pk]
        finish(request, S.ANSWERED, by, note="" if by.unit_id == request.unit_id else f"由{by.unit.short_name}导入")


def _confirm_list(plan: Plan, by: Post) -> None:
    """A whole sheet without a wrong row, that two people stand for, is the holder's whole list: who is not on it is known not to be."""
    batch, sheet = plan.batch, plan.sheet
    is_of_two = batch.confirmed_by_staff_id not in (None, batch.handed_in_by_staff_id)
    if not sheet.is_whole or not is_of_two or batch.staged.filter(outcome="error").exists():
        return
    for key in [key for key, kind in plan.kinds.items() if kind.is_list and key in sheet.fixed]:
        if WholeList.objects.standing().filter(kind=key, on__gte=batch.as_of).exists():
            continue
        effects.insert(
            batch, WholeList,
            'INSERT INTO programs_wholelist (kind_id, "on", proposed_at, proposed_by_id, proposed_by_staff_id, confirmed_at, '
            "confirmed_by_id, confirmed_by_staff_id, reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '')",
            [key, batch.as_of, batch.handed_in_at, batch.handed_in_by_id, batch.handed_in_by_staff_id, batch.confirmed_at,
             batch.confirmed_by_id, batch.confirmed_by_staff_id],
        )  # fmt: skip
        listed = WholeList.objects.standing().get(kind=key, on=batch.as_of)
        record("fact_list.confirmed", listed, by=by, new=batch.as_of.isoformat(), subject_text=plan.kinds[key].label)
