"""按期率: what is counted, where lateness is charged, how long it took, and that each figure is the length of its list."""

import io
import re
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.urls import reverse

from config import clock as house_clock
from deadlines import transitions
from deadlines.models import CalendarDay, Duty
from deadlines.rules import SHANGHAI, date_of, start_of
from monitoring import on_time, spans
from organization.models import Post
from programs.models import Program
from referrals.names import forget
from tests.deadlines.factories import open_duty, subject

pytestmark = pytest.mark.django_db
PAGE, LIST, EXPORT = (reverse(f"monitoring:{name}") for name in ("on_time", "on_time_list", "on_time_export"))
SEPTEMBER = {"since": date(2026, 9, 1), "until": date(2026, 9, 30)}


def at(day, hour=10):
    return datetime(2026, 9, day, hour, tzinfo=SHANGHAI)


def worked(clock, by: Post, opened: datetime, closed: datetime | None, *, pauses=(), outcome="done", **given) -> Duty:
    """A duty walked by its verbs; by default a step of ten working days."""
    about = subject()
    clock.set(opened)
    duty = open_duty(by, about, **given)
    for began, ended in pauses:
        clock.set(began)
        transitions.pause(subject=about, kind="decide", reason="等待补正", by=by)
        clock.set(ended)
        transitions.resume(subject=about, kind="decide", by=by)
    if closed:
        clock.set(closed)
        transitions.close_duty(subject=about, kind="decide", by=by, outcome=outcome)
    duty.refresh_from_db()
    return duty


@pytest.fixture
def september(clock, clerk, approver, officer, neighbour_clerk):
    """In time, late, called off, open and late, of two departments and two townships; a promise kept and one broken."""
    home = {"region_code": clerk.unit.region_id, "topic_code": "CL02"}
    made = {
        "in_time": worked(clock, officer, at(1), at(10), **home),
        "late": worked(clock, officer, at(1), at(22), **home),
        "returned": worked(clock, approver, at(2), at(4), outcome="returned", region_code=clerk.unit.region_id, topic_code="MZ04"),
        "cancelled": worked(clock, approver, at(2), at(23), outcome="cancelled", **home),
        "elsewhere": worked(clock, neighbour_clerk, at(2), at(8), region_code=neighbour_clerk.unit.region_id),
        "open_late": worked(clock, officer, at(3), None, **home),
        "open": worked(clock, officer, at(23), None, **home),
        "kept": worked(clock, clerk, at(1), at(3), is_promise=True, **home),
        "broken": worked(clock, clerk, at(1), at(23), is_promise=True, **home),
    }
    clock.set(at(24))
    return made


def asked(post, **given):
    return on_time.Question(post, **{**SEPTEMBER, **given})


def figures(groups, name):
    return next(group for group in groups if group.name == name)


def test_lateness_is_charged_to_the_unit_that_held_it(platform, officer, september):
    groups = on_time.groups(asked(platform), "unit", house_clock.now())
    held = figures(groups, officer.unit.short_name).stage
    assert (held.counted, held.in_time, held.late, held.rate, held.open_late) == (2, 1, 1, "50%", 1)
    assert (held.median, held.longest) == (11.5, 16)  # 7 and 16 working days: Sunday the 20th is worked
    total = groups[-1]
    assert (total.stage.counted, total.stage.late, total.stage.rate) == (4, 1, "75%")
    assert (total.promise.counted, total.promise.late, total.promise.rate, total.promise.open_late) == (2, 1, "50%", 0)


@pytest.mark.parametrize("by", on_time.WAYS)
def test_each_figure_is_the_length_of_its_list_and_the_groups_add_up(platform, september, by):
    question, now = asked(platform), house_clock.now()
    *groups, total = on_time.groups(question, by, now)
    for half in on_time.HALVES:
        for figure in on_time.FIGURES:
            shown = {group.key: getattr(getattr(group, half), figure) for group in groups}
            listed = {key: on_time.behind(question, figure, by=by, key=key, half=half, now=now).count() for key in shown}
            whole = on_time.behind(question, figure, by=by, key=None, half=half, now=now).count()
            assert (shown, sum(shown.values()), getattr(getattr(total, half), figure)) == (listed, whole, whole)


def test_the_moment_due_is_late_the_day_before_is_not(platform, officer, clock):
    duty = worked(clock, officer, at(1), None)
    clock.set(duty.due_at - timedelta(seconds=1))
    transitions.close_duty(subject=type(subject())(pk=int(duty.subject_id)), kind="decide", by=officer)
    late = worked(clock, officer, at(1), duty.due_at)
    now = clock.set(at(24))
    found = {figure: list(on_time.rows_of(asked(platform), figure, now or house_clock.now())) for figure in ("in_time", "late")}
    assert found == {"in_time": [duty], "late": [late]}


def test_the_period_counts_both_its_days_by_the_hour_of_shanghai(platform, officer, clock):
    for moment in (
        start_of(date(2026, 9, 7)) - timedelta(seconds=1),
        start_of(date(2026, 9, 7)),
        start_of(date(2026, 9, 9)) - timedelta(seconds=1),
        start_of(date(2026, 9, 9)),
    ):
        worked(clock, officer, at(1), moment)
    clock.set(at(24))
    question = asked(platform, since=date(2026, 9, 7), until=date(2026, 9, 8))
    assert on_time.rows_of(question, "counted", house_clock.now()).count() == 2


def by_hand(duty) -> int:
    """Working days after the start on whose 24:00 the clock ran, up to the day of the end."""
    workdays = set(CalendarDay.objects.filter(is_workday=True).values_list("date", flat=True))
    stood = [(date_of(pause.began_at), date_of(pause.ended_at)) for pause in duty.pauses.all()]
    day, count = date_of(duty.starts_at), 0
    while day < date_of(duty.closed_at):
        day += timedelta(days=1)
        count += day in workdays and not any(began <= day < ended for began, ended in stood)
    return count


def test_working_days_used_are_those_on_which_the_clock_ran(officer, clock):
    spans = [
        (at(1), at(1, 18), []), (at(4), at(7), []), (at(5), at(6), []), (at(1), at(23), [(at(3), at(8))]),
        (at(2), at(22), [(at(4), at(4, 17))]), (at(1), at(24), [(at(2), at(4)), (at(11), at(14)), (at(19), at(21))]),
        (at(1), at(18), [(at(1, 12), at(18, 9))]), (at(1), at(3), [(at(1, 12), at(1, 15))]),
    ]  # fmt: skip
    duties = [worked(clock, officer, opened, closed, pauses=pauses) for opened, closed, pauses in spans]
    clock.set(datetime(2026, 10, 12, 9, tzinfo=SHANGHAI))
    duties.append(worked(clock, officer, at(29), datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)))  # over the holidays
    assert on_time.used_days([duty.pk for duty in duties]) == {duty.pk: by_hand(duty) for duty in duties}


def test_who_counts_what(september, request):
    def counted(name):
        groups = on_time.groups(asked(request.getfixturevalue(name)), "unit", house_clock.now())
        return groups[-1].stage.counted if groups else None

    cast = "platform supervision officer neighbour_officer clerk approver neighbour_clerk assistant convener"
    seen = {name: counted(name) for name in cast.split()}
    assert seen == {
        "platform": 4, "supervision": 4, "officer": 2, "neighbour_officer": 0, "clerk": 1, "approver": 1, "neighbour_clerk": 1,
        "assistant": None, "convener": 4,
    }  # fmt: skip


def test_no_list_shows_a_person(september, platform, supervision, officer, signed_in):
    for post in (platform, supervision, officer):
        text = signed_in(post).get(LIST, {"figure": "late", "since": "2026-09-01", "until": "2026-09-30"}).content.decode()
        assert "共 1 件" in text
        assert "张*芳" not in text
        assert officer.unit.short_name in text


def test_sensitive_programs_are_one_line_without_a_name(september, platform, signed_in):
    Program.objects.filter(code="CL02").update(is_sensitive=True)
    forget()
    groups = on_time.groups(asked(platform), "program", house_clock.now())
    named = Program.objects.get(code="CL02").seed_name
    assert figures(groups, "敏感项目").stage.counted == 2
    assert named not in {group.name for group in groups}
    text = signed_in(platform).get(LIST, {"by": "program", "key": "~", **{k: v.isoformat() for k, v in SEPTEMBER.items()}}).content.decode()
    assert "共 2 件" in text
    assert named not in re.sub("<select.*?</select>", "", text, flags=re.DOTALL)
    assert on_time.rows_of(asked(platform, program="CL02"), "counted", house_clock.now()).count() == 0


def test_nor_by_the_unit_that_holds_them(september, platform, supervision, officer, signed_in):
    """Whose a sensitive matter is stands masked in the ledger of referrals: beside it the unit would tell the program."""
    Program.objects.filter(code="CL02").update(is_sensitive=True)
    forget()
    groups = on_time.groups(asked(platform), "unit", house_clock.now())
    assert officer.unit.short_name not in {group.name for group in groups}
    assert (figures(groups, "敏感项目").stage.counted, figures(groups, "敏感项目").stage.open_late) == (2, 1)
    assert on_time.rows_of(asked(platform, unit=str(officer.unit_id)), "counted", house_clock.now()).count() == 0
    for post in (supervision, officer):
        assert figures(on_time.groups(asked(post), "unit", house_clock.now()), officer.unit.short_name).stage.counted == 2
    text = signed_in(platform).get(LIST, {"figure": "late", "since": "2026-09-01", "until": "2026-09-30"}).content.decode()
    assert "共 1 件" in text
    assert officer.unit.short_name not in re.sub("<select.*?</select>", "", text, flags=re.DOTALL)


def test_the_page_says_its_figures_and_leads_to_their_lists(september, platform, officer, signed_in, assert_queries):
    client = signed_in(platform)
    client.get(PAGE)
    with assert_queries(6):  # session, account, posts, units of the filter, the figures, bell
        text = client.get(PAGE).content.decode()
    row = re.search(rf'<th scope="row"[^>]*>{officer.unit.short_name}</th>(.*?)</tr>', text, re.DOTALL)[1]
    assert re.findall(r">\s*([^<>\s]+)\s*<", row)[:7] == ["2", "1", "1", "50%", "11.5", "16", "1"]
    for link in re.findall(r'href="([^"]+)"', row):
        assert client.get(link.replace("&amp;", "&")).status_code == 200
    with assert_queries(10):  # session, account, posts, units of the form, page, how many, used days, calendar twice, bell
        client.get(LIST)
    assert (
        "没有办结的事项" in client.get(PAGE, {"since": "2020-01-01", "until": "2020-01-31", "unit": str(platform.unit_id)}).content.decode()
    )


def test_the_table_leaves_as_a_workbook(september, supervision, officer, signed_in):
    client = signed_in(supervision)
    address = re.search(r'action="([^"]*on-time/export/[^"]*)"', client.get(PAGE, {"by": "unit"}).content.decode())[1]
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(client.post(address.replace("&amp;", "&")).streaming_content))).active
    heads, *rows = sheet.iter_rows(min_row=3, values_only=True)
    assert heads[:8] == ("单位", "环节办结", "环节按期", "环节超期", "环节按期率", "环节用时中位数", "环节最长用时", "环节超期未办")
    assert {row[0]: row[1:8] for row in rows}[officer.unit.short_name] == (2, 1, 1, "50%", 11.5, 16, 1)
    assert rows[-1][0] == on_time.TOTAL
    assert client.post(f"{EXPORT}?by=best").status_code == 404


def test_what_cannot_be_asked_is_said(platform, clerk, officer, signed_in):
    client = signed_in(platform)
    answer = client.get(PAGE, {"since": "2026-09-30", "until": "2026-09-01"})
    assert (answer.status_code, "结束日期不能早于开始日期" in answer.content.decode()) == (422, True)
    assert client.get(LIST, {"figure": "best"}).status_code == 404
    assert 'name="township"' not in signed_in(clerk).get(PAGE).content.decode()
    assert 'name="unit"' not in signed_in(officer).get(PAGE).content.decode()


@pytest.mark.parametrize(("counted", "late", "rate"), [(0, 0, "—"), (1, 0, "100%"), (3, 1, "66.6%"), (100_000, 1, "99.9%"), (5, 5, "0%")])
def test_a_rate_is_cut_down_and_nothing_has_none(counted, late, rate):
    assert on_time.Figures(counted, late).rate == rate


def test_usual_periods():
    assert [(period.since.isoformat(), period.until.isoformat()) for period in spans.usual(date(2026, 1, 15))] == [
        ("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31"), ("2026-01-01", "2026-03-31"), ("2026-01-01", "2026-12-31"),
        ("2025-01-01", "2025-12-31"),
    ]  # fmt: skip
    assert [str(period.until) for period in spans.usual(date(2026, 11, 26))][:3] == ["2026-11-30", "2026-10-31", "2026-12-31"]
