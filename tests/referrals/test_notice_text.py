"""What a public notice says, and what it never says (C-61, SECURITY #18)."""

import pytest

from programs.models import ProgramVersion
from referrals.notice_text import Subject, is_published, lines, program_name, republished

USUAL = "只公布姓名（隐去一字）、村（社区）、家庭人数和拟救助内容，不公布证件号码、病情、住址和未成年人信息"
CANCER = "隐去病名，只写“医疗救助”；只公布姓名（隐去一字）、村（社区）"


def subject(**changed) -> Subject:
    given = {
        "applicant": "张小明", "is_applicant_minor": False, "beneficiary": "", "is_beneficiary_minor": False, "members": 3,
        "place": "忠州街道虚构一村", "program": "最低生活保障", "aid": "每月1030元",
    }  # fmt: skip
    return Subject(**{**given, **changed})


def test_the_usual_words():
    assert lines(subject(), USUAL) == [
        "申请人：张*明", "村（社区）：忠州街道虚构一村", "家庭人数：3人", "申请项目：最低生活保障", "拟救助内容：每月1030元",
    ]  # fmt: skip


def test_without_an_amount_nothing_is_said_of_it():
    assert "拟救助内容" not in "".join(lines(subject(aid=""), USUAL))


def test_what_the_words_do_not_name_is_left_out():
    said = lines(subject(program="低收入妇女“两癌”救助项目", aid="一次性10000元"), CANCER)
    assert said == ["申请人：张*明", "村（社区）：忠州街道虚构一村", "申请项目：医疗救助"]


def test_a_beneficiary_who_is_not_the_applicant_is_masked_too():
    assert "受助人：李*芳" in lines(subject(beneficiary="李秀芳"), USUAL)
    assert not [line for line in lines(subject(beneficiary="张小明"), USUAL) if "受助人" in line]


def test_minors_are_never_named():
    said = "".join(lines(subject(beneficiary="张小宝", is_beneficiary_minor=True), USUAL))
    assert "张*宝" not in said
    assert "受助人：未成年人，姓名不公示" in said
    said = "".join(lines(subject(applicant="张小宝", is_applicant_minor=True), USUAL))
    assert "申请人：未成年人，姓名不公示" in said
    assert "宝" not in said


@pytest.mark.parametrize("name", ["张三", "欧阳小明", "买买提·吐尔逊"])
def test_no_name_stands_in_full(name):
    assert name not in "".join(lines(subject(applicant=name), USUAL))


def test_some_programs_are_never_put_up():
    assert not is_published("本项不公示")
    assert is_published(USUAL)


def test_a_name_that_tells_an_illness_is_replaced():
    assert program_name("低收入妇女“两癌”救助项目", CANCER) == "医疗救助"
    assert program_name("最低生活保障", USUAL) == "最低生活保障"


@pytest.mark.parametrize(("is_second", "is_subsistence", "days"), [(False, True, 7), (True, True, 3), (True, False, 7), (False, False, 7)])
def test_only_subsistence_is_put_up_again_for_fewer_days(is_second, is_subsistence, days):
    assert republished(7, 3, is_second=is_second, is_subsistence=is_subsistence) == days


@pytest.mark.django_db
def test_every_version_that_publishes_says_what():
    """Words that name neither a name nor the village would leave an empty notice."""
    versions = ProgramVersion.objects.published().filter(tracks__publicity_days__gt=0).distinct()
    assert versions
    assert not [version for version in versions if not is_published(version.publicity_masking)]
    assert all("姓名" in version.publicity_masking and "村" in version.publicity_masking for version in versions)
