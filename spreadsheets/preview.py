"""What the page of a file shows: how far it is, what it would change row by row, and what may be done now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from config import clock
from deadlines.models import Job
from organization.figures import figure
from organization.models import Post, Region

from . import holders, permissions
from .declaration import Field, Template, Type, door_of
from .models import Batch, StagedRow, Upload
from .models.batch import NO_COLUMN
from .staged import UNREAD
from .transitions.comparing import changes, is_jump, jump_in_words
from .transitions.edges import APPLY, READ, UNDO
from .transitions.obstacles import obstacle

O = StagedRow.Outcome  # noqa: E741
S = Batch.Status
MARKS = {
    "offline": "线下办理",
    "confirms": "与决定相符",
    "amount_differs": "金额与决定不同",
    "held": "正在暂缓，金额不改",
    "changing": "变更办理中，金额不改",
    "absent": "批而未发",
    "loose": "未归户",
    "stranger": "新登记人员",
    "elsewhere": "不在本乡镇",
    "part": "只记申请人",
    "unsure": "须核实",
    "twice": "重复",
    "dead": "已登记死亡",
    "early": "早于收集起始日",
    "name_differs": "姓名不符",
    "same_number": "号码相同",
    "two_households": "另有家庭",
    "corrects": "更正",
    "older": "早于现有数据",
    "kept": "保留现有内容",
    "opens": "新建家庭",
    "joins": "新增成员",
    "paid": "发放成功",
    "failed": "发放失败",
}
NO_TAB_WHEN_EMPTY = (O.SKIPPED, O.GONE)
BEFORE_ENTRY = frozenset({S.READY, S.PROPOSED})  # compared, and looked at by those who ask for the entry or confirm it


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Line:
    """A staged row as the preview shows it."""

    row: StagedRow
    number: str
    cells: Sequence[tuple[str, str]]
    changes: Sequence[Change]
    problems: Sequence[tuple[str, str]]
    marks: Sequence[str]


class Words:
    """What stands in a cell, as people write it. `names`: of the divisions, by code."""

    def __init__(self, template: Template, names: Mapping[str, str]) -> None:
        self._template, self._names = template, names
        self._fields = {field.key: field for field in template.fields}

    @classmethod
    def over(cls, template: Template, rows: Iterable[StagedRow]) -> "Words":
        keys = [field.key for field in template.fields if field.type in {Type.TOWNSHIP, Type.VILLAGE}]
        codes = {str(held[key]) for row in rows for held in (row.cells, row.before) for key in keys if held.get(key)}
        return cls(template, dict(Region.objects.filter(code__in=codes).values_list("code", "name")) if codes else {})

    def label(self, key: str) -> str:
        field = self._fields.get(key)
        return field.label if field else key

    def shown(self, key: str, value: Any) -> str:
        field = self._fields.get(key)
        if value is None or value == "":
            return "—"
        if isinstance(value, bool):
            return "是" if value else "否"
        if field is None:
            return str(value)
        if field.type == Type.CODE:
            return dict(field.codes).get(str(value), str(value))
        if field.type in {Type.TOWNSHIP, Type.VILLAGE}:
            return self._names.get(str(value), str(value))
        return str(value)[:7] if field.type == Type.MONTH else str(value)

    def line(self, row: StagedRow) -> Line:
        changed = [Change(self.label(key), self.shown(key, old), self.shown(key, row.cells.get(key))) for key, old in row.before.items()]
        return Line(
            row,
            f"第{row.number}行" if row.number else "—",
            [
                (field.label, self.shown(field.key, value))
                for field in self._template.fields
                if (value := typed(row, field)) is not None and (field.type != Type.NAME or value != row.name)
            ],
            changed if row.outcome in {O.CHANGED, O.GONE} else [],
            [(self.label(key) if key else "", sentence) for key, sentence in row.problems],
            [MARKS.get(mark, mark) for mark in dict.fromkeys(row.marks) if mark != UNREAD],
        )


def typed(row: StagedRow, field: Field) -> Any:
    """The cell as read, or as typed where it could not be."""
    return row.cells.get(field.key, row.cells.get("?" + field.key))


class BatchPage:
    """One file before one post."""

    def __init__(self, batch: Batch, post: Post) -> None:
        self.batch, self.post = batch, post
        self.template = batch.declared

    @cached_property
    def job(self) -> Job | None:
        """The work last asked for; whoever sees the file may see how far it is."""
        rows = Job.objects.filter(kind__in=(READ, APPLY, UNDO), arguments={"batch": str(self.batch.pk)})
        return rows.order_by("-asked_at", "-id").first()

    @property
    def is_waiting(self) -> bool:
        return self.job is not None and self.job.is_open

    @property
    def is_stuck(self) -> bool:
        return self.batch.status in {S.READING, S.APPLYING} and not self.is_waiting

    @property
    def error(self) -> str:
        """Why the last work was not done, where it still matters."""
        job = self.job
        if job is None or job.is_open or (self.batch.status not in {S.READING, S.APPLYING} and job.kind != UNDO):
            return ""
        return job.error

    @property
    def way_back(self) -> tuple[str, str] | None:
        """Where the file was handed in, by the room above whose door it came through."""
        door = door_of(self.batch.door)
        return door.way_back(self.batch) if door else None

    @property
    def is_compared(self) -> bool:
        return self.batch.compared_at is not None and self.batch.status not in {S.DROPPED, S.REFUSED, S.READING}

    @property
    def shows_rows(self) -> bool:
        return self.is_compared and self.template is not None and permissions.can_see_rows(self.post, self.batch)

    @cached_property
    def keeps_numbers(self) -> bool:
        """Before whoever does not see its rows, where one is so small that it may be known to be somebody."""
        numbers = [self.batch.rows or 0, *self.batch.counts.values(), *(count for _, count in self.batch.remarks)]
        few = any(0 < int(number or 0) < int(figure("small_counts_below")) for number in numbers)
        return few and not permissions.can_see_rows(self.post, self.batch)

    @property
    def counts(self) -> list[dict[str, Any]]:
        """A tile for each outcome."""
        held = self.batch.counts
        if self.keeps_numbers:
            return []
        return [
            {"label": outcome.label, "value": held.get(outcome, 0), "tone": StagedRow.TONES[outcome], "url": f"?tab={outcome.value}"}
            for outcome in Batch.OUTCOMES
            if held.get(outcome) or outcome not in NO_TAB_WHEN_EMPTY
        ]

    def tab(self, asked: str) -> str:
        if asked in set(Batch.OUTCOMES):
            return asked
        first = [O.ERROR, O.NEW, O.CHANGED, O.GONE, O.SAME]
        return next((outcome.value for outcome in first if self.batch.counts.get(outcome)), O.NEW.value)

    def tabs(self, tab: str) -> list[dict[str, Any]]:
        return [
            {"label": each["label"], "url": each["url"], "is_current": each["url"] == f"?tab={tab}", "count": each["value"]}
            for each in self.counts
        ]

    @property
    def changes(self) -> int:
        return changes(self.batch)

    @property
    def jump(self) -> str:
        """What the month-on-month stop says; "" where there is nothing to say. What it asks for is asked until it is done."""
        said = jump_in_words(self.batch) if self.is_compared and not self.keeps_numbers else ""
        is_asked = self.batch.status in BEFORE_ENTRY and is_jump(self.batch)
        asked = "已写明原因，须由第二人确认" if self.batch.jump_reason else "须写明原因并由第二人确认"
        stop = f"，达到{int(figure('roll_change_stop'))}%的核对线，{asked}" if is_asked else ""
        return f"{said}{stop}。" if said else ""

    @cached_property
    def obstacle(self) -> str:
        """Why it cannot be entered as it is, and what to do."""
        return obstacle(self.batch) if self.batch.status == S.READY and self.is_compared else ""

    @property
    def remarks(self) -> list[str]:
        return [] if self.keeps_numbers else [f"{label} {count}" for label, count in self.batch.remarks if count]

    @property
    def held_up(self) -> str:
        """Why nothing of it was entered when it was confirmed, until it is confirmed again: of a file that was entered it is untrue."""
        if self.keeps_numbers or self.batch.status not in BEFORE_ENTRY:
            return ""
        return next((label for label, count in self.batch.remarks if not count), "")

    @property
    def facts(self) -> list[tuple[str, str]]:
        batch = self.batch
        found = [
            ("数据单位", batch.unit.short_name), ("数据截止日", f"{batch.as_of:%Y-%m-%d}"), ("文件", batch.file_name),
            ("上传", _moment(batch.handed_in_at, batch.handed_in_by)), ("行数", "不显示" if self.keeps_numbers else str(batch.rows or "—")),
        ]  # fmt: skip
        steps = (("提交", "proposed"), ("确认", "confirmed"), ("入库", "applied"), ("作废", "dropped"), ("撤销", "undone"))
        for word, name in steps:
            if (at := getattr(batch, f"{name}_at")) is not None:
                found.append((word, _moment(at, getattr(batch, f"{name}_by"))))
        if self._within_undo and not self.held and (until := self.undo_until) is not None:
            who = "" if permissions.can_undo(self.post, batch) else "，由本单位审批岗或县级平台撤销"
            found.append(("可撤销至", f"{clock.local(until):%Y-%m-%d %H:%M}{who}"))
        told = (
            ("不能撤销", self.held),
            ("作废或撤销原因", batch.reason if batch.dropped_at or batch.undone_at else ""),
            ("增减说明", "" if self.keeps_numbers else batch.jump_reason),
        )
        return [*found, *((word, text) for word, text in told if text)]

    @property
    def left_out(self) -> str:
        """Columns and lines of the file that nothing was done with: nobody is passed over in silence."""
        unknown, lines = self.batch.columns.get("unknown") or [], int(self.batch.columns.get("left_out") or 0)
        more = f"等{len(unknown)}列" if len(unknown) > 10 else ""
        said = [f"没有用到的列：{'、'.join(unknown[:10])}{more}"] if unknown else []
        said += [f"没有当作数据的行：{lines}行（合计、表下的说明、只填了没有用到的列的行）"] if lines else []
        return "；".join(said) if self.is_compared else ""

    # ── what may be done ──
    @property
    def may_mend(self) -> bool:
        return self.batch.status == S.READY and permissions.can_mend(self.post, self.batch)

    @property
    def may_propose(self) -> bool:
        return self.may_mend and self.template is not None and not self.obstacle

    @property
    def may_confirm(self) -> bool:
        return self.batch.status == S.PROPOSED and permissions.can_confirm(self.post, self.batch)

    @property
    def no_second(self) -> str:
        """Why somebody who looks for the button to confirm finds none."""
        return permissions.no_second(self.post, self.batch) if self.batch.status == S.PROPOSED else ""

    @property
    def may_send_back(self) -> bool:
        """Also a file whose entry broke off: nobody has to press again what cannot succeed."""
        is_held = self.batch.status == S.PROPOSED or (self.batch.status == S.APPLYING and self.is_stuck)
        return is_held and (permissions.can_mend(self.post, self.batch) or permissions.can_confirm(self.post, self.batch))

    @property
    def may_drop(self) -> bool:
        waiting = {S.READING, S.REFUSED, S.READY, S.PROPOSED}
        return self.batch.status in waiting and permissions.can_mend(self.post, self.batch)

    @property
    def may_map(self) -> bool:
        """A file that has a heading nothing was done with; one that is read always: any of its headings may have been taken wrongly."""
        asked = {S.REFUSED: "unknown", S.READY: "found"}.get(S(self.batch.status), "")
        return bool(self.batch.columns.get(asked)) and permissions.can_mend(self.post, self.batch)

    @cached_property
    def keeps_file(self) -> bool:
        """Whether it can be read anew by another answer; else it is handed in again."""
        return Upload.objects.filter(pk=self.batch.pk).exists()

    @property
    def believed(self) -> str:
        """Which headings were taken for what because the unit said so once: before the entry somebody looks whether that is right."""
        taken, remembered = self.batch.columns.get("found", {}), self.batch.columns.get("remembered", [])
        if not remembered or self.template is None or self.batch.status not in BEFORE_ENTRY:
            return ""
        labels = {field.key: field.label for field in self.template.fields}
        return "，".join(f"“{heading}”作为“{labels.get(taken.get(heading), NO_COLUMN)}”" for heading in remembered)

    @property
    def may_hand_in_anew(self) -> bool:
        """What came through a door of a room above goes back to that door."""
        return self.batch.status == S.REFUSED and self.way_back is None and self.template is not None and self.may_drop

    @property
    def may_resume(self) -> bool:
        return self.is_stuck and (permissions.can_mend(self.post, self.batch) or permissions.can_confirm(self.post, self.batch))

    @cached_property
    def undo_until(self) -> datetime | None:
        applied = self.batch.applied_at
        return applied + timedelta(hours=int(figure("import_undo_within"))) if applied else None

    @property
    def may_undo(self) -> bool:
        return self._within_undo and not self.is_waiting and permissions.can_undo(self.post, self.batch) and not self.held

    @property
    def _within_undo(self) -> bool:
        return self.batch.status == S.APPLIED and (until := self.undo_until) is not None and clock.now() <= until

    @cached_property
    def held(self) -> str:
        """Why the entry is not taken back, though it is early enough."""
        return holders.holds(self.batch) if self._within_undo else ""

    @property
    def may_take_errors(self) -> bool:
        held = bool(self.batch.counts.get(O.ERROR))
        return held and self.is_compared and self.template is not None and permissions.can_mend(self.post, self.batch)


def _moment(at: Any, by: Post | None) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M} {by.label if by else ''}".strip()
