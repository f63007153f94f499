"""Form fields for numbers (UI.md). What was typed stays in the field on an error; `clean` returns the check, with its warnings."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from config import clock

from .cards import DisabilityCardCheck, NumberCheck, check_credit_code, check_disability_card, check_phone
from .identity import IdCheck, IdType, check_id_number, guess_id_type


class _NumberField(forms.CharField):
    """Typed text to a check. An optional field left empty gives None."""

    attrs: dict[str, str] = {}
    check: Callable[[str], Any]  # each kind of number brings its own

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40, "strip": True, **options})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "autocomplete": "off", "spellcheck": "false", **self.attrs}

    @sensitive_variables()
    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        result = self.check(text)
        if result.errors:
            raise ValidationError(list(result.errors))
        return result


class IdNumberField(_NumberField):
    """An ID number. Without `id_type` the kind of paper is read from the number; `is_of` compares it with the chosen one.

    `data-id-number` is where the page's script hangs the card reader, the birth date and the sex.
    """

    attrs = {"data-id-number": "", "inputmode": "text"}

    def __init__(self, *, id_type: IdType | None = None, **options: Any) -> None:
        self.id_type = id_type
        super().__init__(**{"label": "证件号码", **options})

    def check(self, text: str) -> IdCheck:
        result = check_id_number(text, self.id_type or guess_id_type(text), on=clock.today(), allow_synthetic=settings.IS_DEMO)
        if result.suggestion:
            advice = f"按升位规则应为 {result.suggestion}，请与证件核对一致后填写。"
            return IdCheck(result.id_type, result.normalised, (*result.errors, advice))
        return result

    @staticmethod
    def is_of(result: IdCheck | None, chosen: IdType | str) -> None:
        """For `clean_<number>` of a form that asks the kind of paper before the number (an optional field).

        Raises:
            ValidationError: the number is of another paper, or there is none where one is needed.
        """
        chosen = IdType(chosen)
        if result is None and chosen is not IdType.NONE:
            raise ValidationError(f"请填写{chosen.label}号码；确实没有证件的，证件类型选“无证”。")
        if result is not None and result.id_type is not chosen:
            raise ValidationError(f"这是{result.id_type.label}的号码，与所选的“{chosen.label}”不一致，请核对。")


class DisabilityCardField(_NumberField):
    """A disability card's number. Whose it is, the form's `clean` asks with `check_disability_card(..., holder_number=)`."""

    attrs = {"data-disability-card": "", "inputmode": "text"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": "残疾人证号", **options})

    def check(self, text: str) -> DisabilityCardCheck:
        return check_disability_card(text, on=clock.today(), allow_synthetic=settings.IS_DEMO)


class PhoneField(_NumberField):
    attrs = {"inputmode": "tel"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": "联系电话", **options})

    def check(self, text: str) -> NumberCheck:
        return check_phone(text)


class CreditCodeField(_NumberField):
    """统一社会信用代码 of an organisation."""

    attrs = {"inputmode": "text"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": "统一社会信用代码", **options})

    def check(self, text: str) -> NumberCheck:
        return check_credit_code(text)
