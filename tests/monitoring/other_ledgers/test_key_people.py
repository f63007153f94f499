"""L3: who has an identity of hardship and no regular aid, village by village, and how the roster changed."""

from datetime import date

import pytest

from config.protection.masks import mask_name
from households.models import Coverage, Membership
from households.transitions import end_tag
from monitoring.other_ledgers.key_people import KINDS, LEDGER
from organization.models import Post
from tests import cast
from tests.households.factories import HouseholdFactory, assistance, head_of, tag

from .reading import sheets

pytestmark = pytest.mark.django_db
JUNE, AUGUST, TODAY = date(2026, 6, 1), date(2026, 8, 15), date(2026, 9, 24)


def family(**given):
    """Known to the county since May."""
    household = HouseholdFactory(**given)
    Membership.objects.filter(household=household).update(since=date(2026, 5, 1))
    return household


@pytest.fixture
def poor():
    """Low in income since June, three people; without aid."""
    household = family()
    tag(household, "low_income", since=JUNE)
    return household


def numbers(post, sheet=0, **given):
    return sorted({row["证件号码"] for row in sheets(LEDGER, post, **given)[sheet]})


def masks(household):
    return sorted(str(member.resident.id_number) for member in household.memberships.all())


def test_a_row_says_who_where_and_why(poor, clerk, platform):
    [rows, _] = sheets(LEDGER, clerk)
    head = head_of(poor)
    assert len(rows) == 3
    assert rows[0] == {
        "乡镇（街道）": "忠州街道", "村（社区）": "虚构一村", "户编号": poor.number, "户主": head.name, "姓名": head.name,
        "证件号码": str(head.id_number), "性别": "男", "年龄": 46, "与户主关系": "户主", "重点身份": "低收入人口", "最早认定日期": JUNE,
    }  # fmt: skip
    [row, *_], _ = sheets(LEDGER, platform)
    assert (row["姓名"], row["证件号码"]) == (mask_name(head.name), str(head.id_number))
    [row, *_], _ = sheets(LEDGER, platform, in_clear=True)
    assert (row["姓名"], len(row["证件号码"]), "*" in row["证件号码"]) == (head.name, 18, False)


def test_regular_aid_takes_off_the_roster_and_other_help_does_not(poor, clerk):
    for program, cadence in (("MZ04", "once"), ("MZ06", "yearly")):  # given once; a premium paid
        assistance(head_of(poor), program, cadence=cadence, since=JUNE, until=JUNE if cadence == "once" else None)
    assert numbers(clerk) == masks(poor)
    assistance(head_of(poor), "MZ02", since=TODAY)
    assert numbers(clerk) == sorted(set(masks(poor)) - {str(head_of(poor).id_number)})
    assistance(poor, "MZ01", since=TODAY)
    assert numbers(clerk) == []
    assert numbers(clerk, month="2026-08") == masks(poor)


def test_what_is_sensitive_counts_neither_way(clerk, platform):
    household = family()
    tag(head_of(household), "orphan", since=JUNE)
    assert numbers(clerk) == numbers(platform) == []
    tag(head_of(household), "severe_disability", since=JUNE)
    assistance(head_of(household), "MZ09", since=JUNE)
    assert numbers(clerk) == numbers(platform) == [str(head_of(household).id_number)]


def test_each_reads_its_place(poor, clerk, neighbour_clerk, platform):
    theirs = family(in_neighbour=True, alone=True)
    tag(theirs, "edge_of_poverty", since=JUNE)
    assert numbers(clerk) == masks(poor)
    assert numbers(neighbour_clerk) == masks(theirs)
    assert numbers(platform) == sorted(masks(poor) + masks(theirs))
    assert numbers(platform, township=cast.NEIGHBOUR) == masks(theirs)
    assert numbers(clerk, village=cast.VILLAGE) == masks(poor)
    assert numbers(clerk, village=cast.OTHER_VILLAGE) == []


def test_the_month_says_who_came_and_who_left(poor, clerk):
    fresh = family(alone=True)
    tag(fresh, "sudden_hardship", since=TODAY)
    assistance(poor, "MZ01", since=TODAY)
    gone = family(alone=True)
    row = tag(gone, "border", since=JUNE)
    end_tag(tag_id=row.pk, on=AUGUST, reason="复核", by=cast.member("platform"))
    changes = {(row["证件号码"], row["变动"]): row["变动原因"] for row in sheets(LEDGER, clerk, month="2026-09")[1]}
    assert changes == {
        (masks(fresh)[0], "新增"): f"{TODAY}新认定",
        **{(mask, "退出"): "已纳入定期救助：最低生活保障" for mask in masks(poor)},
    }
    changes = {(row["证件号码"], row["变动"]): row["变动原因"] for row in sheets(LEDGER, clerk, month="2026-08")[1]}
    assert changes == {(masks(gone)[0], "退出"): "身份已终止，或已离开家庭"}


def test_it_is_what_asking_person_by_person_finds(poor, clerk):
    others = [family() for _ in range(3)]
    tag(others[0], "border", since=JUNE, until=AUGUST)
    tag(head_of(others[1]), "severe_disability", since=AUGUST)
    assistance(others[1], "MZ01", since=JUNE, until=date(2026, 7, 31))
    tag(others[2], "unstable_exit", since=JUNE)
    assistance(others[2], "MZ01", since=AUGUST, covered=[head_of(others[2])])
    for month, last in (("2026-07", date(2026, 7, 31)), ("2026-08", date(2026, 8, 31)), ("2026-09", TODAY)):
        assert numbers(clerk, month=month) == sorted(one_by_one(clerk, last))


def one_by_one(post: Post, on: date) -> list[str]:
    """In Python, person by person."""

    def stands(row):
        return row.since <= on and (row.until is None or row.until >= on)

    found = []
    for member in Membership.objects.visible_to(post).select_related("resident"):
        held = [*member.resident.tags.all(), *member.household.tags.all()]
        reached = [c for c in Coverage.objects.filter(resident=member.resident).select_related("record") if stands(c) and stands(c.record)]
        if any(stands(one) and one.kind in KINDS for one in held) and not reached:
            found.append(str(member.resident.id_number))
    return found
