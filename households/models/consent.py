import uuid

from django.db import models
from django.db.models import Q

from config.protection.fields import ID_NUMBER, Protected, sealed_whole

from ..querysets import AuthorisationQuerySet, KinDeclarationQuerySet, StaffKinQuerySet
from .household import Relation


class Authorisation(models.Model):
    """An adult of the household lets its means be checked (经济状况核对授权, TZ-19): who, on which day, on which version of the form."""

    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="authorisations", verbose_name="家庭")
    resident = models.ForeignKey("households.Resident", on_delete=models.PROTECT, related_name="authorisations", verbose_name="授权人")
    form = models.ForeignKey("documents.FormVersion", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="文书版本")
    signed_on = models.DateField("签署日期")
    signer_note = models.CharField("代签说明", max_length=80, blank=True)
    document = models.ForeignKey(
        "documents.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="签署件"
    )
    registered_at = models.DateTimeField("登记时间")
    registered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人"
    )
    revoked_at = models.DateTimeField("撤回时间", null=True, blank=True)
    revoked_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="撤回登记人"
    )

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核对授权"
        ordering = ["-signed_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_standing_authorisation_per_resident_and_household",
                fields=["household", "resident"],
                condition=Q(revoked_at=None),
                violation_error_message="此人的授权已登记。",
            ),
            models.CheckConstraint(
                name="revoked_authorisation_has_its_revoker",
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} {self.signed_on}"


class KinDeclaration(models.Model):
    """Is anybody here a close relative of staff who handle 低保 or of village cadres? Asked once per household (XX-16, K-10).

    A yes names the staff member and is filed (备案) by the platform before 低保 is decided; a later declaration replaces the earlier.
    """

    household = models.ForeignKey("households.Household", on_delete=models.PROTECT, related_name="kin_declarations", verbose_name="家庭")
    has_kin = models.BooleanField("有近亲属")
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="家庭成员"
    )
    staff_name = models.CharField("工作人员姓名", max_length=30, blank=True)
    staff_unit = models.CharField("工作人员单位", max_length=60, blank=True)
    relation = models.CharField("关系", max_length=2, choices=Relation.choices, blank=True)
    form = models.ForeignKey("documents.FormVersion", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="文书版本")
    declared_on = models.DateField("申报日期")
    declared_at = models.DateTimeField("登记时间")
    declared_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="登记人")
    filed_at = models.DateTimeField("备案时间", null=True, blank=True)
    filed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="备案人"
    )
    filing_note = models.CharField("备案意见", max_length=200, blank=True)
    replaced_at = models.DateTimeField("重新申报时间", null=True, blank=True)
    replaced_by = models.ForeignKey(
        "organization.Post",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="重新申报登记人",
    )

    objects = KinDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "近亲属申报"
        ordering = ["-declared_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_standing_kin_declaration_per_household",
                fields=["household"],
                condition=Q(replaced_at=None),
                violation_error_message="该家庭已有有效的近亲属申报。",
            ),
            models.CheckConstraint(
                name="kin_declared_names_the_staff_member",
                condition=Q(has_kin=False, staff_name="", staff_unit="", relation="", resident=None)
                | (Q(has_kin=True) & ~Q(staff_name="") & ~Q(relation="")),
                violation_error_message="申报有近亲属的，请填写工作人员姓名和关系；没有的不填。",
            ),
            models.CheckConstraint(
                name="filing_of_kin_says_who_when_and_what",
                condition=Q(filed_at=None, filed_by=None, filing_note="")
                | (Q(has_kin=True, filed_at__isnull=False, filed_by__isnull=False) & ~Q(filing_note="")),
                violation_error_message="备案必须记明时间、备案人和意见。",
            ),
            models.CheckConstraint(
                name="replaced_kin_declaration_has_its_replacer",
                condition=Q(replaced_at=None, replaced_by=None) | Q(replaced_at__isnull=False, replaced_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return "有近亲属" if self.has_kin else "无近亲属"


class StaffKin(models.Model):
    """A close relative whom a member of staff declares in the own account (SECURITY, Kin). Matched by number, never by surname."""

    staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="declared_kin", verbose_name="工作人员")
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("关系", max_length=2, choices=Relation.choices)
    id_number = Protected(ID_NUMBER, "证件号码")
    declared_at = models.DateTimeField("申报时间")
    declared_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="申报岗位"
    )
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="撤销岗位"
    )

    objects = StaffKinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作人员近亲属"
        ordering = ["staff", "declared_at"]
        indexes = [models.Index(name="staff_kin_by_number", fields=["id_number_digest"])]
        constraints = [
            sealed_whole("id_number"),
            models.UniqueConstraint(
                name="a_relative_is_declared_once_by_a_person",
                fields=["staff", "id_number_digest"],
                condition=Q(withdrawn_at=None),
                violation_error_message="这位亲属您已申报过。",
            ),
            models.CheckConstraint(
                name="withdrawn_kin_has_its_withdrawer",
                condition=Q(withdrawn_at=None, withdrawn_by=None) | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
