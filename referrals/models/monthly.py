import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..querysets import ListEntryQuerySet, MonthlyListQuerySet


class MonthlyList(models.Model):
    """免申请名单: whom a program without application is for in a month, chosen by identity, for the unit that decides it (DESIGN 4).

    Nobody applies, so nothing is refused: the unit confirms, or leaves somebody out for a while with a reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey("programs.Program", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="救助项目")
    version = models.ForeignKey(
        "programs.ProgramVersion", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="项目版本"
    )
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="确认单位")
    month = models.DateField("月份")
    prepared_at = models.DateTimeField("生成时间")
    prepared_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="生成人")

    objects = MonthlyListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "免申请名单"
        ordering = ["-month", "program"]
        indexes = [models.Index(name="monthly_lists_of_unit", fields=["unit", "-month", "-id"])]
        constraints = [
            models.UniqueConstraint(
                name="one_list_per_program_and_month",
                fields=["program", "month"],
                violation_error_message="这个项目本月的名单已经生成。",
            ),
            models.CheckConstraint(
                name="list_is_of_a_whole_month", condition=Q(month__day=1), violation_error_message="名单按月生成，月份写当月1日。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program} {self.month:%Y年%m月}名单"

    def get_absolute_url(self) -> str:
        return reverse("referrals:monthly_list_detail", args=[self.pk])


class ListEntry(models.Model):
    """One household or person of a list: by which identities, and what the unit said."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        SET_ASIDE = "set_aside", "暂不列入"
        LEAVING = "leaving", "不再符合"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    monthly_list = models.ForeignKey(MonthlyList, on_delete=models.PROTECT, related_name="entries", db_index=False, verbose_name="名单")
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="家庭"
    )
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员"
    )
    region_code = models.CharField("区划", max_length=12)
    identities = ArrayField(models.CharField(max_length=24), verbose_name="所依身份", default=list, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="处理人"
    )
    reason = models.CharField("理由", max_length=300, blank=True)
    # Written by the confirmation; of somebody who leaves, the one that is still in force.
    record = models.ForeignKey(
        "households.AssistanceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="救助记录"
    )

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单人员"
        ordering = ["region_code", "id"]
        indexes = [models.Index(name="entries_of_list_by_place", fields=["monthly_list", "state", "region_code", "id"])]
        constraints = [
            models.CheckConstraint(
                name="entry_is_of_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="名单的每一行是一个家庭或一个人。",
            ),
            models.UniqueConstraint(
                name="one_entry_per_list_and_beneficiary",
                fields=["monthly_list", "household", "resident"],
                nulls_distinct=False,
                violation_error_message="此人（家庭）已在这份名单中。",
            ),
            models.CheckConstraint(
                name="settled_entry_says_who_and_when",
                condition=Q(state__in=["proposed", "leaving"], settled_at=None, settled_by=None)
                | Q(state__in=["confirmed", "set_aside"], settled_at__isnull=False, settled_by__isnull=False),
                violation_error_message="确认或暂不列入须记明时间和人员。",
            ),
            models.CheckConstraint(
                name="confirmed_entry_has_its_record",
                condition=Q(state__in=["confirmed", "leaving"], record__isnull=False) | Q(state__in=["proposed", "set_aside"], record=None),
                violation_error_message="已确认的须有救助记录，没有确认的没有。",
            ),
            models.CheckConstraint(
                name="entry_set_aside_says_why",
                condition=(Q(state="set_aside") & ~Q(reason="")) | (~Q(state="set_aside") & Q(reason="")),
                violation_error_message="暂不列入须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.monthly_list}：{self.get_state_display()}"
