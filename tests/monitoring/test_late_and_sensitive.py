"""A sensitive late matter before who only watches: pressed for like any other, its number never beside the unit that has it (DESIGN 2).

The oracle reads each page and file that such a post can open, row by row: no number of a sensitive matter stands beside its unit.
"""

import re
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import Q
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from deadlines.counting import due_text
from deadlines.models import Duty, Notice, Reminder
from deadlines.rules import due_on
from deadlines.transitions import take, telling
from monitoring import matters, papers, transitions
from monitoring.dashboards import of_work
from monitoring.dashboards.questions import Question
from monitoring.models import SupervisionOrder
from monitoring.other_ledgers import acts
from organization.models import Staff
from referrals.dossier import DATES
from referrals.names import names
from tests import cast
from tests.deadlines.factories import open_duty
from tests.monitoring.factories import DEMAND
from tests.monitoring.other_ledgers.reading import sheets
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
WATCHING = ("platform", "platform_approver", "supervision")
ROW = re.compile(r"<(tr|li)\b.*?</\1>", re.S)


@pytest.fixture
def late(clock):
    referral = ReferralFactory(program="MZ09", dispatched=True)
    clock.forward(days=60)
    return referral


def duty_of(referral):
    return Duty.objects.open().filter(is_promise=False).get(subject_id=str(referral.pk))


def body(client, address, **query):
    response = client.get(address, query)
    assert response.status_code in {200, 403, 404}, (address, response.status_code)
    if response.status_code != 200:
        return ""
    page = b"".join(response) if response.streaming else response.content
    return page.decode().split("<main", 1)[-1]


def beside(page, number, unit, *, is_list):
    """Where both stand together: in a row of a list, anywhere on a page about one matter."""
    parts = [row.group() for row in ROW.finditer(page)] if is_list else [page]
    return [part for part in parts if number in part and unit in part]


@pytest.mark.parametrize("name", WATCHING)
def test_no_number_stands_beside_its_unit(signed_in, request, late, name):
    post, duty, unit = request.getfixturevalue(name), duty_of(late), late.unit.short_name
    client = signed_in(post)
    issuer = post if name == "supervision" else cast.member("platform_approver")
    [order] = transitions.issue_orders(duty_ids=[duty.pk], demand=DEMAND, by=issuer)
    [reminder] = transitions.issue_reminders(duty_ids=[duty.pk], demand=DEMAND, by=cast.member("platform_approver"))
    late_list, on_time = reverse("monitoring:late_list"), reverse("monitoring:on_time_list")
    lists = {
        late_list: {}, reverse("monitoring:order_new"): {"duty": duty.pk}, reverse("monitoring:reminder_new"): {"duty": duty.pk},
        reverse("monitoring:order_list"): {}, reverse("monitoring:reminder_list"): {}, reverse("monitoring:supervision_home"): {},
        reverse("monitoring:ledger_referrals"): {}, reverse("referrals:referral_list"): {}, reverse("monitoring:forecast"): {},
        on_time: {"half": "stage", "figure": "open_late"}, reverse("deadlines:notice_list"): {},
    }  # fmt: skip
    pages = [order.get_absolute_url(), reminder.get_absolute_url(), reverse("deadlines:duty_explain", args=[duty.pk])]
    pages += [reverse("documents:issued_print", args=[papers.of(row).pk]) for row in (order, reminder)]
    found = [(address, beside(body(client, address, **query), late.number, unit, is_list=True)) for address, query in lists.items()]
    found += [(address, beside(body(client, address), late.number, unit, is_list=False)) for address in pages]
    for ledger in (acts.ORDERS, acts.REMINDERS):
        if ledger.may(post):
            rows = [str(list(row.values())) for sheet in sheets(ledger, post) for row in sheet]
            assert rows
            found.append((ledger.title, [row for row in rows if late.number in row and unit in row]))
    assert not [pair for pair in found if pair[1]]
    assert unit in body(client, late_list)  # it is there to be pressed for
    assert unit in body(client, order.get_absolute_url())


def test_the_platform_presses_and_the_unit_finds_the_matter(signed_in, platform_approver, late):
    duty, client = duty_of(late), signed_in(platform_approver)
    row = next(part.group() for part in ROW.finditer(body(client, reverse("monitoring:late_list"))) if str(duty.pk) in part.group())
    assert [word for word in (late.number, "href", "*", "孤儿") if word in row] == []
    for word in ("敏感项目", late.unit.short_name, 'data-label="乡镇（街道）">—', 'data-label="超期天数"', 'name="duty"'):
        assert word in row
    body_ = {"duty": [str(duty.pk)], "demand": DEMAND, "days": 4, "act": "issue"}
    assert client.post(reverse("monitoring:order_new"), body_).status_code == 302
    order = SupervisionOrder.objects.get(duty=duty)
    assert late.number not in order.matter
    assert "打开所督办的事项" not in body(client, order.get_absolute_url())
    assert duty.url in body(signed_in(late.unit.posts.first()), order.get_absolute_url())


@pytest.mark.parametrize("name", ["platform", "platform_approver"])
def test_no_day_leads_from_the_number_to_the_unit(signed_in, request, late, name):
    """The day stands beside the unit in one list; in no other does it stand beside the number."""
    client, duty = signed_in(request.getfixturevalue(name)), duty_of(late)
    day, days = due_on(duty.due_at).isoformat(), re.compile(r"超期\d")
    [pressed] = [row.group() for row in ROW.finditer(body(client, reverse("monitoring:late_list"))) if str(duty.pk) in row.group()]
    assert day in pressed
    lists = {
        reverse("monitoring:ledger_referrals"): {}, reverse("referrals:referral_list"): {}, reverse("monitoring:forecast"): {},
        reverse("monitoring:on_time_list"): {"half": "stage", "figure": "open_late"},
    }  # fmt: skip
    rows = [
        row.group()
        for address, query in lists.items()
        for row in ROW.finditer(body(client, address, **query))
        if late.number in row.group()
    ]
    assert rows
    assert [row for row in rows if day in row] == []
    inbox = [row.group() for row in ROW.finditer(body(client, reverse("referrals:referral_list"))) if late.number in row.group()]
    assert [row for row in inbox if "lamp-red" in row] == inbox
    assert not days.search(inbox[0].partition('data-label="承诺')[0])


def test_no_township_leads_to_the_unit(signed_in, supervision, late):
    """Who is told the units is not told the townships with them: neither in a list of one, nor by asking for both."""
    unit, place, client = late.unit, late.township_code, signed_in(supervision)
    listing, asked = reverse("monitoring:on_time_list"), {"half": "stage", "figure": "open_late"}
    whole = [row for row in on_time_rows(client, listing, **asked) if unit.short_name in row]
    assert [late.number in row or 'data-label="乡镇（街道）">—<' not in row for row in whole] == [False]
    for of_place in ({"township": place}, {"by": "township", "key": place}):
        [row] = on_time_rows(client, listing, **asked, **of_place)
        assert late.number in row
        assert [word for word in (unit.short_name, due_on(duty_of(late).due_at).isoformat()) if word in row] == []
        assert on_time_rows(client, listing, **asked, **of_place, unit=str(unit.pk)) == []
    [apart] = on_time_rows(client, listing, **asked, by="township", key="~", unit=str(unit.pk))
    assert (unit.short_name in apart, late.number in apart) == (True, False)
    for query in ({"township": place}, {"by": "township", "unit": str(unit.pk)}):
        page = client.get(reverse("monitoring:on_time"), query).content.decode()
        groups = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', page, re.DOTALL)
        assert "敏感项目" in groups
        assert not {unit.short_name, names().townships[place]} & set(groups)


def on_time_rows(client, address, **query):
    page = client.get(address, query).content.decode().partition("<tbody>")[2]
    return [row.group() for row in ROW.finditer(page)]


def test_a_figure_of_a_township_leads_to_as_many_as_it_says(signed_in, platform, supervision, late):
    """Its list has no sensitive ones: they stand apart there, without a list."""
    today = house_clock.today().replace(day=1)
    for post in (platform, supervision):
        table = of_work.lamps(Question(post, today, township=late.township_code))
        [apart] = [row for row in table.rows if row.label == "敏感项目"]
        assert (apart.values[2], any(apart.urls)) == (1, False)
        assert late.unit.short_name not in {row.label for row in table.rows}


def test_nor_does_the_interface_tell_the_days_beside_the_number(signed_in, platform, late):
    """The promise to the applicant stands: it has another day, and its window is known."""
    duty = duty_of(late)
    [row] = [row for row in signed_in(platform).get("/api/v1/referrals/").json()["results"] if row["number"] == late.number]
    assert (row["arrived_at"], row["unit"], row["stage"]) == (None, "", "")
    assert [date["label"] for date in row["dates"]] == [DATES["promise"]]
    assert [word for word in (due_on(duty.due_at).isoformat(), duty.kind_name) if word in str(row["dates"])] == []


@pytest.mark.usefixtures("platform", "clerk")
def test_what_is_told_upwards_names_neither_the_person_nor_the_step(late):
    """The notice leads to the clock, whose key stands beside the unit in the list of late matters."""
    duties = [duty_of(late), open_duty(cast.member("clerk"))]
    for duty in duties:
        for stage in ("to_head", "to_platform"):
            Reminder.objects.create(duty=duty, stage=stage, due_at=duty.due_at, is_urgent=True, made_at=house_clock.now())
    telling.tell(house_clock.now())
    told = {(row.subject_id, row.kind): row.title + row.body for row in Notice.objects.filter(kind__startswith="duty.to_")}
    sensitive, ordinary = duties
    upwards = told[str(sensitive.pk), "duty.to_platform"]
    assert upwards.startswith("上报县级平台：敏感项目的一件事项到期时间")
    assert sensitive.kind_name not in upwards
    assert all(sensitive.title in text for (key, kind), text in told.items() if key == str(sensitive.pk) and kind == "duty.to_head")
    assert ordinary.title in told[str(ordinary.pk), "duty.to_platform"]


def test_by_township_no_sensitive_one_is_found(signed_in, platform, late):
    client, township = signed_in(platform), late.township_code
    assert str(duty_of(late).pk) in body(client, reverse("monitoring:late_list"))
    assert str(duty_of(late).pk) not in body(client, reverse("monitoring:late_list"), township=township)


def test_the_clock_tells_the_rule_and_the_days(signed_in, platform, late):
    """By its address: what a post is not told of has neither title, number, unit nor basis, which names the program."""
    duty, ordinary = duty_of(late), open_duty(cast.member("clerk"))
    page = body(signed_in(platform), reverse("deadlines:duty_explain", args=[duty.pk]))
    assert "敏感项目的一件事项" in page
    assert "起算日" in page
    assert [word for word in (duty.title, late.number, late.unit.name, duty.basis) if word and word in page] == []
    assert ordinary.title in body(signed_in(platform), reverse("deadlines:duty_explain", args=[ordinary.pk]))
    assert duty.title in body(signed_in(late.unit.posts.first()), reverse("deadlines:duty_explain", args=[duty.pk]))


def as_before(monkeypatch, duty):
    """An order and a reminder of the matter with all that hangs on them, as they were written before: with its number and step."""
    monkeypatch.setattr(matters, "subject_of", lambda duty, numbers: numbers.get((duty.subject_label, duty.subject_id), ""))
    monkeypatch.setattr(telling, "is_sensitive", lambda duty: False)
    [order] = transitions.issue_orders(duty_ids=[duty.pk], demand=DEMAND, by=cast.member("platform_approver"))
    [reminder] = transitions.issue_reminders(duty_ids=[duty.pk], demand=DEMAND, by=cast.member("platform_approver"))
    clock_of = Duty.objects.get(subject_id=str(order.pk), kind="supervise")
    for late_one in (clock_of, duty):
        given = {"due_at": late_one.due_at, "is_urgent": True, "made_at": house_clock.now()}
        Reminder.objects.create(duty=late_one, stage="to_platform", **given)
    Reminder.objects.create(duty=clock_of, stage="overdue", **given | {"due_at": clock_of.due_at, "is_urgent": False})
    monkeypatch.setattr(telling, "is_time_of_digests", lambda now: True)
    telling.tell(house_clock.now())
    return order, reminder, clock_of


def test_what_was_said_before_says_no_more_than_what_is_said_now(signed_in, platform_approver, monkeypatch, late):
    """Issued papers are final: the unit that was handed one reads it, nobody else."""
    duty = duty_of(late)
    with monkeypatch.context() as before:
        order, reminder, clock_of = as_before(before, duty)
    said = matters.said_of([duty])[duty.pk]
    assert [late.number in text for text in (order.matter, reminder.matter, clock_of.title, said)] == [True, True, True, False]
    assert Notice.objects.filter(Q(body__contains=late.number) | Q(title__contains=late.number)).count() >= 3
    assert Notice.objects.filter(kind="duty.digest", body__contains=late.number).exists()
    say_less = import_module("monitoring.migrations.0015_what_was_said_of_sensitive_matters").say_less
    say_less(apps)
    once = told()
    say_less(apps)
    assert told() == once
    for row in (order, reminder, clock_of):
        row.refresh_from_db()
    assert (order.matter, reminder.matter, clock_of.title) == (said, said, f"督办单{order.number}：{said}")
    assert late.number not in str(once)
    upwards = set(Notice.objects.filter(kind="duty.to_platform", subject_id=str(duty.pk)).values_list("title", "body"))
    assert upwards == {("上报县级平台：敏感项目的一件事项", f"到期时间{due_text(duty)}。")}

    watching, unit = signed_in(platform_approver), signed_in(late.unit.posts.first())
    for row in (order, reminder):
        paper, page = reverse("documents:issued_print", args=[papers.of(row).pk]), row.get_absolute_url()
        assert watching.get(paper).status_code == 404
        assert (late.number in body(watching, page), paper in body(watching, page)) == (False, False)
        assert (late.number in body(unit, paper), paper in body(unit, page)) == (True, True)


def test_the_record_is_read_in_the_words_of_today(signed_in, platform_approver, audit_administrator, monkeypatch, late):
    """What stands in it stays; whoever may not open the matter reads neither number nor step, and finds no line by them."""
    duty, unit_post = duty_of(late), late.unit.posts.first()
    with monkeypatch.context() as before:
        order, _, clock_of = as_before(before, duty)
    take(duty_id=clock_of.pk, by=unit_post)
    import_module("monitoring.migrations.0015_what_was_said_of_sensitive_matters").say_less(apps)
    order.refresh_from_db()
    Staff.objects.update(password_changed_at=house_clock.now())
    lines = {row.verb: row for row in Event.objects.filter(Q(subject_id=str(order.pk)) | Q(subject_id=str(clock_of.pk)))}
    drafted, opened, taken = (lines[verb] for verb in ("supervision.drafted", "duty.opened", "duty.taken"))
    assert [late.number in text for text in (drafted.note, opened.subject_text, taken.subject_text)] == [True, True, True]
    record = reverse("audit:event_list")
    for post, line in (
        (platform_approver, drafted),
        (platform_approver, opened),
        (audit_administrator, taken),
        (audit_administrator, drafted),
    ):
        client = signed_in(post)
        pages = [body(client, record), body(client, reverse("audit:event_detail", args=[line.pk]))]
        assert [late.number in page or f"“{duty.kind_name}”" in page for page in pages] == [False, False]
        assert all(order.matter in page for page in pages)
        assert "没有符合条件的记录" in body(client, record, subject=late.number)
    assert late.number in body(signed_in(unit_post), record)
    assert str(taken.pk) in body(signed_in(unit_post), record, subject=late.number)
    assert len({Event.objects.get(pk=row.pk).subject_text for row in (opened, taken)}) == 1


def test_an_order_from_before_is_withdrawn_by_who_may_not_read_its_paper(platform_approver, monkeypatch, late):
    duty = duty_of(late)
    with monkeypatch.context() as before:
        order, _, _ = as_before(before, duty)
    import_module("monitoring.migrations.0015_what_was_said_of_sensitive_matters").say_less(apps)
    order.refresh_from_db()
    assert not papers.may_read(order, platform_approver)
    transitions.withdraw_order(order_id=order.pk, reason="承办单位有误", by=platform_approver)
    assert papers.of(order).is_voided


def told():
    return list(Notice.objects.order_by("pk").values_list("title", "body"))
