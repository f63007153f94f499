"""A change report on one page: what was told, what came of it, what of the person is still under way (C-19)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from config import clock
from config.navigation import address
from config.verbs import GatedQuerySet
from deadlines import counting
from deadlines.models import Duty
from households.models import AssistanceRecord
from households.showing import shown_name
from organization.models import Post

from . import deaths
from .models import ChangeReport, Referral
from .permissions import can_answer_report, can_open_change, can_terminate
from .steps import begins
from .transitions.clocks import FOLLOW

FUNERAL = "MZ11"
Term = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Following:
    """A change that came of it, or a case of the person that still runs. The village is told how it stands, no more."""

    text: str
    state: str
    url: str
    end_url: str = ""


@dataclass(frozen=True, slots=True)
class LeftLine:
    """Aid that still reaches the dead: what it is as this post may read it, how it stands, and whether one click stops or adjusts it."""

    text: str
    state: str
    url: str
    stop_url: str
    verb: str = ""


@dataclass(frozen=True)
class ReportPage:
    report: ChangeReport
    post: Post

    @property
    def is_village(self) -> bool:
        return self.post.role == "V"

    @property
    def can_answer(self) -> bool:
        return self.report.status == ChangeReport.Status.REPORTED and can_answer_report(self.post, self.report)

    @cached_property
    def person(self) -> str:
        return shown_name(self.report.resident.name, self.post) if self.report.resident else "全家或还没有登记的人"

    @cached_property
    def terms(self) -> list[Term]:
        report, place = self.report, self.report.household.region.full_name
        terms = [
            ("变化", report.get_kind_display()), ("是谁", self.person), ("家庭", f"{report.household}，{place}"),
            ("发生日期", report.happened_on), ("情况说明", report.text), ("报告", _hand(report.reported_at, report.reported_by)),
            ("承办单位", report.unit.name),
        ]  # fmt: skip
        if report.answered_at:
            terms += [(report.get_status_display(), _hand(report.answered_at, report.answered_by)), ("核实情况", report.answer)]
        return terms

    @cached_property
    def dates(self) -> list[dict[str, Any]]:
        duties = list(Duty.objects.open().about(self.report))
        return [
            {"name": duty.kind_name, "due": counting.due_text(duty),
             "lamp": counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) | {"url": ""}}
            for duty in duties
        ]  # fmt: skip

    @cached_property
    def followed(self) -> list[Following]:
        """The changes and stops opened on its account."""
        rows = Referral.objects.filter(change__report=self.report).select_related("program", "change").order_by("dispatched_at", "pk")
        readable = set() if self.is_village else _keys(Referral.objects.readable_by(self.post).filter(change__report=self.report))
        return [
            Following(
                f"{row.deed}：{row.program if row.pk in readable else '救助项目'}", row.get_status_display(),
                row.get_absolute_url() if row.pk in readable else "",
            )
            for row in rows
        ]  # fmt: skip

    @cached_property
    def left(self) -> list[LeftLine]:
        """What is not stopped yet; the report closes with the last of it (C-19). A village is told how many alone (`left_count`)."""
        if self.is_village:
            return []
        rows = self._left
        shown = set(
            AssistanceRecord.objects.shown_to(self.post).filter(pk__in=[row.record.pk for row in rows]).values_list("pk", flat=True)
        )
        return [self._left_line(row, is_shown=row.record.pk in shown) for row in rows]

    @property
    def left_count(self) -> int:
        return len(self._left)

    @cached_property
    def _left(self) -> list[deaths.Left]:
        is_death = self.report.kind == ChangeReport.Kind.DEATH and self.report.status == ChangeReport.Status.CONFIRMED
        return deaths.left_of(self.report.resident) if is_death and self.report.resident else []

    def _left_line(self, row: deaths.Left, *, is_shown: bool) -> LeftLine:
        if not is_shown:
            return LeftLine("敏感项目", "由决定该项目的单位停止，已列入其待办", "", "")
        may = row.can_begin and can_open_change(self.post, row.record)
        stop_url = address("referrals:record_stop_after_death", row.record.pk) if may else ""
        return LeftLine(f"{row.record.program}", row.state, address("referrals:record_detail", row.record.pk), stop_url, row.verb)

    @property
    def can_close(self) -> bool:
        """Of a move, work or a birth: nothing (more) is to be changed."""
        return Duty.objects.open().about(self.report, FOLLOW).exists() and can_answer_report(self.post, self.report)

    @cached_property
    def cases(self) -> list[Following]:
        """What of somebody who died is still asked for: each is ended by itself, the household's others go on (C-17, C-19)."""
        person = self.report.resident
        if self.is_village or person is None or not person.is_dead:
            return []
        seen = Referral.objects.readable_by(self.post).filter(purpose="grant").undecided().select_related("program", "unit")
        rows = {row.pk: row for part in (seen.filter(resident=person), seen.filter(application__applicant=person)) for row in part}
        return [self._case(row) for row in rows.values()]

    def _case(self, row: Referral) -> Following:
        can_end = begins(row, "terminate") and can_terminate(self.post, row)
        end_url = f"{address('referrals:referral_terminate', row.pk)}" if can_end else ""
        text = f"{row.program}（{'本人的事项' if row.resident_id == self.report.resident_id else '以其名义为家庭申请'}）"
        return Following(text, row.get_status_display(), row.get_absolute_url(), end_url)

    @cached_property
    def records(self) -> list[AssistanceRecord]:
        """Regular aid of the household and its members, from which the township chooses what to change."""
        if self.is_village or self.report.status != ChangeReport.Status.CONFIRMED:
            return []
        rows: Any = AssistanceRecord.objects.about_household(self.report.household_id).in_force(clock.today()).regular()
        found = list(rows.shown_to(self.post).with_list_data().select_related("household").order_by("pk"))
        return [row for row in found if can_open_change(self.post, row)]

    @property
    def has_funeral_hint(self) -> bool:
        is_dead = self.report.kind == ChangeReport.Kind.DEATH and self.report.status == ChangeReport.Status.CONFIRMED
        return is_dead and not self.is_village


def _keys(rows: GatedQuerySet) -> set[Any]:
    return set(rows.values_list("pk", flat=True))


def _hand(moment: Any, person: Post | None) -> str:
    who = f"{person.unit.short_name} {person.staff.name}" if person else ""
    return f"{clock.local(moment):%Y-%m-%d %H:%M} {who}"
