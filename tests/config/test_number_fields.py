"""Form fields for numbers: what was typed stays, errors are Chinese sentences, `clean` returns the check."""

from datetime import date

import pytest
from django import forms

from config.protection.forms import CreditCodeField, DisabilityCardField, IdNumberField, PhoneField
from config.protection.identity import IdType, Sex


class PersonForm(forms.Form):
    id_type = forms.ChoiceField(choices=IdType.choices)
    id_number = IdNumberField(required=False)
    phone = PhoneField(required=False)
    card = DisabilityCardField(required=False)
    employer = CreditCodeField(required=False)

    def clean_id_number(self):
        result = self.cleaned_data["id_number"]
        IdNumberField.is_of(result, self.cleaned_data["id_type"])
        return result


def filled(**typed):
    return PersonForm({"id_type": "resident", "id_number": "１１０１０５ 19491231 002x", **typed})


def test_clean_returns_the_check():
    form = filled(phone="+86 13800138123", card="11010519491231002X41")
    assert form.is_valid(), form.errors
    result = form.cleaned_data["id_number"]
    assert (result.normalised, result.birth_on, result.sex) == ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE)
    assert form.cleaned_data["phone"].normalised == "13800138123"
    assert form.cleaned_data["card"].level == 1
    assert form.cleaned_data["employer"] is None


def test_what_was_typed_stays_on_an_error():
    form = filled(id_number=" 11010519491231００２1 ")
    assert not form.is_valid()
    assert 'value=" 11010519491231００２1 "' in str(form["id_number"])
    assert "校验码与前17位不符" in form.errors["id_number"][0]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"id_number": "110105491231002"}, "按升位规则应为 11010519491231002X"),
        ({"id_number": ""}, "请填写居民身份证号码"),
        ({"id_number": "810000199001010019"[:17] + "X"}, ""),
        ({"id_type": "hmt_permit"}, "与所选的“港澳台居民居住证”不一致"),
        ({"id_type": "none"}, "与所选的“无证”不一致"),
    ],
)
def test_paper_and_number_agree(typed, sentence):
    form = filled(**typed)
    assert not form.is_valid()
    assert sentence in " ".join(form.errors["id_number"])


def test_without_papers_no_number_is_asked():
    form = filled(id_type="none", id_number="")
    assert form.is_valid()
    assert form.cleaned_data["id_number"] is None


@pytest.mark.parametrize(("field", "typed"), [("phone", "110"), ("card", "1"), ("employer", "1")])
def test_wrong_numbers_are_refused_beside_their_field(field, typed):
    form = filled(**{field: typed})
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_demo_numbers_are_refused_on_a_real_system(settings):
    from random import Random

    from config.protection.synthetic import synthetic_id_number

    number = synthetic_id_number(Random(1), date(1990, 1, 1), Sex.MALE)
    assert filled(id_number=number).is_valid()
    settings.IS_DEMO = False
    form = filled(id_number=number)
    assert not form.is_valid()
    assert "虚构号码" in form.errors["id_number"][0]


def test_browser_keeps_no_numbers():
    form = PersonForm()
    for name in ("id_number", "phone", "card", "employer"):
        assert 'autocomplete="off"' in str(form[name])
    assert "data-id-number" in str(form["id_number"])
