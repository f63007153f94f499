"""Beyond 500 rows, and of full numbers however few, nobody takes data away by one press: the password once more, and what the rows are
wanted for (SECURITY abuse 6)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.addresses import next_of, page_before
from config.once import FIELD as ONCE
from config.rendering import OpinionArea
from config.verbs import TransitionError
from config.words import without_numbers
from organization.figures import figure
from organization.proving import is_proven

PASSWORD, REASON = "step_up_password", "step_up_reason"
_OWN = frozenset({PASSWORD, REASON, ONCE, "csrfmiddlewaretoken", "next"})


class StepUpForm(forms.Form):
    is_blank_again = True

    step_up_reason = forms.CharField(
        label="用途",
        max_length=100,
        min_length=4,
        widget=OpinionArea(2),
        help_text="写明作什么用、依据什么，不要写姓名和证件号码。",
    )
    step_up_password = forms.CharField(
        label="登录密码", strip=False, max_length=128, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self._request = request

    def clean_step_up_reason(self) -> str:
        try:
            return without_numbers(self.cleaned_data[REASON])
        except TransitionError as refused:
            raise forms.ValidationError(str(refused)) from None

    def clean(self) -> dict[str, Any]:
        """The password last: a reason that does not do costs nobody a try."""
        cleaned = super().clean() or {}
        if REASON in cleaned and PASSWORD in cleaned:
            try:
                if not is_proven(self._request, cleaned[PASSWORD]):
                    self.add_error(PASSWORD, "密码不对，请重新输入。")
            except TransitionError as locked:
                self.add_error(PASSWORD, str(locked))
        return cleaned


class NotProven(Exception):
    """More rows than leave without a word: `response` asks for the password and the reason, and brings the same act again."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__("step-up")
        self.response = response


def is_needed(rows: int) -> bool:
    return rows > int(figure("export_rows_max"))


def reason_given(request: HttpRequest, title: str, *, is_in_clear: bool = False) -> str:
    """What the rows are wanted for, said with the password. `is_in_clear`: asked because of the numbers, however few rows there are.

    Raises:
        NotProven: it was not, or the password is wrong.
    """
    is_asked = PASSWORD in request.POST
    form = StepUpForm(request.POST if is_asked else None, request=request)
    if is_asked and form.is_valid():
        return str(form.cleaned_data[REASON])
    context = {
        "form": form,
        "title": title,
        "mark": int(figure("export_rows_max")),
        "is_in_clear": is_in_clear,
        "action": request.get_full_path(),
        "back": next_of(request) if is_asked else page_before(request),
        "brought": list(_brought(request)),
    }
    raise NotProven(render(request, "spreadsheets/step_up.html", context, status=403))


def _brought(request: HttpRequest) -> Iterable[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name not in _OWN:
            yield from ((name, str(value)) for value in values)
