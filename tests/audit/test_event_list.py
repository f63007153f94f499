"""The record, read: all of it by the auditor, one's own lines by everybody else (SECURITY, 审计日志)."""

import pytest
from django.db import transaction

from audit.models import Event
from audit.presenters import known_verbs, phrase, subject_line
from audit.transitions import record
from organization.transitions import units

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(clerk, officer):
    with transaction.atomic():
        return record("staff.signed_in", clerk.staff, by=clerk), record("staff.disabled", officer.staff, by=officer, note="调离")


def test_the_auditor_reads_all_and_others_their_own(lines, clerk, audit_administrator):
    assert set(Event.objects.visible_to(audit_administrator)) >= set(lines)
    assert set(Event.objects.visible_to(clerk).values_list("by_id", flat=True)) == {clerk.staff_id}
    assert not Event.objects.visible_to(None).exists()


def test_the_page_tells_it_in_chinese(lines, audit_administrator, signed_in):
    page = signed_in(audit_administrator).get("/audit/events/?verb=staff.disabled").content.decode()
    assert "停用账号：调离" in page
    assert "staff.disabled</td>" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verb=staff.disabled", 1),
        ("who=残小联&verb=staff.disabled", 1),
        ("who=甘晓窗&verb=staff.disabled", 0),
        ("since=2099-01-01", 0),
        ("subject=残小联&verb=staff.disabled", 1),
    ],
)
def test_filters(lines, audit_administrator, signed_in, query, found):
    response = signed_in(audit_administrator).get(f"/audit/events/?{query}")
    assert len(response.context["rows"]) == found


def test_nobody_finds_by_a_name_the_lines_that_keep_silent_of_whom_they_are(officer, audit_administrator, signed_in):
    officer.staff.is_confidential = True
    with transaction.atomic():
        line = record("staff.disabled", officer.staff, by=officer)
    for reader, found in ((audit_administrator, 0), (officer, 1)):
        rows = signed_in(reader).get("/audit/events/?subject=残小联&verb=staff.disabled").context["rows"]
        assert len(rows) == found
    assert len(signed_in(audit_administrator).get(f"/audit/events/?verb={line.verb}").context["rows"]) == 1


@pytest.mark.parametrize("query", ["since=yesterday", "address=not-an-address", "before=abc", "before=99999999999999999999999"])
def test_bad_input_is_answered_with_a_page(lines, audit_administrator, signed_in, query):
    assert signed_in(audit_administrator).get(f"/audit/events/?{query}").status_code == 200


def test_another_persons_line_does_not_exist(lines, clerk, officer, signed_in):
    own, foreign = lines
    client = signed_in(clerk)
    assert client.get(f"/audit/events/{own.pk}/").status_code == 200
    assert client.get(f"/audit/events/{foreign.pk}/").status_code == 404


def test_pages_go_by_id_and_stay_flat(audit_administrator, clerk, signed_in, assert_queries):
    with transaction.atomic():
        for _ in range(120):
            record("staff.signed_in", clerk.staff, by=clerk)
    client = signed_in(audit_administrator)
    first = client.get("/audit/events/?verb=staff.signed_in")
    second = client.get("/audit/events/?" + first.context["next"])
    assert not {r[0].pk for r in first.context["rows"]} & {r[0].pk for r in second.context["rows"]}
    with assert_queries(5):
        client.get("/audit/events/?" + first.context["next"])


def test_a_phrase_with_missing_data_still_reads():
    assert phrase(Event(verb="post.granted")) == "授予岗位"
    assert phrase(Event(verb="never.registered")) == "never.registered"


@pytest.mark.parametrize(
    ("label", "text", "line"),
    [
        ("referrals.referral", "转办单 ZB202600100054", "转办单 ZB202600100054"),
        ("intake.application", "申请 SQ202600100058", "救助申请 SQ202600100058"),
        ("organization.staff", "窗口小周", "人员 窗口小周"),
        ("organization.staff", "", "人员"),
    ],
)
def test_what_it_is_about_is_named_once(label, text, line):
    assert subject_line(Event(subject_label=label, subject_text=text)) == line


def test_an_event_is_written_inside_a_transaction(clerk, transactional_db):
    with pytest.raises(RuntimeError, match="in the transaction"):
        record("staff.signed_in", clerk.staff, by=clerk)


def test_every_verb_in_the_tree_has_its_phrase():
    """A verb that nobody gave words to would stand in English before the auditor."""
    import re
    from pathlib import Path

    from audit.presenters import _PHRASES

    root = Path(__file__).resolve().parents[2]
    used = {
        match
        for path in root.glob("*/**/*.py")
        if path.relative_to(root).parts[0] not in {"tests", "bench", ".venv", "node_modules"}
        for match in re.findall(r"\brecord\(\s*\"([a-z_]+\.[a-z_]+)\"", path.read_text(encoding="utf-8"))
    }
    assert used - set(_PHRASES) == set()


def test_an_event_carries_the_id_that_the_answer_and_the_log_carry(clerk, signed_in, system_administrator):
    sent = "a" * 64  # as long as the proxy may name one
    url = f"/organization/units/{clerk.unit_id}/describe/"
    answer = signed_in(system_administrator).post(url, {"phone": "000-1", "address": ""}, headers={"X-Request-ID": sent})
    assert answer["X-Request-ID"] == sent
    assert Event.objects.about(clerk.unit).get().request_id == sent


def test_an_event_outside_a_request_names_none(system_administrator, clerk):
    units.describe_unit(unit_id=clerk.unit_id, phone="000-2", address="", by=system_administrator)
    assert Event.objects.about(clerk.unit).get().request_id == ""


def test_a_day_is_a_day_of_shanghai(clerk, audit_administrator, signed_in, clock):
    from datetime import UTC, datetime

    clock.set(datetime(2026, 9, 30, 16, 30, tzinfo=UTC))  # half past midnight on 1 October in Shanghai
    with transaction.atomic():
        line = record("staff.signed_in", clerk.staff, by=clerk)
    client = signed_in(audit_administrator)

    def found(query: str) -> bool:
        return line.pk in {row[0].pk for row in client.get(f"/audit/events/?verb=staff.signed_in&{query}").context["rows"]}

    assert found("since=2026-10-01&until=2026-10-01")
    assert not found("until=2026-09-30")
    assert not found("since=2026-10-02")


def test_a_phrase_keeps_its_own_brackets_and_drops_empty_ones():
    assert phrase(Event(verb="duty.closed", new="已办", old="2026-11-11")) == "办结：已办（到期日2026-11-11）"
    assert phrase(Event(verb="duty.put_back", old="窗口小周")) == "放回待办（原领办：窗口小周）"
    assert phrase(Event(verb="duty.put_back")) == "放回待办"


def test_the_filter_names_verbs_without_the_clause_before_a_placeholder():
    words = dict(known_verbs())
    assert words["duty.opened"] == "开始计时"
    assert not [word for word in words.values() if not word or word.endswith(("（", "，", "日"))]


def test_names_of_verbs_are_the_auditors(lines, clerk, audit_administrator, signed_in):
    own, _ = lines
    page = signed_in(clerk).get(f"/audit/events/{own.pk}/").content.decode()
    assert "staff.signed_in" not in page
    assert "返回操作记录" in page
    assert "staff.signed_in" in signed_in(audit_administrator).get(f"/audit/events/{own.pk}/").content.decode()
