"""The pages: the list of work, what is recognised, and the 入户调查表."""

import pytest
from django.urls import reverse

from households.models import Resident
from tests.verification import factories
from verification import transitions
from verification.lamps import lamps_of
from verification.models import Verification

pytestmark = pytest.mark.django_db
LIST_QUERIES = 13


def typed(row: Verification, **changed) -> dict:
    """What a clerk types into the form."""
    clerk, assistant = factories.team()
    head = row.household.memberships.get(relation="02").resident
    values = {
        "seen_at": "", "methods": ["home_visit"], "investigator_1": clerk, "investigator_2": assistant, "visited_on": "2026-09-24",
        "person_met": head.pk, "family_situation": "三口人", "economic_situation": "务农", "income_per_head": "400",
        "assets_within_limits": "yes", "household_hardship": "no", "finding": "consistent", "conclusion": "符合申报", "advice": "纳入",
    }  # fmt: skip
    return {**values, **changed}


def edit(row: Verification) -> str:
    return reverse("verification:verification_edit", args=[row.pk])


def test_the_tabs_hold_what_they_say(signed_in, clerk):
    rows = {"pending": factories.pending(), "under_way": factories.started(), "done": factories.finished()}
    rows["cancelled"] = factories.cancelled()
    client = signed_in(clerk)
    for tab, row in rows.items():
        response = client.get(reverse("verification:verification_list"), {"tab": tab})
        assert [shown.verification for shown in response.context["rows"]] == [row]
    assert [tab["count"] for tab in response.context["tabs"]] == ["1", "1", None, None]


def test_the_lamp_is_the_date_to_start_by_and_then_the_validity(signed_in, clerk, approver, clock):
    row = factories.pending()
    url = reverse("verification:verification_list")
    shown = signed_in(clerk).get(url).context["rows"][0].lamp
    assert (shown["colour"], shown["word"]) == ("green", "剩3个工作日")
    assert "explain" in shown["url"]
    assert signed_in(approver).get(url).context["rows"][0].lamp["url"] == ""  # the duty is the window's
    done = factories.finished()
    assert signed_in(clerk).get(url, {"tab": "done"}).context["rows"][0].lamp["word"] == "有效至2027-03-24"
    clock.forward(days=200)
    lamp = lamps_of([done], clerk)[str(done.pk)]
    assert (lamp["colour"], lamp["word"]) == ("grey", "2027-03-24已失效")
    assert row != done


def test_names_are_full_in_the_township_and_masked_for_the_platform(signed_in, clerk, platform):
    factories.pending()
    url = reverse("verification:verification_list")
    assert "张小明" in signed_in(clerk).get(url).content.decode()
    text = signed_in(platform).get(url).content.decode()
    assert "张*明" in text
    assert "张小明" not in text


def test_found_by_the_number_of_either(signed_in, clerk):
    row, _ = factories.pending(), factories.pending()
    for q in (row.number, row.household.number):
        response = signed_in(clerk).get(reverse("verification:verification_list"), {"q": q})
        assert [shown.verification for shown in response.context["rows"]] == [row]


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_costs_the_same_however_long(signed_in, clerk, assert_queries, number):
    for _ in range(number):
        factories.pending()
    client, url = signed_in(clerk), reverse("verification:verification_list")
    client.get(url)
    with assert_queries(LIST_QUERIES):
        client.get(url)


def test_the_fragment_is_part_of_the_page(signed_in, clerk):
    factories.pending()
    client, url = signed_in(clerk), reverse("verification:verification_list")
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert fragment.strip() in client.get(url).content.decode()


def test_what_begins_is_started_by_its_form(signed_in, clerk):
    row = factories.pending()
    client = signed_in(clerk)
    assert "启动核查" in client.get(edit(row)).content.decode()
    response = client.post(edit(row), {"step": "start", "methods": ["matching"]})
    assert response.url == edit(row)
    row.refresh_from_db()
    assert (row.status, row.methods) == ("checking", ["matching"])


def test_whose_colleague_was_quicker_to_start_is_led_to_the_form_that_is_filled_in_now(signed_in, clerk, second_clerk):
    row, client = factories.pending(), signed_in(clerk)
    transitions.start(verification_id=row.pk, by=second_clerk)
    response = client.post(edit(row), {"step": "start", "methods": ["matching"]}, headers={"Referer": f"http://testserver{edit(row)}"})
    assert response.url == edit(row)
    text = client.get(edit(row)).content.decode()
    assert "安替岗（经办）于2026-09-24 10:00启动" in text
    assert "家庭基本情况" in text


def test_saved_and_come_back_to(signed_in, clerk):
    row, client = factories.started(), signed_in(clerk)
    response = client.post(edit(row), {**typed(row, conclusion="", advice="", visited_on="", person_met=""), "step": "save"})
    assert response.url == edit(row)
    form = client.get(edit(row)).context["form"]
    kept = [form[name].value() for name in ("family_situation", "income_per_head", "household_hardship")]
    assert kept == ["三口人", "400.00", "no"]
    assert [form[f"investigator_{n}"].value() for n in (1, 2, 3)] == [*factories.team(), ""]


def test_finished_and_shown(signed_in, clerk):
    row, client = factories.started(), signed_in(clerk)
    response = client.post(edit(row), {**typed(row), "step": "finish"}, follow=True)
    text = response.content.decode()
    for shown in ("核查已完成", "符合申报", "家庭人均月收入", "400.00", "有效期至", "2027-03-24", "甘雨村", "张小明"):
        assert shown in text
    assert client.get(edit(row)).url == row.get_absolute_url()


def test_a_cancelled_one_says_why_and_offers_nothing(signed_in, clerk):
    row, client = factories.cancelled(factories.started()), signed_in(clerk)
    text = client.get(row.get_absolute_url()).content.decode()
    for shown in ("已撤销", "撤销时间", "申请已撤回，没有其他事项需要这项核查。", "不计超期，也不作为认定依据"):
        assert shown in text
    for verb in ("填写入户调查表", "启动核查", "请外乡镇协助入户"):
        assert verb not in text
    assert client.get(edit(row)).url == row.get_absolute_url()


def test_finishing_asks_beside_the_fields_and_keeps_what_was_typed(signed_in, clerk):
    row, client = factories.started(), signed_in(clerk)
    response = client.post(edit(row), {**typed(row, conclusion="", advice="", investigator_2=""), "step": "finish"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"conclusion", "advice", "investigator_2"}
    assert "三口人" in response.content.decode()


def test_what_the_verb_refuses_stands_in_the_form(signed_in, clerk):
    row, client = factories.started(), signed_in(clerk)
    response = client.post(edit(row), {**typed(row, person_met=""), "step": "finish"})
    assert response.status_code == 422
    assert "入户没有见到人，核查不能完成" in response.content.decode()


def test_a_stale_form_comes_back_with_who_saved(signed_in, clerk, second_clerk, clock):
    row = factories.started()
    seen = signed_in(second_clerk).get(edit(row)).context["form"]["seen_at"].value()
    clock.forward(minutes=1)
    transitions.note(verification_id=row.pk, fields={"advice": "甲"}, by=clerk)
    response = signed_in(second_clerk).post(edit(row), {**typed(row, seen_at=seen), "step": "save"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "甘晓窗" in text
    assert "保存过核查情况" in text
    again = signed_in(second_clerk).get(edit(row)).context["form"]["seen_at"].value()
    assert signed_in(second_clerk).post(edit(row), {**typed(row, seen_at=again), "step": "save"}).status_code == 302


def test_nobody_of_elsewhere_is_offered(signed_in, clerk):
    form = signed_in(clerk).get(edit(factories.started())).context["form"]
    names = str(form.fields["investigator_1"].choices)
    assert "甘雨村" in names
    assert "全审之" in names
    assert "白临街" not in names
    assert "残小联" not in names
    assert {person.name for person in form.fields["person_met"].queryset} == {"张小明", "李秀芳", "张小宝"}


def test_saving_again_takes_nobody_away_who_was_met(signed_in, clerk, clock):
    """Met on the first day, dead on the fifth: the form still names him, and what it sends back says so."""
    row, client = factories.started(), signed_in(clerk)
    boy = row.household.memberships.get(relation="20").resident
    client.post(edit(row), {**typed(row, person_met=boy.pk), "step": "save"})
    clock.forward(days=4)
    Resident.objects.filter(pk=boy.pk).update(died_on="2026-09-28")
    clock.forward(days=1)
    client = signed_in(clerk)
    form = client.get(edit(row)).context["form"]
    shown = {str(key): label for key, label in form.fields["person_met"].choices}
    assert shown[str(form["person_met"].value())] == "张小宝（2026-09-28死亡）"
    sent = {name: form[name].value() for name in ("seen_at", "person_met", "visited_on")}
    assert client.post(edit(row), {**typed(row, **sent), "step": "save"}).status_code == 302
    row.refresh_from_db()
    assert row.person_met == boy
    seen = client.get(edit(row)).context["form"]["seen_at"].value()
    client.post(edit(row), {**typed(row, **sent), "seen_at": seen, "step": "finish"})
    row.refresh_from_db()
    assert (row.status, row.person_met) == ("done", boy)


def test_a_household_whose_members_left_says_what_to_do(signed_in, clerk):
    row = factories.started()
    row.household.memberships.update(until="2026-09-24", ended_at=row.opened_at, ended_by=clerk, end_reason="死亡")
    assert "请先在家庭档案中更正成员" in signed_in(clerk).get(edit(row)).content.decode()
