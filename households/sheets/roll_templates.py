"""A template for each program of the county's list: its roll, its grants, its status list (ZX-23, ZX-24; RULES correction 3).

- REGULAR: the whole roll in force on the cut-off day; who is not on it any more is gone.
- ONE_OFF: grants since `one_off_since`, later new ones and corrections; nobody is gone.
- STATUS: the whole list of whom an identity or a registration holds of.

Aid that is paid to an employer (RS01, RS04) stands by the person hired, as the rules of screening read it; the employer is named beside.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from config import clock
from config.remembered import Remembered
from organization.figures import figure
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import departments
from organization.models import Post
from programs.models import Program, ProgramVersion, Track
from programs.rules import cadence
from spreadsheets.declaration import Field, Template, Type

from ..models import AssistanceRecord, Resident
from ..rules import FACT_OF_PROGRAM, TAG_OF_PROGRAM

FAMILY = "households.roll"
Mode = ProgramVersion.BenefitMode
ONCE = AssistanceRecord.Cadence.ONCE
NUMBER_ALIASES = ("身份证号", "身份证号码", "公民身份号码", "证件号", "户主身份证号", "户主身份证号码", "户主证件号码", "申请人身份证号")
SUMS = {"monthly": "月救助金额（元）", "yearly": "年金额（元）", "once": "救助金额（元）"}
# What a list also serves as: the category of the early-warning push (RULES LY-P).
FEEDS = {"MZ01": "LY-P1", "MZ07": "LY-P1", "XC02": "LY-P2", "XC03": "LY-P2", "ZJ01": "LY-P3", "RS06": "LY-P6", "CL01": "LY-P11"}


@dataclass(frozen=True, slots=True)
class Roll:
    """A program as its sheet needs it."""

    program: Program
    version: ProgramVersion
    template: Template

    @property
    def code(self) -> str:
        return self.program.code

    @property
    def of_household(self) -> bool:
        return self.program.beneficiary == Program.Beneficiary.HOUSEHOLD

    @property
    def is_status(self) -> bool:
        return not self.program.writes_record

    @property
    def cadence(self) -> str:
        return cadence(mode=self.version.benefit_mode, kind=self.program.kind)

    @property
    def is_whole(self) -> bool:
        return self.template.is_whole

    @property
    def has(self) -> frozenset[str]:
        """The keys of its columns."""
        return frozenset(field.key for field in self.template.fields)

    @property
    def given(self) -> str:
        """What a record says was given where the sheet names neither sum nor goods."""
        return self.program.form_of_aid or self.program.get_kind_display()

    @property
    def needs_sum(self) -> bool:
        return self.program.kind == Program.Kind.CASH and "/" not in self.program.form_of_aid

    @property
    def name(self) -> str:
        """As the record of changes calls it: who may not see the record may read the line."""
        return "敏感项目" if self.program.is_sensitive else str(self.program)


def rolls(**only: Any) -> list[Roll]:
    """Every program that has a version in force today and whose approval writes something a sheet can hold."""
    return [_roll(row) for row in _in_force(clock.today(), **only) if _is_held(row.program)]


def roll(code: str) -> Roll | None:
    rows = OF_PROGRAM.rows(clock.today(), code)  # each step of a file asks it anew
    return next((_roll(row) for row in rows if _is_held(row.program)), None)


def _in_force(on: date, **only: Any) -> QuerySet[ProgramVersion]:
    versions = ProgramVersion.objects.in_force(on).filter(program__is_placeholder=False, **only)
    return versions.select_related("program__department").order_by("program__department__number", "program_id")


OF_PROGRAM = Remembered(lambda on, code: _in_force(on, program=code))


def handed_in_by(post: Post, **only: Any) -> list[Roll]:
    """- the county platform hands in every roll (代录, ZX-22)
    - a department those of its programs, and of the departments whose work it has taken over
    - a township those of the programs that it decides (ZX-29)."""
    if post.unit.kind in COUNTY_WIDE:
        return rolls(**only)
    if post.unit.kind == "department":
        own = set(departments(post))
        return [each for each in rolls(**only) if each.program.department_id in own]
    if post.unit.kind in TOWNSHIP:
        codes = _decided_by_townships()
        return [each for each in rolls(**only) if each.code in codes]
    return []


def among(keys: Mapping[str, str], posts: Iterable[Post]) -> dict[str, list[Post]]:
    """Of departments and townships: by the key of each program's roll, who hands it in."""
    decided = _decided_by_townships()
    owner = dict(Program.objects.filter(code__in=keys).values_list("code", "department_id"))
    own = [(post, frozenset(departments(post))) for post in posts]
    return {
        key: [post for post, mine in own if (owner.get(code) in mine if mine else code in decided)] for code, key in keys.items()
    }  # fmt: skip


def _decided_by_townships() -> set[str]:
    rows = Track.objects.filter(version__in=ProgramVersion.objects.in_force(clock.today()), route=Track.Route.TOWN, is_active=True)
    return set(rows.values_list("version__program_id", flat=True))


def _is_held(program: Program) -> bool:
    return program.writes_record or program.code in TAG_OF_PROGRAM or program.code in FACT_OF_PROGRAM


def _roll(version: ProgramVersion) -> Roll:
    return Roll(version.program, version, _template(version.program, version))


def _template(program: Program, version: ProgramVersion) -> Template:
    often = cadence(mode=version.benefit_mode, kind=program.kind)
    is_once = program.writes_record and often == ONCE
    word = "发放清单" if is_once else "名册" if program.writes_record else "名单"
    name = str(program).removesuffix("发放") if is_once else str(program)
    return Template(
        key=f"{FAMILY}:{program.code}", title=f"{name}{word}", is_whole=not is_once, sensitive=program.is_sensitive,
        fields=(*_who(program), *_what(program, often)), key_fields=("id_number", "granted_on") if is_once else ("id_number",),
        notes=_notes(program, is_once), feeds=FEEDS.get(program.code, ""), of_the_registered=True,
    )  # fmt: skip


def _who(program: Program) -> tuple[Field, ...]:
    whose = "户主（申请人）" if program.beneficiary == Program.Beneficiary.HOUSEHOLD else ""
    return (
        Field(
            "id_number", f"{whose}证件号码", Type.ID_NUMBER, required=True, aliases=(*NUMBER_ALIASES, "证件号码"),
            sealed_in=(Resident, "id_number"), help="18位号码，按文本填写。按号码找到人，不按姓名。",
        ),
        Field(
            "name", f"{whose}姓名", Type.NAME, required=True, longest=60, aliases=("姓名", "户主姓名", "户主", "申请人姓名"),
            example="张小芳",
        ),
        Field("township", "乡镇（街道）", Type.TOWNSHIP, required=True, aliases=("乡镇", "街道", "乡镇街道", "所属乡镇（街道）")),
        Field("village", "村（社区）", Type.VILLAGE, aliases=("村", "社区", "村社区", "村（居）")),
    )  # fmt: skip


def _what(program: Program, often: str) -> tuple[Field, ...]:
    if not program.writes_record:
        word = "登记日期" if program.kind == Program.Kind.REGISTRATION else "认定日期"
        return (Field("since", word, Type.DATE, help="不填的，从数据截止日起算。", aliases=("日期", "起始日期")),)
    fields = []
    if program.beneficiary == Program.Beneficiary.HOUSEHOLD and often != ONCE:
        fields.append(Field("persons", "保障人数", Type.WHOLE, least=1, most=30, aliases=("享受人数", "人数")))
    fields.append(_sum(program, often))
    if program.beneficiary == Program.Beneficiary.EMPLOYER:
        fields.append(Field("employer", "用人单位", Type.TEXT, required=True, aliases=("单位名称", "企业名称")))
    elif program.kind != Program.Kind.CASH or "/" in program.form_of_aid:
        fields.append(
            Field("in_kind", "实物或服务内容", Type.TEXT, longest=100, aliases=("救助内容", "服务内容", "物资"), help="没有金额的填写。")
        )
    if often == ONCE:
        fields.append(
            Field(
                "granted_on",
                "救助日期",
                Type.DATE,
                required=True,
                aliases=("发放日期", "审批日期", "批准日期"),
                help="有审批决定的，填决定上的救助日期。",
            )
        )
    else:
        fields.append(
            Field("since", "起始日期", Type.DATE, aliases=("享受起始日期", "开始日期", "起保日期"), help="不填的，从本月1日起算。")
        )
    return tuple(fields)


def _sum(program: Program, often: str) -> Field:
    is_needed = program.kind == Program.Kind.CASH and "/" not in program.form_of_aid
    aliases = ("金额", "金额（元）", "救助金额", "月保障金额", "月保障金额（元）", "补贴金额", "发放金额", "保障金额")
    return Field("amount", SUMS[often], Type.MONEY, required=is_needed, least=0, aliases=aliases, example="600.00")


def _notes(program: Program, is_once: bool) -> tuple[str, ...]:
    holder = "一户一行，写户主或申请人" if program.beneficiary == Program.Beneficiary.HOUSEHOLD else "一人一行"
    if is_once:
        since: Any = figure("one_off_since")
        scope = f"收集{since}（含）以来的救助，更早的计为“不在收集范围”；以后每月只报新增和更正"
        return (f"{holder}；同一天有几笔的合并成一行。", f"{scope}。")
    scope = "数据截止日在册的全部对象" if program.writes_record else "数据截止日的完整名单"
    return (f"{holder}。", f"{scope}；上期在册、这期没有的，视为退出。")
