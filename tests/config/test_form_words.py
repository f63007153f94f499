"""The checks of every form speak as a paper form does, not of variables."""

import pytest
from django import forms


class Sample(forms.Form):
    name = forms.CharField(max_length=3)
    kind = forms.ChoiceField(choices=[("a", "甲")])
    kinds = forms.MultipleChoiceField(choices=[("a", "甲")])
    number = forms.IntegerField(min_value=1, max_value=9)
    day = forms.DateField()


class Amount(forms.Form):
    amount = forms.DecimalField(max_digits=12, decimal_places=2)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, {"name": "请填写。", "kind": "请选择。", "kinds": "请选择。", "number": "请填写。", "day": "请填写。"}),
        (
            {"name": "一二三四", "kind": "<b>", "kinds": ["x"], "number": "0", "day": "后天"},
            {
                "name": "最多3个字，现在是4个字。",
                "kind": "没有这个选项，请重新选择。",
                "kinds": "没有这个选项，请重新选择。",
                "number": "不能小于1。",
                "day": "请填写日期，例如2026-11-22。",
            },
        ),
        ({"name": "甲", "kind": "a", "kinds": ["a"], "number": "10", "day": "2026-11-22"}, {"number": "不能大于9。"}),
        ({"name": "甲", "kind": "a", "kinds": ["a"], "number": "x", "day": "2026-11-22"}, {"number": "请填写整数。"}),
    ],
)
def test_words(typed, said):
    assert {field: errors[0] for field, errors in Sample(typed).errors.items()} == said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("一千", "请填写数字"), ("99999999999", "数字太大"), ("1.234", "小数点后最多2位"), ("NaN", "请填写数字")],
)
def test_an_amount_is_refused_in_words(typed, sentence):
    form = Amount({"amount": typed})
    assert not form.is_valid()
    assert sentence in form.errors["amount"][0]
