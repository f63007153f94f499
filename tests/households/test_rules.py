"""Values of facts, ages, and that every proof names a fact of the catalogue."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from households import rules
from households.models import IdentityTag

CODES = [{"code": "1", "label": "一级"}, {"code": "2", "label": "二级"}]


@pytest.mark.parametrize(
    ("value_type", "value", "kept"),
    [
        ("yes_no", True, True),
        ("yes_no", False, False),
        ("number", "12", "12"),
        ("number", 7, "7"),
        ("number", "1.50", "1.5"),
        ("money", "1200", "1200.00"),
        ("money", "0.5", "0.50"),
        ("date", "2026-09-24", "2026-09-24"),
        ("date", date(2026, 9, 24), "2026-09-24"),
        ("code", "2", "2"),
        ("text", " 有监护人 ", "有监护人"),
    ],
)
def test_value_is_kept_in_one_way(value_type, value, kept):
    assert rules.fact_value(value_type, value, CODES) == kept


@pytest.mark.parametrize(
    ("value_type", "value", "sentence"),
    [
        ("yes_no", "true", "是"),
        ("yes_no", 1, "是"),
        ("number", "十二", "数字"),
        ("number", "NaN", "数字"),
        ("number", "1e30", "数字"),
        ("money", "-1", "金额"),
        ("money", "1.234", "金额"),
        ("money", "1e5", "金额"),
        ("date", "2026-02-30", "日期"),
        ("code", "3", "选项"),
        ("text", "长" * 81, "80个字"),
        ("text", "  ", "填写内容"),
        ("money", None, "填写内容"),
    ],
)
def test_value_of_another_type_is_refused_in_words(value_type, value, sentence):
    with pytest.raises(rules.WrongValue, match=sentence):
        rules.fact_value(value_type, value, CODES)


def test_values_as_people_read_them():
    assert rules.value_text("yes_no", False, []) == "否"
    assert rules.value_text("code", "2", CODES) == "二级"
    assert rules.value_text("code", "9", CODES) == "9"
    assert rules.value_text("money", "1200.00", []) == "1200.00元"
    assert rules.value_text("number", "12", [], "个月") == "12个月"


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2008, 9, 24), date(2026, 9, 23), 17),
        (date(2008, 9, 24), date(2026, 9, 24), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_turns_on_the_birthday(born, on, age):
    assert rules.age_on(born, on) == age
    assert rules.is_of_age(born, on, 18) == (age >= 18)


@given(some.dates(date(1900, 1, 1), date(2026, 1, 1)), some.dates(date(2026, 1, 1), date(2100, 1, 1)))
def test_nobody_grows_younger(born, on):
    assert 0 <= rules.age_on(born, on) <= rules.age_on(born, on.replace(year=on.year + 1, day=min(on.day, 28)))


def test_without_a_birth_date_nobody_is_a_child():
    assert rules.is_of_age(None, date(2026, 1, 1), 18)


@pytest.mark.django_db
def test_every_proof_is_of_the_catalogue():
    from programs.models import FactKind, Program

    kinds, programs = {kind.pk: kind for kind in FactKind.objects.all()}, set(Program.objects.values_list("pk", flat=True))
    assert set(rules.PROVEN_BY_TAG) <= set(IdentityTag.Kind.values)
    assert set(rules.PROVEN_BY_TAG.values()) | set(rules.PROVEN_BY_RECORD.values()) <= set(kinds)
    assert set(rules.PROVEN_BY_RECORD) | set(rules.TAG_OF_PROGRAM) | set(rules.FACT_OF_PROGRAM) <= programs
    assert set(rules.TAG_OF_PROGRAM.values()) <= set(IdentityTag.Kind.values)
    for key, value in rules.FACT_OF_PROGRAM.values():
        rules.fact_value(kinds[key].value_type, value, kinds[key].codes)


@pytest.mark.django_db
def test_every_program_that_gives_no_benefit_says_what_it_writes():
    from programs.models import Program

    named = Program.objects.named()
    assert set(named.filter(kind="identity").values_list("pk", flat=True)) == set(rules.TAG_OF_PROGRAM)
    assert set(named.filter(kind="registration").values_list("pk", flat=True)) == set(rules.FACT_OF_PROGRAM)
