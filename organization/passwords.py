"""The password profile: its figures are parameters, by default those of 等保 (composition, no reuse, rotation).

OWASP ASVS forbids both: then `password_classes_min` is 1, `password_age_max` 0 and `password_length_min` greater.
"""

import re
from datetime import timedelta

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core.exceptions import ValidationError

from config import clock

from .figures import figure
from .models import Staff

CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")


class CompositionValidator:
    """At least `password_length_min` characters of at least `password_classes_min` of the four classes."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        if len(password) < figure("password_length_min"):
            raise ValidationError(f"密码至少 {figure('password_length_min')} 位。")
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < figure("password_classes_min"):
            raise ValidationError(f"密码须包含大写字母、小写字母、数字、符号中的至少 {figure('password_classes_min')} 种。")
        if re.search(r"(.)\1\1", password):
            raise ValidationError("密码不能有连续三个相同的字符。")

    def get_help_text(self) -> str:
        least, classes = figure("password_length_min"), figure("password_classes_min")
        return f"至少 {least} 位，含大写字母、小写字母、数字、符号中的至少 {classes} 种，不能连续三个相同字符。"


class NotTheNameValidator:
    """The account's name, forwards or backwards, is no password."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        name = user.username.lower() if user else ""
        if name and (name in password.lower() or name[::-1] in password.lower()):
            raise ValidationError("密码不能包含登录名。")

    def get_help_text(self) -> str:
        return "不能包含登录名。"


class NotReusedValidator:
    """Neither the present password nor one of the last `password_history`."""

    def validate(self, password: str, user: Staff | None = None) -> None:
        if user is None or user.pk is None:
            return
        earlier = [user.password, *user.password_records.values_list("password", flat=True)[: figure("password_history")]]
        if any(check_password(password, hashed) for hashed in earlier if hashed and not hashed.startswith("!")):
            raise ValidationError("不能使用最近用过的密码。")

    def get_help_text(self) -> str:
        return f"不能与最近 {figure('password_history')} 次用过的密码相同。"


def validate_by_itself(password: str, staff: Staff) -> None:
    """All that a new password must be without a look at the earlier ones. Raises ValidationError."""
    rules = [rule for rule in get_default_password_validators() if not isinstance(rule, NotReusedValidator)]
    validate_password(password, staff, password_validators=rules)


def refuse_used(password: str, staff: Staff) -> None:
    """Said to nobody but the proven owner: who may try without end whether a password was used has found the one in use.

    Raises:
        ValidationError: it is the present one, or one of the last.
    """
    NotReusedValidator().validate(password, staff)


def must_change(staff: Staff) -> str:
    """Why the password must be changed before anything else: `first` (the first one, or one issued by an administrator), `old` (beyond the
    profile's limit in days; 0 means no rotation), or nothing."""
    if staff.must_change_password or staff.password_changed_at is None:
        return "first"
    days = figure("password_age_max")
    return "old" if days and clock.now() - staff.password_changed_at > timedelta(days=days) else ""
