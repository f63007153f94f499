"""转办反馈台账: a row for each referral, alike on the page and in the file, masked, behind each gate, without persons for supervision."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from config.protection.masks import mask_name
from deadlines.rules import date_of
from monitoring import ledger
from programs.models import Program
from referrals.names import forget
from tests.referrals.factories import ReferralFactory
from tests.referrals.piles import copy_referral

pytestmark = pytest.mark.django_db
PAGE, EXPORT = reverse("monitoring:ledger_referrals"), reverse("monitoring:ledger_referrals_export")


def numbers(client, **query):
    return re.findall(r"ZB\d{12}(?:-\d+)?", client.get(PAGE, query, headers={"HX-Request": "true"}).content.decode())


def rows_of(answer):
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    heads = [cell.value for cell in sheet[3]]
    return [dict(zip(heads, [cell.value for cell in line], strict=True)) for line in sheet.iter_rows(min_row=4)]


@pytest.fixture
def told():
    return ReferralFactory(confirmed=True)


def test_a_row_tells_the_whole_road(told, clerk, signed_in):
    [row] = rows_of(signed_in(clerk).post(EXPORT))
    applicant = told.application.applicant
    assert row["转办单号"] == told.number
    assert row["申请人"] == mask_name(applicant.name) != applicant.name
    assert row["证件号码"] == str(applicant.id_number)
    assert (row["救助项目"], row["状态"], row["决定"]) == (told.program.seed_name, "已确认", "批准")
    assert (row["主管部门"], row["现承办单位"]) == (told.program.department.name, told.unit.short_name)
    days = {"转出日期": told.dispatched_at, "决定日期": told.decided_at, "反馈日期": told.fed_back_at, "告知日期": told.confirmed_at}
    assert {name: row[name].date() for name in days} == {name: date_of(moment) for name, moment in days.items()}
    assert (row["告知方式"], row["是否按期"], row["退回（次）"], row["争议（次）"]) == (told.get_told_how_display(), "按期", 0, 0)
    event = Event.objects.get(verb="spreadsheet.exported")
    assert event.data == {"sheet": "转办反馈台账", "rows": 1}


def test_the_page_shows_what_the_file_holds(told, clerk, signed_in):
    client = signed_in(clerk)
    [row] = rows_of(client.post(EXPORT))
    shown = dict(re.findall(r'<td data-label="([^"]+)"[^>]*>(?:<a[^>]*>|<span[^>]*>)?([^<]*)', client.get(PAGE).content.decode()))
    assert shown
    assert all(value == ("" if row[label] is None else str(row[label])).removesuffix(" 00:00:00") for label, value in shown.items())
    assert reverse("referrals:referral_detail", args=[told.pk]) in client.get(PAGE).content.decode()


def test_each_reads_what_its_gate_shows(told, request, signed_in):
    seen = {
        name: len(rows_of(signed_in(request.getfixturevalue(name)).post(EXPORT)))
        for name in ("clerk", "approver", "neighbour_clerk", "officer", "platform", "supervision")
    }
    assert seen == {"clerk": 1, "approver": 1, "neighbour_clerk": 0, "officer": 0, "platform": 1, "supervision": 1}


def test_supervision_reads_no_person(told, supervision, signed_in):
    client = signed_in(supervision)
    page = client.get(PAGE).content.decode()
    [row] = rows_of(client.post(EXPORT))
    applicant = told.application.applicant
    assert not {"申请人", "证件号码", "村（社区）"} & row.keys()
    assert told.number in page
    for words in (mask_name(applicant.name), str(applicant.id_number), str(told.pk)):
        assert words not in page
        assert words not in str(row)


def test_a_sensitive_program_is_named_to_those_who_work_on_it(told, clerk, officer, platform, supervision, neighbour_clerk, signed_in):
    Program.objects.filter(pk=told.program_id).update(is_sensitive=True)
    forget()
    found = {post: rows_of(signed_in(post).post(EXPORT))[0] for post in (clerk, platform, supervision)}
    assert {post: row["救助项目"] for post, row in found.items()} == {
        clerk: told.program.seed_name, platform: "敏感项目", supervision: "敏感项目",
    }  # fmt: skip
    assert {row[part] for row in (found[platform], found[supervision]) for part in ("主管部门", "现承办单位")} == {"—"}
    assert found[clerk]["现承办单位"] == told.unit.short_name
    assert [numbers(signed_in(post), unit=str(told.unit_id)) for post in (platform, supervision)] == [[], []]
    assert numbers(signed_in(clerk), program=told.program_id) == [told.number]
    for post in (platform, supervision):
        assert told.program.seed_name not in signed_in(post).get(PAGE).content.decode()


def test_filters_by_day_unit_state_and_promise(told, clerk, platform, signed_in, clock):
    waiting = ReferralFactory(received=True)
    client, sent = signed_in(platform), {row.number: str(date_of(row.dispatched_at)) for row in (told, waiting)}
    assert set(numbers(client)) == {told.number, waiting.number}
    for query, expected in (
        ({"state": "open"}, {waiting.number}),
        ({"state": "over"}, {told.number}),
        ({"state": "received"}, {waiting.number}),
        ({"timely": "in_time"}, {told.number}),
        ({"timely": "late"}, set()),
        ({"since": "2026-09-25"}, set()),
        ({"since": sent[told.number]}, {number for number, day in sent.items() if day >= sent[told.number]}),
        ({"until": sent[told.number]}, {number for number, day in sent.items() if day <= sent[told.number]}),
        ({"dated": "decided_at", "since": "2026-09-24"}, {told.number}),
        ({"unit": str(clerk.unit_id)}, {r.number for r in (told, waiting) if r.unit_id == clerk.unit_id}),
        ({"program": told.program_id, "township": told.township_code}, {told.number, waiting.number}),
    ):
        assert set(numbers(client, **query)) == expected, query
    clock.forward(days=60)
    assert set(numbers(signed_in(platform), timely="late")) == {waiting.number}
    [row] = [row for row in rows_of(signed_in(platform).post(EXPORT)) if row["转办单号"] == waiting.number]
    assert re.fullmatch(r"未办结，已超期\d+个工作日", row["是否按期"])


def test_the_page_costs_the_same_however_many(told, platform, signed_in):
    client = signed_in(platform)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    copy_referral(told, 120)
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(client)) >= 20
    assert len(many) <= len(few) <= 8
    with CaptureQueriesContext(connection) as exported:
        assert len(rows_of(client.post(EXPORT))) == 121
    asked = [query["sql"] for query in exported if "referrals_referral" in query["sql"]]
    assert len(asked) == 1  # one statement, declared once and fetched in portions


@pytest.mark.parametrize(
    ("due", "closed", "outcome", "status", "late", "said"),
    [
        (None, None, "", "returned", None, "暂停计时"),
        (None, None, "", "withdrawn", None, "—"),
        (1, None, "", "handling", None, "未到期"),
        (1, 0, "done", "confirmed", -1, "按期"),
        (0, 0, "done", "confirmed", 0, "超期不足1个工作日"),
        (-1, 2, "done", "confirmed", 2, "超期2个工作日"),
        (-1, None, "", "handling", 1, "未办结，已超期1个工作日"),
        (-1, 0, "cancelled", "withdrawn", 1, "已中止"),
    ],
)
def test_words_of_the_promise(due, closed, outcome, status, late, said):
    now = house_clock.now()
    moment = {days: now + timedelta(days=days) for days in (-1, 0, 1, 2)}
    empty = dict.fromkeys(ledger.Row._fields)
    row = ledger.Row(**empty)._replace(
        promise_due=moment.get(due), promise_closed=moment.get(closed), promise_outcome=outcome, status=status, late_days=late
    )
    assert ledger.timely(row, now) == said
