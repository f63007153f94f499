import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from config.protection.fields import ID_NUMBER, PHONE, Protected, sealed_whole

from ..querysets import RequestHandoverQuerySet, RequestQuerySet
from .assessment import Assessment


class Request(models.Model):
    """Somebody needs help, registered by whoever heard of it first and pushed to the window of the address (ZX-15, ZX-19, ZX-46).

    Who registered is 首问责任人 (TZ-14) until the window has it, and sees it to the end. Of the person only what was told: a number where
    one is known, a name and a telephone otherwise, or what people call somebody without papers. No decision hangs on it: the window makes
    an application of it, gives advice, sends it back with a sentence, or hands it over to the window that it belongs to.
    """

    class Status(models.TextChoices):
        REGISTERED = "registered", "已登记，未推送"
        PUSHED = "pushed", "待窗口处理"
        HANDED_OVER = "handed_over", "已移交，待对方签收"
        ACCEPTED = "accepted", "已转为申请"
        ANSWERED = "answered", "已答复"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤销"

    class Source(models.TextChoices):
        """ZX-18, ZX-19, ZX-46: from whom the window hears of it."""

        VILLAGE = "village", "村（社区）协理员"
        TOWNSHIP = "township", "乡镇（街道）机构"
        DEPARTMENT = "department", "县级部门"
        COUNTY = "county", "县级平台"
        PHONE = "phone", "打电话到窗口"
        PERSON = "person", "本人或亲友到窗口"

    class Consent(models.TextChoices):
        """How the person agreed that somebody asks in their place (TZ-08, 代办)."""

        WRITTEN = "written", "书面委托"
        SPOKEN = "spoken", "当面同意"
        PHONE = "phone", "电话同意"
        GUARDIAN = "guardian", "监护人同意"

    OPEN = frozenset({Status.REGISTERED, Status.PUSHED, Status.HANDED_OVER, Status.RETURNED})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("求助编号", max_length=40, unique=True)
    name = models.CharField("姓名或称呼", max_length=60)
    id_number = Protected(ID_NUMBER, "证件号码")
    phone = Protected(PHONE, "联系电话")
    without_papers = models.BooleanField("没有证件", default=False)
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="求助人"
    )
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="家庭"
    )
    region = models.ForeignKey("organization.Region", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="住在")
    address = models.CharField("详细地址", max_length=120, blank=True)
    causes = ArrayField(models.CharField(max_length=12, choices=Assessment.Difficulty.choices), verbose_name="困难类型", default=list)
    matter = models.TextField("发生了什么", max_length=500)
    is_urgent = models.BooleanField("紧急", default=False)
    wanted = ArrayField(models.CharField(max_length=10), verbose_name="希望申请的项目", default=list, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    helper_name = models.CharField("代办人姓名", max_length=30, blank=True)
    helper_relation = models.CharField("代办人与求助人关系", max_length=30, blank=True)
    consent = models.CharField("本人如何同意", max_length=10, choices=Consent.choices, blank=True)
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.REGISTERED)
    window = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="处理窗口"
    )  # fmt: skip
    registered_unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记单位"
    )
    registered_at = models.DateTimeField("登记时间")
    registered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="首问责任人"
    )
    registered_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    pushed_at = models.DateTimeField("推送时间", null=True, blank=True)
    pushed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="推送人"
    )
    reply = models.TextField("答复或理由", max_length=600, blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="处理人"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "求助推送"
        ordering = ["-registered_at", "-id"]
        indexes = [
            models.Index(name="request_at_window", fields=["window", "status", "pushed_at", "id"]),
            models.Index(name="request_of_unit", fields=["registered_unit", "-registered_at", "-id"]),
            models.Index(name="request_of_registrar", fields=["registered_by_staff", "-registered_at", "-id"]),
            models.Index(name="request_of_number", fields=["id_number_digest"], condition=Q(id_number_digest__isnull=False)),
        ]
        constraints = [
            sealed_whole("id_number"),
            sealed_whole("phone"),
            models.CheckConstraint(
                name="request_says_who_and_what_happened",
                condition=~Q(name="") & ~Q(matter="") & Q(causes__len__gt=0),
                violation_error_message="请写明姓名或称呼、困难类型和发生了什么。",
            ),
            models.CheckConstraint(
                name="request_without_papers_has_no_number",
                condition=Q(without_papers=False) | Q(id_number_digest=None),
                violation_error_message="填了证件号码的，不能再选“没有证件”。",
            ),
            models.CheckConstraint(
                name="request_on_behalf_says_who_and_how_agreed",
                condition=Q(helper_name="", helper_relation="", consent="")
                | (~Q(helper_name="") & ~Q(helper_relation="") & ~Q(consent="")),
                violation_error_message="代办的，请填写代办人、与求助人的关系和本人如何同意。",
            ),
            models.CheckConstraint(
                name="pushed_request_says_by_whom_and_when",
                condition=Q(pushed_at=None, pushed_by=None, status__in=["registered", "withdrawn"])
                | (Q(pushed_at__isnull=False, pushed_by__isnull=False, pushed_at__gte=F("registered_at")) & ~Q(status="registered")),
                violation_error_message="推送必须记明时间和推送人，不早于登记。",
            ),
            models.CheckConstraint(
                name="settled_request_says_who_and_when",
                condition=Q(settled_at=None, settled_by=None, status__in=["registered", "pushed", "handed_over"])
                | Q(settled_at__isnull=False, settled_by__isnull=False, status__in=["accepted", "answered", "returned", "withdrawn"]),
                violation_error_message="处理结果必须记明时间和处理人。",
            ),
            models.CheckConstraint(
                name="request_settled_in_words_has_its_sentence",
                condition=~Q(status__in=["answered", "returned", "withdrawn"]) | ~Q(reply=""),
                violation_error_message="答复、退回、撤销都要写明内容。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"求助 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("intake:request_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_on_behalf(self) -> bool:
        return self.helper_name != ""

    @property
    def cause_words(self) -> str:
        return "、".join(str(Assessment.Difficulty(code).label) for code in self.causes)


class RequestHandover(models.Model):
    """One window gives a request to the window it belongs to (首问负责, TZ-14) and answers for it until the other signs for it."""

    class Outcome(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", "已签收"
        DECLINED = "declined", "对方退回"
        RECALLED = "recalled", "已收回"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="handovers", verbose_name="求助")
    from_unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="移交窗口")
    to_unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="接收窗口")
    reason = models.CharField("移交理由", max_length=300)
    handed_at = models.DateTimeField("移交时间")
    handed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="移交人")
    outcome = models.CharField("结果", max_length=12, choices=Outcome.choices, blank=True)
    note = models.CharField("退回理由", max_length=300, blank=True)
    ended_at = models.DateTimeField("签收时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="签收人"
    )

    objects = RequestHandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "求助移交"
        ordering = ["request", "handed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_handover_per_request",
                fields=["request"],
                condition=Q(ended_at=None),
                violation_error_message="这件求助已在移交中，请等对方签收。",
            ),
            models.CheckConstraint(
                name="handover_goes_to_another_window_with_a_reason",
                condition=~Q(from_unit=F("to_unit")) & ~Q(reason=""),
                violation_error_message="移交须写明理由，并交给另一个窗口。",
            ),
            models.CheckConstraint(
                name="ended_handover_says_how_and_by_whom",
                condition=Q(ended_at=None, ended_by=None, outcome="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(outcome="")),
                violation_error_message="移交的结果须记明签收人和时间。",
            ),
            models.CheckConstraint(
                name="declined_handover_says_why",
                condition=~Q(outcome="declined") | ~Q(note=""),
                violation_error_message="退回移交须写明理由。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.from_unit}移交{self.to_unit}"
