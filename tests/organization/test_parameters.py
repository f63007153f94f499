"""Parameters: dated rows, the most specific scope wins, a change is a new row by whoever the figure belongs to."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Event
from config.verbs import TransitionError
from organization.figures import figure
from organization.models import Department, Parameter, Region
from organization.rules import BOUNDS, out_of_bounds
from organization.transitions.parameters import set_parameter

pytestmark = pytest.mark.django_db
FROM = date(2026, 12, 1)
NEW = {"key": "referral_sign_for_wd", "valid_from": FROM, "origin": "assumed", "source": "联席会议纪要"}


def any_key() -> str:
    return str(Parameter.objects.filter(value=2, region=None, department=None).values_list("key", flat=True)[0])


def test_a_change_is_a_new_row_from_its_day_on(platform_approver):
    key = any_key()
    set_parameter(key=key, value=4, valid_from=FROM, origin="assumed", source="会议纪要", by=platform_approver)
    assert Parameter.objects.in_force(key, on=date(2026, 11, 30)).value == 2
    assert Parameter.objects.in_force(key, on=FROM).value == 4
    event = Event.objects.filter(verb="parameter.set").get()
    assert (event.old, event.new, event.note) == ("2", "4", "会议纪要")


def test_the_most_specific_scope_wins(platform_approver):
    key, medical = "labour_age_min", Department.objects.get(code="YB")
    town = Region.objects.get(pk="500233116")
    common = {"key": key, "valid_from": FROM, "origin": "assumed", "source": "试", "by": platform_approver}
    set_parameter(value=3, region=town, **common)
    set_parameter(value=5, department=medical, **common)
    in_force = Parameter.objects.in_force
    assert in_force(key, on=FROM, region_code="500233116201").value == 3
    assert in_force(key, on=FROM, region_code="500233001").value == 16
    assert in_force(key, on=FROM, region_code="500233116", department_id=medical.pk).value == 5


@pytest.mark.parametrize("actor", ["clerk", "platform", "system_administrator", "security_administrator", "department_approver"])
def test_figures_of_the_rules_belong_to_the_platforms_approver(actor, request):
    with pytest.raises(PermissionDenied):
        set_parameter(key=any_key(), value=9, valid_from=FROM, origin="assumed", source="试", by=request.getfixturevalue(actor))


def test_figures_of_sign_in_belong_to_the_security_administrator(security_administrator, platform_approver):
    change = {"key": "session_idle_minutes", "value": 20, "valid_from": FROM, "origin": "assumed", "source": "安全检查"}
    with pytest.raises(PermissionDenied):
        set_parameter(**change, by=platform_approver)
    assert set_parameter(**change, by=security_administrator).value == 20


@pytest.mark.parametrize(("value", "sentence"), [("两个", "应为数字"), ([2], "应为数字"), (True, "应为数字")])
def test_a_value_keeps_its_kind(platform_approver, value, sentence):
    with pytest.raises(TransitionError, match=sentence):
        set_parameter(key=any_key(), value=value, valid_from=FROM, origin="assumed", source="试", by=platform_approver)


@pytest.mark.parametrize(("key", "value"), [("session_idle_minutes", 0), ("sign_in_failures_max", 0), ("password_history", 2.5)])
def test_a_value_that_would_lock_everybody_out_is_refused(security_administrator, key, value):
    with pytest.raises(TransitionError, match="的整数"):
        set_parameter(key=key, value=value, valid_from=FROM, origin="assumed", source="试", by=security_administrator)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("month_close_due_day", 32, "“月结截止日（次月几日）”须为1至31的整数"),
        ("data_cycle_due_day", 0, "须为1至31的整数"),
        ("paper_due_day", 2.5, "须为1至31的整数"),
        ("e_submit_window", {"from_day": 15, "to_day": 40}, "各项须为1至31的整数"),
        ("review_rhythm", {"mz01_urban": 13, "mz01_rural": 3}, "各项须为0至12的整数"),
        ("certification_list_month", 0, "须为1至12的整数"),
    ],
)
def test_a_day_or_month_that_no_calendar_has_is_refused(platform_approver, key, value, sentence):
    with pytest.raises(TransitionError, match=sentence):
        set_parameter(key=key, value=value, valid_from=FROM, origin="assumed", source="试", by=platform_approver)


def test_a_class_without_a_list_is_a_value(platform_approver):
    row = set_parameter(
        key="review_rhythm", value={"mz01_urban": 1, "mz01_rural": 0}, valid_from=FROM, origin="county", source="试", by=platform_approver
    )
    assert row.value["mz01_rural"] == 0


def test_a_figure_of_the_whole_county_takes_no_township(security_administrator):
    town = Region.objects.get(pk="500233116")
    change = {"key": "session_idle_minutes", "value": 20, "valid_from": FROM, "origin": "assumed", "source": "试"}
    with pytest.raises(TransitionError, match="全县共用"):
        set_parameter(**change, region=town, by=security_administrator)


@pytest.mark.parametrize("key", ["export_cap_township", "day_close_back", "month_close_due_day", "full_age"])
def test_a_figure_that_nobody_reads_for_a_place_takes_none(platform_approver, signed_in, key):
    """It would stand as in force for the township, and count nowhere."""
    town, known = Region.objects.get(pk="500233116"), Parameter.objects.get(key=key)
    with pytest.raises(TransitionError, match=f"“{re.escape(known.name)}”全县共用一个值，不能只对一个乡镇或部门设定。"):
        set_parameter(key=key, value=known.value, valid_from=FROM, origin="county", source="试", region=town, by=platform_approver)
    client, url = signed_in(platform_approver), f"/organization/parameters/{key}/"
    page = client.get(url).content.decode()
    assert 'name="region"' not in page
    assert "全县共用一个值，不按乡镇（街道）分别设定。" in page
    typed = {"value": str(known.value), "valid_from": FROM, "origin": "county", "source": "试", "region": town.pk}
    answer = client.post(url, typed)
    assert (answer.status_code, Parameter.objects.filter(key=key).count()) == (422, 1)
    assert "不能只对一个乡镇设定" in answer.content.decode()


def test_a_figure_read_for_a_place_is_offered_for_one(platform_approver, signed_in):
    client, url = signed_in(platform_approver), "/organization/parameters/referral_receive_within/"
    assert 'name="region"' in client.get(url).content.decode()
    typed = {"value": "1", "valid_from": FROM, "origin": "county", "source": "试", "region": "500233116"}
    assert client.post(url, typed).status_code == 302
    assert Parameter.objects.in_force("referral_receive_within", on=FROM, region_code="500233116201").value == 1


def test_a_limit_read_for_the_place_alone_takes_no_department(platform_approver):
    medical = Department.objects.get(code="YB")
    with pytest.raises(TransitionError, match="不能只对一个部门设定"):
        set_parameter(**NEW | {"key": "referral_receive_within"}, value=1, department=medical, by=platform_approver)


def test_every_figure_the_house_runs_on_stands_within_its_bounds():
    figures = Parameter.objects.county_wide(FROM)
    assert {key: figures[key] for key in BOUNDS if out_of_bounds(key, figures[key])} == {}


def test_the_record_names_the_value_of_the_same_scope(platform_approver):
    key, town = "labour_age_min", Region.objects.get(pk="500233116")
    set_parameter(key=key, value=7, valid_from=FROM, origin="assumed", source="试", region=town, by=platform_approver)
    set_parameter(key=key, value=4, valid_from=FROM, origin="assumed", source="试", by=platform_approver)
    assert list(Event.objects.filter(verb="parameter.set").order_by("id").values_list("old", "new")) == [("", "7"), ("16", "4")]


def test_an_unknown_parameter_is_refused(platform_approver):
    with pytest.raises(TransitionError, match="没有名为"):
        set_parameter(key="no_such_figure", value=1, valid_from=FROM, origin="assumed", source="试", by=platform_approver)


def test_what_the_papers_leave_to_the_county_gets_its_first_value(platform_approver):
    common = {"key": "township_ceiling_mz04", "valid_from": FROM, "origin": "county", "source": "县政府文件", "by": platform_approver}
    with pytest.raises(TransitionError, match="应为数字"):
        set_parameter(value="两千", **common)
    row = set_parameter(value=2000, **common)
    assert (row.name, row.unit) == ("乡镇临时救助直接审批额度上限", "元/次")
    event = Event.objects.get(verb="parameter.set")
    assert (event.old, event.new) == ("", "2000")


def test_figures_without_a_value_are_listed_until_they_have_one(platform_approver, clerk, signed_in):
    name, url = "乡镇临时救助直接审批额度上限", "/organization/parameters/township_ceiling_mz04/"
    page = signed_in(clerk).get("/organization/parameters/").content.decode()
    assert "尚未设定" in page
    assert name in page.split("尚未设定")[1].split("</ul>")[0]
    asked = signed_in(platform_approver).get(url).content.decode()
    assert "还没有设定。" in asked
    assert re.search(r"<textarea[^>]*>\s*</textarea>", asked), "what the demo assumes is no proposal"
    typed = {"value": "2000", "valid_from": FROM, "origin": "county", "source": "县政府文件"}
    assert signed_in(platform_approver).post(url, typed).status_code == 302
    assert name not in signed_in(clerk).get("/organization/parameters/").content.decode().split("尚未设定")[1]


def test_one_value_a_day(platform_approver):
    common = {"key": any_key(), "valid_from": FROM, "origin": "assumed", "source": "试", "by": platform_approver}
    set_parameter(value=3, **common)
    with pytest.raises(ValidationError, match="同一天已有"):
        set_parameter(value=4, **common)


def test_a_figure_nobody_loaded_is_an_error():
    with pytest.raises(LookupError, match="load_reference"):
        figure("no_such_figure")


def test_the_page_keeps_what_was_typed(platform_approver, signed_in):
    url = f"/organization/parameters/{any_key()}/"
    response = signed_in(platform_approver).post(url, {"value": "两个", "valid_from": FROM, "origin": "assumed", "source": "会议纪要"})
    assert response.status_code == 422
    assert "应为数字" in response.content.decode()
    assert "会议纪要" in response.content.decode()


def test_the_page_takes_a_number(platform_approver, signed_in):
    key = any_key()
    response = signed_in(platform_approver).post(
        f"/organization/parameters/{key}/", {"value": "6", "valid_from": FROM, "origin": "assumed", "source": "会议纪要"}
    )
    assert response.status_code == 302
    assert Parameter.objects.in_force(key, on=FROM).value == 6


def test_everybody_reads_and_only_some_see_the_form(clerk, platform_approver, signed_in):
    url = f"/organization/parameters/{any_key()}/"
    assert "设定新值" not in signed_in(clerk).get(url).content.decode()
    assert "设定新值" in signed_in(platform_approver).get(url).content.decode()


def test_what_is_assumed_says_so(clerk, signed_in):
    page = signed_in(clerk).get("/organization/parameters/?origin=assumed").content.decode()
    assert "暂定" in page
    assert "来源文件</span>" not in page


def test_a_composite_value_has_a_field_for_each_part(platform_approver, signed_in):
    url = "/organization/parameters/assistants_per_village/"
    client = signed_in(platform_approver)
    assert "最多" in client.get(url).content.decode()
    typed = {"valid_from": FROM, "origin": "assumed", "source": "会议纪要"}
    refused = client.post(url, {**typed, "value_min": "1", "value_max": "三"})
    assert refused.status_code == 422
    assert "须与原来同样" in refused.content.decode()
    assert client.post(url, {**typed, "value_min": "1", "value_max": "3"}).status_code == 302
    assert Parameter.objects.in_force("assistants_per_village", on=FROM).value == {"min": 1, "max": 3}


def test_the_complaint_telephone_stands_on_public_pages(client):
    from organization import reference
    from organization.figures import forget
    from organization.models import Post

    assert "监督投诉电话" not in client.get("/sign-in/").content.decode()
    reference.load_parameters(by=Post.objects.the_system(), demo=True)
    forget()
    assert "监督投诉电话：" in client.get("/sign-in/").content.decode()


def test_pages_of_fifty_and_the_code_only_for_those_who_set_it(clerk, platform_approver, system_administrator, signed_in):
    client = signed_in(clerk)
    first, second = (client.get(f"/organization/parameters/?page={number}").context["page"] for number in (1, 2))
    assert (len(first), first.has_next()) == (50, True)
    assert not {row.pk for row in first} & {row.pk for row in second}
    url = "/organization/parameters/adjudication_limit/"
    assert "adjudication_limit</span>" not in client.get(url).content.decode()
    for post in (platform_approver, system_administrator):
        assert "参数代码 adjudication_limit" in signed_in(post).get(url).content.decode()
    assert "3个工作日" in client.get(url).content.decode()


@pytest.mark.parametrize("value", [-3, -0.5])
def test_a_figure_is_not_negative(platform_approver, value):
    with pytest.raises(TransitionError, match="不能小于0"):
        set_parameter(**{**NEW, "key": any_key()}, value=value, by=platform_approver)


def test_a_change_does_not_begin_before_what_is_in_force(platform_approver):
    change = {**NEW, "key": any_key(), "valid_from": date(1900, 1, 1)}
    with pytest.raises(TransitionError, match="现行值自2021-01-01起生效，新值的生效日期不能更早"):
        set_parameter(**change, value=3, by=platform_approver)
    later = {**change, "valid_from": date(2099, 1, 1)}
    set_parameter(**later, value=3, by=platform_approver)
    set_parameter(**{**change, "valid_from": FROM}, value=4, by=platform_approver)
