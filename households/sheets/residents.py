"""People and households as a sheet: the household register, and what townships enter by file instead of one by one (ZX-29).

A sheet adds and fills; it never overwrites a person, moves nobody and ends nothing. A line that says somebody belongs to another
household than he does is wrong, bears the mark of a doubt, and opens no second membership.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.views.decorators.debug import sensitive_variables

from audit.transitions import record_from
from config import clock
from config.protection.sealing import seal_many, unseal
from config.verbs import TransitionError
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import codes
from organization.models import Post, Region
from spreadsheets import effects
from spreadsheets.declaration import Comparison, Field, Template, Type
from spreadsheets.models import Batch
from spreadsheets.staged import refuse

from ..models import Household, Membership, Resident
from ..numbers import household_numbers
from ..permissions import COUNTY, can_enter
from . import fact_sheets as columns
from . import home_plan as plan
from . import people
from .people import asked, by_hash, run

FAMILY = "households.people"
SUPPLIER = "GA"
REGISTER = Template(
    key=f"{FAMILY}:register",
    title="居民和家庭登记表",
    fields=(
        Field("home", "户号", required=True, longest=40, aliases=("户口编号", "家庭编号", "户编号"), example="1",
              help="同一户填同一个户号；给平台已有的家庭添加成员，填平台的户编号"),
        Field("relation", "与户主关系", Type.CODE, required=True, codes=tuple(Membership.Relation.choices), aliases=("关系",)),
        columns.NAME,
        columns.NUMBER,
        Field("township", columns.TOWNSHIP.label, Type.TOWNSHIP, required=True, aliases=columns.TOWNSHIP.aliases, example="忠州街道"),
        Field("village", columns.VILLAGE.label, Type.VILLAGE, required=True, aliases=columns.VILLAGE.aliases),
        Field("address", "详细地址", longest=120, aliases=("地址", "住址")),
        Field("setting", "城乡类别", Type.CODE, codes=tuple(Region.Setting.choices), help="不填的按所在村（社区）"),
        Field("registered_place", "户籍地", longest=80),
        Field("phone", "联系电话", Type.PHONE, aliases=("电话", "手机号码", "手机号"), sealed_in=(Resident, "phone")),
        Field("lives_together", "共同生活", Type.YES_NO, help="不填为是"),
    ),
    key_fields=("id_number",),
    notes=(
        "一人一行，一户的各行填同一个户号，每户一位户主。",
        "平台已有的人员和家庭只补空缺，不改已登记的内容；姓名、地址有误的在平台更正，变动家庭的办理迁移、分户、转户。",
        "没有证件的人员请在平台单独登记。",
    ),
)  # fmt: skip
REFUSALS = (plan.DEAD, plan.WITHOUT_HEAD, plan.SECOND_HEAD, plan.OTHER_PLACE)


class People:
    """The owner of `households.people` (see `spreadsheets.declaration.Owner`)."""

    def template(self, name: str) -> Template | None:
        return REGISTER if name == REGISTER.name else None

    def listed_for(self, post: Post) -> Sequence[Template]:
        return [REGISTER] if self.may_hand_in(post, REGISTER) else []

    def may_hand_in(self, post: Post, template: Template) -> bool:  # noqa: ARG002 - as the protocol has it
        """- a township's handlers, for who lives in it
        - the police, who keep the household register
        - the county platform."""
        return can_enter(post) or post.role in COUNTY or (post.role in {"D", "DA"} and SUPPLIER in codes(post))

    def rows_for(self, post: Post, template: Template) -> Sequence[dict[str, Any]]:  # noqa: ARG002 - as the protocol has it
        return []

    def compare(self, batch: Batch, template: Template) -> Comparison:  # noqa: ARG002 - as the protocol has it
        with by_hash(batch.rows):
            people.known(batch)
            people.refuse_other_names(batch)
            people.refuse_elsewhere(batch)
            _refuse(batch)
            run(plan.TOLD_KNOWN)
            run(plan.TOLD_NEW)
            [(opened, joined, kept)] = asked(
                "SELECT (SELECT count(*) FROM home_group WHERE target IS NULL), count(*) FILTER (WHERE 'joins' = ANY (marks)), "
                "count(*) FILTER (WHERE 'kept' = ANY (marks)) FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome <> 'error'",
                [batch.pk],
            )
            return Comparison(0, (("新建家庭", opened), ("加入已有家庭", joined), ("与登记不同，保留登记内容", kept)))

    def apply(self, batch: Batch, template: Template, by: Post) -> None:
        with by_hash(batch.rows):
            _refuse_moved(batch)
            _lay(batch)
            people.enter_strangers(batch, template, by, note="由导入的居民和家庭登记表登记")
            _open(batch, by)
            _join(batch, by)
            _fill(batch, by)


def _lay(batch: Batch) -> None:
    """The lines and the households they mean, anew."""
    run("DROP TABLE IF EXISTS pg_temp.home_line, pg_temp.home_group")
    run(plan.LINES, [batch.pk])
    run(plan.GROUPS)
    run("ANALYZE home_line, home_group")


def _refuse(batch: Batch) -> None:
    """One after the other: whom a household loses to one fault may leave it without its head."""
    _lay(batch)
    refuse(batch, "id_number", plan.TWO_HOUSEHOLDS, [batch.unit.kind in TOWNSHIP | COUNTY_WIDE])
    _lay(batch)
    if township := people.township_of(batch):
        refuse(batch, "home", plan.FAR_HOUSEHOLD, [township])
        _lay(batch)
    for refusal in REFUSALS:
        refuse(batch, "", refusal)
        _lay(batch)


def _refuse_moved(batch: Batch) -> None:
    """What was confirmed is what is written; the households are held.

    Raises:
        TransitionError: how many lines no longer are what was confirmed.
    """
    held = "SELECT COALESCE(subject_id, household_id) FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome IN ('new', 'changed')"
    run(f"SELECT 1 FROM households_household t WHERE t.id IN ({held}) ORDER BY t.id FOR NO KEY UPDATE", [batch.pk])  # noqa: S608 - above
    [(count,)] = asked(plan.MOVED, [batch.pk])
    if count:
        raise TransitionError(f"比对以后有{count}行的人员或家庭已经变化，没有入库。请重新比对，核对后再确认。")


def _open(batch: Batch, by: Post) -> None:
    groups = asked("SELECT home, left(region_code, 9) FROM home_group WHERE target IS NULL ORDER BY region_code, home")
    if not groups:
        return
    numbers = {code: iter(household_numbers(code, count)) for code, count in sorted(Counter(code for _, code in groups).items())}
    named = [[home for home, _ in groups], [next(numbers[code]) for _, code in groups]]
    now = clock.now()
    effects.insert(batch, Household, plan.HOUSEHOLDS, [now, by.pk, now, by.pk, *named])
    record_from(
        "household.opened", Household, "home_group AS g JOIN households_household t ON t.id = g.new_id", by=by,
        subject_text="'户编号 ' || t.number", household_id="t.id", new="(SELECT count(*) FROM home_line l WHERE l.home = g.home) || '人'",
    )  # fmt: skip


def _join(batch: Batch, by: Post) -> None:
    """Who belongs nowhere yet, to the household of the line."""
    now = clock.now()
    effects.update(batch, Resident, plan.JOINED)
    effects.insert(batch, Membership, plan.MEMBERSHIPS, [clock.today(), now, by.pk])
    relations = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in Membership.Relation.choices)
    record_from(
        "member.added", Membership,
        "spreadsheets_stagedrow s JOIN households_membership t ON t.resident_id = s.person_id AND t.until IS NULL "
        "JOIN households_resident r ON r.id = s.person_id WHERE s.batch_id = %s AND s.outcome = 'new'",
        [batch.pk], by=by, subject_text=people.masked("r.name"), household_id="t.household_id", new=f"CASE t.relation {relations} END",
    )  # fmt: skip


@sensitive_variables()
def _fill(batch: Batch, by: Post) -> None:
    """What the register lacked. A telephone is sealed anew, for the row of the person."""
    now = clock.now()
    tokens = asked(
        f"SELECT f.row_id, f.person_id, l.new_id, s.sealed #>> '{{phone,s}}' FROM ({plan.FILLS}) f JOIN home_line l ON l.row_id = f.row_id "  # noqa: S608
        "JOIN spreadsheets_stagedrow s ON s.id = f.row_id WHERE f.phone ORDER BY f.row_id"
    )
    sealed = seal_many(Resident, "phone", [(person, unseal(Resident, "phone", new, token)) for _, person, new, token in tokens])
    columns_of = [(row[0], each.sealed, str(each.digest), each.masked) for row, each in zip(tokens, sealed, strict=True)]
    phones: list[list[Any]] = [list(column) for column in zip(*columns_of, strict=True)] or [[], [], [], []]
    effects.update(batch, Household, plan.TOUCHED, [now, by.pk])
    if effects.update(batch, Resident, plan.FILLED, [now, by.pk, *phones]):
        record_from(
            "resident.revised", Resident,
            "spreadsheets_stagedrow s JOIN households_resident t ON t.id = s.person_id WHERE s.batch_id = %s AND s.outcome = 'changed' "
            "AND s.before ?| ARRAY['phone', 'registered_place']",
            [batch.pk], by=by, subject_text=people.masked("t.name"), household_id="s.household_id",
            new="concat_ws('、', CASE WHEN s.before ? 'registered_place' THEN '户籍地' END, "
            "CASE WHEN s.before ? 'phone' THEN '联系电话' END)",
        )  # fmt: skip
    record_from(
        "household.revised", Household,
        "spreadsheets_stagedrow s JOIN households_household t ON t.id = s.household_id WHERE s.batch_id = %s AND s.outcome = 'changed' "
        "AND s.before ? 'address'",
        [batch.pk], by=by, subject_text="'户编号 ' || t.number", household_id="t.id", new="'详细地址'",
    )  # fmt: skip
