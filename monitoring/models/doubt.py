import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..doubts.querysets import DoubtQuerySet, DoubtRunQuerySet


class Doubt(models.Model):
    """疑点: something in the county's data that somebody has to look at, one for each household (or person without one) and kind (ZX-26).

    Found by set-based rules (`monitoring.doubts`). A standing doubt is open, with a clock of its township, or waits in the pool. It is
    closed one by one with an outcome, or by itself when new data disproves it. `evidence` is what was found, item by item: ids, codes and
    dates, never a name or a number of somebody. `fingerprint` is over these: dismissed, it does not come back before its facts change.
    """

    class Kind(models.TextChoices):
        AFTER_DEATH = "after_death", "死亡后仍享受"
        TWICE = "twice", "同一项目重复享受"
        EXCLUSIVE = "exclusive", "互斥项目同时享受"
        MANY = "many", "多头救助"
        OMITTED = "omitted", "疑似遗漏"
        WATCHED = "watched", "监测户未享受低保"
        UNWATCHED = "unwatched", "低保户未纳入监测"
        IDENTITY = "identity", "证件号码与姓名不符"
        TWO_HOMES = "two_homes", "一人两户"
        LOOSE = "loose", "未归户"
        KIN = "kin", "近亲属未备案"
        UNPAID = "unpaid", "批而未发"
        AMOUNT = "amount", "金额与决定不符"

    class Status(models.TextChoices):
        POOL = "pool", "待领取"
        OPEN = "open", "待核查"
        CLOSED = "closed", "已办结"

    class Outcome(models.TextChoices):
        """What closing it did; the last is nobody's word but the data's."""

        AIDED = "aided", "实施救助"
        STOPPED = "stopped", "取消资格"
        CORRECTED = "corrected", "更正信息"
        KEPT = "kept", "维持现状"
        WRONG_DATA = "wrong_data", "数据有误"
        DISPROVED = "disproved", "自动消除"

    TONES = {Status.POOL: "grey", Status.OPEN: "amber", Status.CLOSED: "green"}
    # Closed with one of these, it comes back when its facts change, and not before.
    DISMISSED = frozenset({Outcome.KEPT, Outcome.WRONG_DATA})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="doubts", verbose_name="家庭"
    )
    # Of somebody without a household; of a household's doubt the evidence says whom it is about.
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="doubts", verbose_name="人员"
    )
    # The first of the programs it is about; the evidence has them all.
    program = models.ForeignKey(
        "programs.Program", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="救助项目"
    )
    other_program = models.ForeignKey(
        "programs.Program", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="另一项目"
    )
    # The township's window; none yet where the place has no window.
    unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="核查单位"
    )
    region_code = models.CharField("所在区划", max_length=12)
    township_code = models.CharField("乡镇（街道）代码", max_length=9, editable=False)
    fingerprint = models.UUIDField("事实指纹", editable=False)
    evidence = models.JSONField("依据", default=list)
    score = models.PositiveIntegerField("排序分值", default=0)
    status = models.CharField("状态", max_length=6, choices=Status.choices, default=Status.POOL)
    found_at = models.DateTimeField("发现时间")
    found_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="发现岗位")
    opened_at = models.DateTimeField("交办时间", null=True, blank=True)
    opened_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="交办人"
    )
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="办结人"
    )
    outcome = models.CharField("处理结果", max_length=10, choices=Outcome.choices, blank=True)
    reason = models.CharField("处理说明", max_length=200, blank=True)
    # What the outcome began: an application, a referral, a change of the register.
    led_to_label = models.CharField("后续事项类型", max_length=60, blank=True, editable=False)
    led_to_id = models.CharField("后续事项编号", max_length=40, blank=True, editable=False)

    objects = DoubtQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点"
        ordering = ["-score", "id"]
        indexes = [
            models.Index(name="doubt_of_township", fields=["township_code", "status", "-score", "id"]),
            models.Index(name="doubt_of_county", fields=["status", "-score", "id"]),
            models.Index(name="doubt_of_kind", fields=["kind", "status", "township_code", "-score", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="doubt_is_of_a_household_or_a_resident",
                condition=Q(household=None, resident__isnull=False) | Q(household__isnull=False, resident=None),
                violation_error_message="疑点属于一个家庭，或一个没有归户的人。",
            ),
            models.UniqueConstraint(
                name="one_standing_doubt_of_a_kind",
                fields=["kind", "household", "resident"],
                condition=~Q(status="closed"),
                nulls_distinct=False,
                violation_error_message="这户（人）已有一条同类疑点没有办结。",
            ),
            models.CheckConstraint(
                name="open_doubt_has_its_unit_and_opener",
                condition=Q(status="pool", opened_at=None, opened_by=None)
                | Q(status="open", unit__isnull=False, opened_at__isnull=False, opened_by__isnull=False)
                | Q(status="closed", opened_at=None, opened_by=None)
                | Q(status="closed", opened_at__isnull=False, opened_by__isnull=False),
                violation_error_message="交办的疑点须有核查单位，并记明时间和交办人。",
            ),
            models.CheckConstraint(
                name="closed_doubt_says_who_when_and_why",
                condition=(Q(status="closed", closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="") & ~Q(reason=""))
                | (~Q(status="closed") & Q(closed_at=None, closed_by=None, outcome="", reason="")),
                violation_error_message="办结疑点须选择处理结果，写明说明，并记明时间和办结人。",
            ),
        ]

    def __str__(self) -> str:
        return f"疑点（{self.get_kind_display()}）"

    def get_absolute_url(self) -> str:
        return reverse("monitoring:doubt_detail", args=[self.pk])

    @property
    def tone(self) -> str:
        return self.TONES[self.Status(self.status)]


class DoubtRun(models.Model):
    """Every rule asked of the whole county once: how many of each kind were found, opened, put into the pool, disproved.

    The row stands once the work is done; while it runs its job says so (`deadlines`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    as_of = models.DateField("基准日")
    # {kind: {"found", "new", "opened", "changed", "closed": number}}
    counts = models.JSONField("结果", default=dict, blank=True)
    begun_at = models.DateTimeField("开始时间")
    begun_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="发起人")
    finished_at = models.DateTimeField("完成时间")

    objects = DoubtRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点比对"
        ordering = ["-begun_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="doubt_run_ends_after_it_begins",
                condition=Q(finished_at__gte=F("begun_at")),
                violation_error_message="完成时间不能早于开始时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"疑点比对（{self.as_of}）"

    @property
    def found(self) -> int:
        return self.total("found")

    @property
    def opened(self) -> int:
        return self.total("opened")

    @property
    def closed(self) -> int:
        return self.total("closed")

    def total(self, what: str) -> int:
        return sum(numbers.get(what, 0) for numbers in self.counts.values())
