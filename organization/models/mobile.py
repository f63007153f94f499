import uuid

from django.db import models

from config.protection.fields import PHONE, Protected, sealed_whole

from ..querysets import MobileQuerySet


class Mobile(models.Model):
    """The mobile number by which somebody wants urgent notices. The row is the consent: whoever switches texting off has no number here.

    Entered by its owner alone, deleted by its owner or with the account. The plain number is opened for the gateway and for nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.OneToOneField("organization.Staff", on_delete=models.CASCADE, related_name="mobile", verbose_name="人员")
    number = Protected(PHONE, "手机号码")
    set_at = models.DateTimeField("开通时间")

    objects = MobileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "短信提醒"
        ordering = ["staff"]
        constraints = [sealed_whole("number")]

    def __str__(self) -> str:
        return str(self.number)
