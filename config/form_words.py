"""What Django's own field checks say, in the words of a paper form: its translation speaks of variables and fields."""

from django.core import validators
from django.forms import fields

REQUIRED, CHOOSE = "请填写。", "请选择。"


def use() -> None:
    """Once, when the process starts: every form and filter of the house says the same."""
    fields.Field.default_error_messages["required"] = REQUIRED
    for choice in (fields.ChoiceField, fields.MultipleChoiceField):
        choice.default_error_messages = {
            **choice.default_error_messages,
            "required": CHOOSE,
            "invalid_choice": "没有这个选项，请重新选择。",
        }
    fields.IntegerField.default_error_messages["invalid"] = "请填写整数。"
    fields.DecimalField.default_error_messages["invalid"] = "请填写数字，例如1200.50。"
    validators.DecimalValidator.messages = {
        "invalid": "请填写数字，例如1200.50。",
        "max_digits": "数字太大，请核对。",
        "max_decimal_places": "小数点后最多%(max)s位。",
        "max_whole_digits": "数字太大，请核对。",
    }
    fields.DateField.default_error_messages["invalid"] = "请填写日期，例如2026-11-22。"
    validators.MaxLengthValidator.message = "最多%(limit_value)d个字，现在是%(show_value)d个字。"
    validators.MinLengthValidator.message = "至少%(limit_value)d个字，现在是%(show_value)d个字。"
    validators.MinValueValidator.message = "不能小于%(limit_value)s。"
    validators.MaxValueValidator.message = "不能大于%(limit_value)s。"
