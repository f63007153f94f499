"""The password profile of 等保 (composition, no reuse, rotation); `PASSWORD_PROFILE = "asvs"` takes OWASP's instead (length, no rotation)."""

import re
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from config import clock

from .models import Staff

CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")


class CompositionValidator:
    """At least `min_length` characters of at least three of the four classes."""

    def __init__(self, min_length: int = 10, min_classes: int = 3) -> None:
        self.min_length, self.min_classes = min_length, min_classes

    def validate(self, password: str, user: Staff | None = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(f"密码至少 {self.min_length} 位。")
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < self.min_classes:
            raise ValidationError("密码须包含大写字母、小写字母、数字、符号中的至少三种。")
        if re.search(r"(.)\1\1", password):
            raise ValidationError("密码不能有连续三个相同的字符。")

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 位，含大写字母、小写字母、数字、符号中的至少三种，不能连续三个相同字符。"


class NotTheNameValidator:
    """The account's name, forwards or backwards, is no password."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        name = user.username.lower() if user else ""
        if name and (name in password.lower() or name[::-1] in password.lower()):
            raise ValidationError("密码不能包含登录名。")

    def get_help_text(self) -> str:
        return "不能包含登录名。"


class NotReusedValidator:
    """Neither the present password nor one of the last five."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        if user is None or user.pk is None:
            return
        earlier = [user.password, *user.password_records.values_list("password", flat=True)]
        if any(check_password(password, hashed) for hashed in earlier if hashed and not hashed.startswith("!")):
            raise ValidationError("不能使用最近用过的密码。")

    def get_help_text(self) -> str:
        return "不能与最近五次用过的密码相同。"


def must_change(staff: Staff) -> bool:
    """First sign-in, a password issued by an administrator, or one older than the profile's limit in days (0: no rotation)."""
    if staff.must_change_password or staff.password_changed_at is None:
        return True
    days = settings.PASSWORD_MAX_AGE_DAYS
    return bool(days) and clock.now() - staff.password_changed_at > timedelta(days=days)
