from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import WholeListQuerySet


class WholeList(models.Model):
    """整份名单: that a holder's list is whole on a day, said by one and confirmed by a second (issue 5, ADR 0024).

    It counts from that day for `list_valid_months`, while it is not withdrawn; then the next one is confirmed, or absence is no answer.
    """

    kind = models.ForeignKey("programs.FactKind", on_delete=models.PROTECT, related_name="deliveries", verbose_name="名单")
    on = models.DateField("到齐日期")
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="提出人")
    proposed_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="确认人"
    )
    confirmed_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="撤回人"
    )
    reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = WholeListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整份名单"
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_list_at_a_time_waits_for_its_second",
                fields=["kind"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                violation_error_message="这份名单已有人提出到齐，等待第二人确认。",
            ),
            models.CheckConstraint(
                name="confirmed_list_says_who_and_when",
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_by_staff=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, confirmed_by_staff__isnull=False),
                violation_error_message="名单的确认须记明时间和人员。",
            ),
            models.CheckConstraint(
                name="nobody_confirms_a_list_of_their_own",
                condition=Q(confirmed_by_staff=None) | ~Q(confirmed_by_staff=F("proposed_by_staff")),
                violation_error_message="提出人和确认人不能是同一人，请由掌握部门的另一人确认。",
            ),
            models.CheckConstraint(
                name="withdrawn_list_says_who_when_and_why",
                condition=Q(withdrawn_at=None, withdrawn_by=None, reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(reason="")),
                violation_error_message="撤回名单须记明时间、人员和原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}（{self.on:%Y-%m-%d}到齐）"

    def get_absolute_url(self) -> str:
        return reverse("programs:fact_lists")
