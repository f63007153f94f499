"""暂存: nothing has to be whole, nothing that was typed is lost, nobody overwrites a colleague unseen."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from households.models import Fact, Resident
from households.transitions import MemberInput, add_member, end_membership
from tests import cast
from tests.households.factories import ResidentFactory
from tests.organization.factories import PostFactory
from tests.verification import factories
from verification import transitions
from verification.transitions import work

pytestmark = pytest.mark.django_db


def save(row, by, **given):
    return transitions.note(verification_id=row.pk, by=by, **{"fields": {}, **given})


def test_what_is_known_is_kept_with_who_and_when(clerk):
    row = save(
        factories.started(), clerk, fields={"family_situation": " 三口人 ", "income_per_head": "1200.5", "assets_within_limits": False}
    )
    row.refresh_from_db()
    assert (row.family_situation, row.conclusion, row.noted_by, row.noted_at) == ("三口人", "", clerk, house_clock.now())
    assert row.figures == {"income_per_head": "1200.50", "assets_within_limits": False}
    assert not Fact.objects.filter(household=row.household).exists()


def test_what_is_absent_stays_and_what_is_emptied_goes(clerk):
    row = save(factories.started(), clerk, fields={"family_situation": "三口人", "income_per_head": "1200"})
    row = save(row, clerk, fields={"income_per_head": None, "economic_situation": "务农"})
    assert (row.family_situation, row.economic_situation, row.figures) == ("三口人", "务农", {})


def test_it_leaves_one_event_without_what_was_written(clerk):
    row = save(factories.started(), clerk, fields={"family_situation": "户主患病"}, investigators=factories.team())
    event = Event.objects.get(verb="verification.noted")
    assert (event.household_id, event.by_id, event.new) == (row.household_id, clerk.staff_id, "入户调查中")
    assert "患病" not in f"{event.note}{event.data}"
    assert len(event.data["investigators"]) == 2


def test_investigators_replace_those_before(clerk, assistant, approver):
    row = save(factories.started(), clerk, investigators=[clerk.staff_id, assistant.staff_id])
    save(row, clerk, investigators=[assistant.staff_id, approver.staff_id])
    assert {r.staff_id: r.unit_id for r in row.investigators.all()} == {
        assistant.staff_id: assistant.unit_id, approver.staff_id: approver.unit_id,
    }  # fmt: skip
    save(row, clerk, fields={"advice": "再访"})
    assert row.investigators.count() == 2


def test_nobody_goes_twice(clerk):
    with pytest.raises(TransitionError, match="选了两次"):
        save(factories.started(), clerk, investigators=[clerk.staff_id, clerk.staff_id])


def test_nobody_goes_from_elsewhere(clerk, neighbour_clerk, officer, platform):
    row = factories.started()
    for post in (neighbour_clerk, officer, platform):
        with pytest.raises(TransitionError, match="不在本乡镇（街道）及其村（社区）任职"):
            save(row, clerk, investigators=[clerk.staff_id, post.staff_id])
    assert not row.investigators.exists()


def test_who_has_left_cannot_be_named_any_more(clerk):
    gone = PostFactory(ended=True)
    with pytest.raises(TransitionError, match="在2026-09-24不在本乡镇"):
        save(factories.started(), clerk, investigators=[gone.staff_id])


def test_who_went_stays_named_after_leaving(clerk, clock):
    from organization.transitions import posts

    colleague, row = PostFactory(granted=True), factories.started()
    day = house_clock.today()
    save(row, clerk, fields={"visited_on": day}, investigators=[clerk.staff_id, colleague.staff_id])
    clock.forward(days=2)
    posts.end(post_id=colleague.pk, reason="调离", by=cast.member("security_administrator"))
    clock.forward(days=2)
    save(row, clerk, fields={"advice": "再访"}, investigators=[clerk.staff_id, colleague.staff_id])
    with pytest.raises(TransitionError, match="不在本乡镇"):
        save(row, clerk, fields={"visited_on": house_clock.today()}, investigators=[clerk.staff_id, colleague.staff_id])


@pytest.mark.parametrize("days", [-1, 1])
def test_the_visit_lies_between_the_opening_and_today(clerk, days):
    with pytest.raises(TransitionError, match="入户日期应在核查建立（2026-09-24）以后，不晚于今天"):
        save(factories.started(), clerk, fields={"visited_on": house_clock.today() + timedelta(days=days)})


def test_who_was_met_belongs_to_the_family_and_lives(clerk, clock):
    row = factories.started()
    head = row.household.memberships.order_by("relation").first().resident
    assert save(row, clerk, fields={"person_met": head}).person_met == head
    stranger = ResidentFactory(name="路人甲")
    with pytest.raises(TransitionError, match="路人甲不是本户成员、监护人"):
        save(row, clerk, fields={"person_met": stranger})
    Resident.objects.filter(pk=head.pk).update(died_on=house_clock.today())
    clock.forward(days=1)
    head.refresh_from_db()
    with pytest.raises(TransitionError, match="张小明已登记死亡（2026-09-24），不能填写为2026-09-25见到的人"):
        save(row, clerk, fields={"person_met": head})
    assert save(row, clerk, fields={"person_met": head, "visited_on": date(2026, 9, 24)}).person_met == head, "met before he died"


@pytest.mark.parametrize("has_died", [True, False])
def test_who_was_met_stays_so_after_dying_or_leaving(clerk, clock, has_died):
    """QJ-13: a visit that met somebody is not undone by what happens to him before it is all written down."""
    row, day = factories.started(), house_clock.today()
    boy = row.household.memberships.get(relation="20")
    save(row, clerk, fields={"person_met": boy.resident, "visited_on": day})
    clock.forward(days=5)
    if has_died:
        Resident.objects.filter(pk=boy.resident_id).update(died_on=house_clock.today())
    else:
        end_membership(membership_id=boy.pk, on=house_clock.today(), reason="随祖父母生活", by=clerk)
    clock.forward(days=1)
    whole = factories.whole(row, visited_on=day, person_met=Resident.objects.get(pk=boy.resident_id))
    assert save(row, clerk, fields=whole).person_met == boy.resident
    with pytest.raises(TransitionError, match="张小宝(已登记死亡|不是本户成员)"):
        save(row, clerk, fields={**whole, "visited_on": house_clock.today()})
    done = transitions.finish(verification_id=row.pk, fields=whole, investigators=factories.team(), by=clerk)
    assert (done.status, done.person_met) == ("done", boy.resident)


def test_whoever_the_register_lacked_on_the_day_is_entered_and_named(clerk, clock):
    row, day = factories.started(), house_clock.today()
    clock.forward(days=2)
    granny = ResidentFactory(name="张奶奶")
    add_member(household_id=row.household_id, member=MemberInput(resident_id=granny.pk, relation="50"), by=clerk)
    assert save(row, clerk, fields={"person_met": granny, "visited_on": day}).person_met == granny


@pytest.mark.parametrize("amount", ["-1", "一千", "NaN", "1e20", "0.005"])
def test_amounts_are_amounts(clerk, amount):
    with pytest.raises(TransitionError, match="金额请填写数字"):
        save(factories.started(), clerk, fields={"income_12_months": amount})


def test_a_name_that_is_no_field_is_a_mistake_of_the_caller(clerk):
    with pytest.raises(ValueError, match="status"):
        save(factories.started(), clerk, fields={"status": "done"})


def test_a_stale_form_is_told_who_saved_in_between(clerk, second_clerk, clock):
    row = factories.started()
    seen = row.noted_at
    save(row, clerk, seen_at=seen, fields={"advice": "甲"})
    clock.forward(minutes=5)
    with pytest.raises(AlreadyHandled, match=f"{clerk}于2026-09-24 10:00保存过核查情况"):
        save(row, second_clerk, seen_at=seen, fields={"advice": "乙"})
    row.refresh_from_db()
    assert row.advice == "甲"
    assert save(row, second_clerk, seen_at=row.noted_at, fields={"advice": "乙"}).advice == "乙"


def test_neighbour_and_colleague_without_the_right(neighbour_clerk, approver):
    row = factories.started()
    with pytest.raises(Http404):
        save(row, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        save(row, approver)


def test_without_its_event_nothing_has_changed(clerk, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    row = factories.started()
    monkeypatch.setattr(work, "record", fail)
    with pytest.raises(RuntimeError):
        save(row, clerk, fields={"advice": "再访"}, investigators=factories.team())
    row.refresh_from_db()
    assert (row.advice, row.noted_at, row.investigators.count()) == ("", None, 0)
