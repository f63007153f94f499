"""A compared sheet of facts, written: what stood is superseded, what is gone ends, who asked is answered. Inner, of the entry of a file."""

from typing import TYPE_CHECKING

from django.db import transaction

from audit.transitions import record, record_from
from config import clock
from config.verbs import TransitionError
from programs.models import WholeList
from spreadsheets import effects

from ..models import Fact, FactRequest
from ..sheets.fact_plan import CONFIRMED, SAID_ON, Plan
from ..sheets.fact_sheets import Sheet, sheets
from ..sheets.people import asked, by_hash, masked, take_turn
from .entering_strangers import enter_strangers
from .settling import S, finish

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.declaration import Template
    from spreadsheets.models import Batch

SUPERSEDES = "superseded_at", "superseded_by_id", "successor_id"  # with `confirmed_on` all that a fact is ever written of again


@transaction.atomic
def enter_facts(*, batch: "Batch", template: "Template", by: "Post") -> None:
    """Raises TransitionError: people or facts are others than those that were confirmed."""
    with by_hash(batch.rows):
        plan = Plan(batch, sheets()[template.name])
        _lock(plan)
        plan.refuse_older()
        enter_strangers(batch=batch, template=template, by=by)
        plan.lay(CONFIRMED)
        plan.weigh()
        _refuse_moved(plan)
        _write(plan, by)
        _confirm_same(plan)
        _record(plan, by)
        _end_gone(plan, by)
    _settle(plan, by)
    _confirm_list(plan, by)


def hold(sheet: Sheet) -> None:
    """Two files of the same facts are entered or taken back one after the other."""
    for kind in sorted(sheet.kinds):
        take_turn("pg_advisory_xact_lock(hashtextextended(%s, 0))", f"households.facts:{kind}")


def _lock(plan: Plan) -> None:
    """Nobody is merged or moved meanwhile."""
    hold(plan.sheet)
    held = "SELECT person_id FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome IN ('new', 'changed')"
    locked = f"SELECT FROM households_resident t WHERE t.id IN ({held}) ORDER BY t.id FOR SHARE"  # noqa: S608 - above
    asked(f"SELECT count(*) FROM ({locked}) held", [plan.batch.pk])  # noqa: S608 - counted, so that no key need be handed on


def _refuse_moved(plan: Plan) -> None:
    """What was confirmed is what is written.

    Raises:
        TransitionError: how many rows no longer are what was confirmed.
    """
    if count := plan.count_moved():
        raise TransitionError(f"比对以后有{count}行的人员或数据已经变化。")


def _write(plan: Plan, by: "Post") -> None:
    batch, now = plan.batch, clock.now()
    effects.update(
        batch, Fact,
        "UPDATE households_fact AS t SET superseded_at = %s, superseded_by_id = %s, successor_id = p.new_id "
        "FROM fact_plan p WHERE t.id = p.standing_id AND p.act = 'changed' AND t.kind_id = ANY (%s) AND t.superseded_at IS NULL",
        [now, by.pk, list(plan.sheet.kinds)], sets=SUPERSEDES,
    )  # fmt: skip
    statement = f"""
        INSERT INTO households_fact
            (id, kind_id, {plan.subject}, value, detail_sealed, detail_masked, how, source, found_on, valid_until, found_at, found_by_id)
        SELECT p.new_id, p.kind, p.holder, p.value, '', '', 'import', %s, %s, p.valid_until, %s, %s
        FROM fact_plan p WHERE p.act IN ('new', 'changed')
    """  # noqa: S608 - our own column
    effects.insert(batch, Fact, statement, [plan.sheet.title, batch.as_of, now, by.pk])


def _confirm_same(plan: Plan) -> None:
    """What a later file says again: an older one that comes after it must not overrule it, nor an undo of the first take it away.

    One statement, in the order of the keys, as a merger goes through them; the entry of the file is its line in the record.
    """
    statement = """
        UPDATE households_fact AS t SET confirmed_on = %s FROM (
            SELECT f.id FROM fact_plan p JOIN households_fact f ON f.id = p.standing_id
            WHERE p.act = 'same' AND p.is_later ORDER BY f.id FOR NO KEY UPDATE OF f
        ) p WHERE t.id = p.id AND t.superseded_at IS NULL
    """
    effects.update(plan.batch, Fact, statement, [plan.batch.as_of], sets=("confirmed_on",))


def _whose(plan: Plan, holder: str) -> tuple[str, str, str]:
    """Joined to a fact's kind k: the subject of a line of the record, how it is called, and its household."""
    if plan.is_of_home:
        return f"JOIN households_household h ON h.id = {holder}", "'户编号 ' || h.number", "h.id"
    joined = f"JOIN households_resident r ON r.id = {holder} LEFT JOIN households_membership m ON m.resident_id = r.id AND m.until IS NULL"
    return joined, masked("r.name"), "m.household_id"


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


# What the lines of a kind say alike is made once; only of one that took another's place is more to be said.
TOLD = """(
    SELECT *, jsonb_build_object('kind', key, 'label', label, 'how', '批量导入', 'superseded', '', 'uses', 0) AS told
    FROM programs_factkind OFFSET 0
)"""
REPLACES = """
    CASE WHEN p.standing_id IS NULL THEN k.told ELSE k.told || jsonb_build_object(
        'superseded', p.standing_id, 'uses', (SELECT count(*) FROM households_factuse u WHERE u.fact_id = p.standing_id)) END
"""


def _record(plan: Plan, by: "Post") -> None:
    """A line for each fact that was written."""
    joined, called, home = "JOIN fact_row r ON r.id = p.row_id", masked("r.known_name"), "r.household_id"
    if plan.is_of_home:
        joined, called, home = _whose(plan, "p.holder")
    record_from(
        "fact.noted", Fact, f"fact_plan AS p JOIN {TOLD} k ON k.key = p.kind {joined} WHERE p.act IN ('new', 'changed')", by=by,
        subject_id="p.new_id", subject_text=f"k.label || '：' || {called}", old=_text("p.old"), new=_text("p.value"), household_id=home,
        data=REPLACES,
    )  # fmt: skip


def _end_gone(plan: Plan, by: "Post") -> None:
    """Nothing takes their place: who is no longer on a whole list is known not to be on it, of the others nothing is known any more."""
    statement = f"""
        UPDATE households_fact AS f SET superseded_at = %s, superseded_by_id = %s FROM spreadsheets_stagedrow s
        WHERE s.batch_id = %s AND s.outcome = 'gone' AND f.{plan.subject} = s.{plan.holder} AND {SAID_ON} <= %s
            AND f.kind_id = ANY (%s) AND f.how = 'import' AND f.source = %s AND f.superseded_at IS NULL
    """  # noqa: S608 - our own columns
    values = [clock.now(), by.pk, plan.batch.pk, plan.batch.as_of, list(plan.sheet.kinds), plan.sheet.title]
    ended = effects.update(plan.batch, Fact, statement, values, sets=SUPERSEDES)
    if ended:
        joined, called, home = _whose(plan, f"f.{plan.subject}")
        record_from(
            "fact.ended", Fact,
            f"households_fact f JOIN programs_factkind k ON k.key = f.kind_id {joined} JOIN {effects.EACH} e ON e.row_id = f.id::text "
            "WHERE e.batch_id = %s AND e.before IS NOT NULL AND f.superseded_at IS NOT NULL AND f.successor_id IS NULL",
            [plan.batch.pk], by=by, subject_id="f.id", subject_text=f"k.label || '：' || {called}", old=_text("f.value"),
            household_id=home, data="jsonb_build_object('kind', k.key, 'label', k.label)",
        )  # fmt: skip


def _settle(plan: Plan, by: "Post") -> None:
    """Whoever was asked for one of these facts has answered."""
    found = dict(asked(plan.questions))
    rows = FactRequest.objects.open().filter(pk__in=list(found)).select_related("kind", "resident", "household", "unit", "asked_by__unit")
    for request in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        request.fact_id = found[request.pk]
        finish(request, S.ANSWERED, by, note="" if by.unit_id == request.unit_id else f"由{by.unit.short_name}导入")


def _confirm_list(plan: Plan, by: "Post") -> None:
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
