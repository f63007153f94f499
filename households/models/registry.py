import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from organization.models import Region

from ..querysets import ChangeMemberQuerySet, RegistryChangeQuerySet
from .household import Relation

_TONES = {"proposed": "amber", "confirmed": "green", "rejected": "red", "withdrawn": "grey"}


class RegistryChange(models.Model):
    """家庭变动: what two people do to the register of households, one proposing, another confirming (DESIGN 3).

    `household` is the one that changes, for a merge of residents `resident`; `target` is where it goes: the household that stays, the one
    that takes members in, or, once confirmed, the one a split has opened. `unit` is whose turn it is: where two townships are concerned,
    the other one than the proposer's.
    """

    class Kind(models.TextChoices):
        MOVE = "move", "整户迁移"
        SPLIT = "split", "分户"
        TRANSFER = "transfer", "成员转入他户"
        MERGE = "merge", "并户"
        VOID = "void", "注销误建家庭"
        MERGE_RESIDENTS = "merge_residents", "合并重复人员"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REJECTED = "rejected", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"

    REMAKING = frozenset({Kind.SPLIT, Kind.TRANSFER, Kind.MERGE})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("变动事项", max_length=16, choices=Kind.choices)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PROPOSED)
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="changes", verbose_name="家庭"
    )
    target = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="changes_towards", verbose_name="转入的家庭"
    )
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="changes", verbose_name="重复的人员档案"
    )
    survivor = models.ForeignKey(
        "households.Resident",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes_towards",
        verbose_name="保留的人员档案",
    )
    region = models.ForeignKey(
        "organization.Region", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="新居住地"
    )
    setting = models.CharField("城乡类别", max_length=5, choices=Region.Setting.choices, blank=True)
    address = models.CharField("详细地址", max_length=120, blank=True)
    reason = models.CharField("变动原因", max_length=200)
    # Where it was proposed and where it is confirmed: one township, or two.
    township_code = models.CharField("提出的乡镇（街道）代码", max_length=9, editable=False)
    confirming_code = models.CharField("确认的乡镇（街道）代码", max_length=9, editable=False)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="确认单位")
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    proposed_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="答复人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer_note = models.CharField("答复意见", max_length=200, blank=True)

    objects = RegistryChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭变动"
        ordering = ["-proposed_at", "-id"]
        indexes = [
            models.Index(name="change_of_proposer", fields=["township_code", "-proposed_at", "-id"]),
            models.Index(name="change_of_confirmer", fields=["confirming_code", "-proposed_at", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="change_is_of_a_household_or_a_resident",
                condition=Q(kind="merge_residents", household=None, target=None, resident__isnull=False, survivor__isnull=False)
                | (~Q(kind="merge_residents") & Q(household__isnull=False, resident=None, survivor=None)),
                violation_error_message="请指明变动的家庭；合并人员的，指明重复的和保留的两份档案。",
            ),
            models.CheckConstraint(
                name="change_of_place_names_the_place",
                condition=(Q(kind__in=["move", "split"], region__isnull=False) & ~Q(setting=""))
                | (~Q(kind__in=["move", "split"]) & Q(region=None, setting="", address="")),
                violation_error_message="迁移和分户须填写新的居住地。",
            ),
            models.CheckConstraint(
                name="change_names_where_it_leads",
                condition=~Q(kind__in=["merge", "transfer"]) | Q(target__isnull=False),
                violation_error_message="请填写保留或转入的家庭。",
            ),
            models.CheckConstraint(
                name="confirmed_split_names_the_new_household",
                condition=~Q(kind="split", status="confirmed") | Q(target__isnull=False),
                violation_error_message="确认分户时必须记明新的家庭。",
            ),
            models.CheckConstraint(
                name="change_leads_to_another",
                condition=(Q(target=None) | Q(household=None) | ~Q(target=F("household")))
                & (Q(survivor=None) | ~Q(survivor=F("resident"))),
                violation_error_message="不能并入自己，请核对编号。",
            ),
            models.CheckConstraint(
                name="registry_change_has_its_reason",
                condition=~Q(reason=""),
                violation_error_message="请写明变动原因。",
            ),
            models.CheckConstraint(
                name="answered_change_says_who_and_when",
                condition=Q(status="proposed", answered_at=None, answered_by=None, answered_by_staff=None)
                | (~Q(status="proposed") & Q(answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False)),
                violation_error_message="已答复的变动必须记明时间和答复人。",
            ),
            models.CheckConstraint(
                name="change_is_answered_by_a_second_person",
                condition=~Q(status__in=["confirmed", "rejected"]) | ~Q(answered_by_staff=F("proposed_by_staff")),
                violation_error_message="提出人不能自己确认，请由另一名工作人员核对后确认。",
            ),
            models.CheckConstraint(
                name="rejected_change_says_why",
                condition=~Q(status="rejected") | ~Q(answer_note=""),
                violation_error_message="不同意的，请写明理由。",
            ),
            models.UniqueConstraint(
                name="one_open_change_per_household",
                fields=["household"],
                condition=Q(status="proposed"),
                violation_error_message="该家庭已有一项待确认的变动，请先确认或撤回。",
            ),
            models.UniqueConstraint(
                name="one_open_merge_per_resident",
                fields=["resident"],
                condition=Q(status="proposed"),
                violation_error_message="此人已有一项待确认的合并，请先确认或撤回。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("referrals:registry_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return _TONES[self.status]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.PROPOSED

    @property
    def remakes_families(self) -> bool:
        """Somebody leaves one family for another, of which nobody has looked at the means yet (`households.family`)."""
        return self.kind in self.REMAKING

    @property
    def is_between_townships(self) -> bool:
        return self.township_code != self.confirming_code


class ChangeMember(models.Model):
    """One of those who leave for another household, and what he or she is to its head."""

    change = models.ForeignKey(RegistryChange, on_delete=models.PROTECT, related_name="members", verbose_name="家庭变动")
    resident = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="+", verbose_name="人员")
    relation = models.CharField("与新户主关系", max_length=2, choices=Relation.choices)

    objects = ChangeMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变动人员"
        ordering = ["relation", "id"]
        constraints = [
            models.UniqueConstraint(
                name="a_member_stands_once_in_a_change",
                fields=["change", "resident"],
                violation_error_message="同一人填了两次。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident}（{self.get_relation_display()}）"
