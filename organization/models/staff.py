from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from config import clock

from ..querysets import StaffManager


class Staff(AbstractBaseUser):
    """A person who signs in. What a person may do hangs on the posts held, never on the person (DESIGN 2)."""

    class EmploymentType(models.TextChoices):
        """ZX-50."""

        ESTABLISHED = "established", "在编统筹"
        PURCHASED = "purchased", "政府购买服务"
        VILLAGE_CADRE = "village_cadre", "村（社区）干部兼任"

    username = models.CharField("登录名", max_length=30, unique=True, error_messages={"unique": "这个登录名已有人使用，请换一个。"})
    name = models.CharField("姓名", max_length=30)
    employment_type = models.CharField("用工类型", max_length=15, choices=EmploymentType.choices, default=EmploymentType.ESTABLISHED)
    phone = models.CharField("办公电话", max_length=30, blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_system = models.BooleanField("系统作业账号", default=False, editable=False)
    created_at = models.DateTimeField("创建时间")
    created_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="创建人"
    )
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    must_change_password = models.BooleanField("须修改密码", default=True)
    last_login_address = models.GenericIPAddressField("上次登录地址", null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = StaffManager()

    class Meta:
        verbose_name = verbose_name_plural = "工作人员"
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(name="one_system_account", fields=["is_system"], condition=models.Q(is_system=True)),
            models.CheckConstraint(
                name="only_the_system_has_no_creator",
                condition=models.Q(created_by__isnull=False) | models.Q(is_system=True),
                violation_error_message="工作人员账号必须记明创建人。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PasswordRecord(models.Model):
    """The hashes of earlier passwords, so that the last five are not used again (等保 password profile)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="password_records")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "历史密码"
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.staff} {clock.local(self.replaced_at):%Y-%m-%d}"
