"""名单核身 (ZX-30): approved once, then a list comes back with the identities its program needs, and nothing of it remains."""

import html
import io
import re
from datetime import UTC, datetime, time, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError
from deadlines.models import Notice, OutboxMessage
from households.models import IdentityTag
from monitoring import list_check_rules as rules
from monitoring.list_check_file import read_list
from monitoring.models import CheckPurpose, ListCheck
from monitoring.transitions import list_checks as transitions
from monitoring.transitions.list_checks import Line
from spreadsheets.models import StagedRow, Upload
from tests.households.factories import HouseholdFactory, assistance, id_number, tag
from tests.monitoring.lists import PURPOSE, purpose_in, read, workbook
from tests.organization.factories import PostFactory

pytestmark = pytest.mark.django_db


# ── which identities ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_program_needs_what_its_rule_and_papers_name():
    assert rules.tags_needed("JW02", facts={"dibao", "watch_household"}, programs=["MZ07"]) == [
        "subsistence", "extreme_poverty", "unstable_exit", "edge_of_poverty", "sudden_hardship",
    ]  # fmt: skip


def test_a_sensitive_identity_is_told_of_its_own_program_alone():
    assert rules.tags_needed("JW02", facts={"orphan", "unsupported_child"}, programs=["SF02", "MZ09"]) == []
    assert rules.tags_needed("SF02", facts=(), programs=()) == ["released_adrift"]
    assert not IdentityTag.SENSITIVE & set(purpose_in().tags)


# ── the purpose ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_purpose_is_proposed_and_approved_once(neighbour_officer, platform_approver):
    row = purpose_in("proposed")
    assert "subsistence" in row.tags
    assert row.unit == neighbour_officer.unit
    approved = transitions.approve_purpose(purpose_id=row.pk, months=12, answer="同意。", by=platform_approver)
    assert approved.status == "approved"
    assert f"{approved.until:%Y-%m-%d}" == "2027-09-24"
    assert [event.verb for event in Event.objects.about(row).order_by("at", "pk")] == ["check_purpose.proposed", "check_purpose.approved"]
    with pytest.raises(AlreadyHandled, match="裁定之"):
        transitions.approve_purpose(purpose_id=row.pk, months=12, by=platform_approver)


def test_it_is_for_ones_own_programs(officer, clerk):
    with pytest.raises(PermissionDenied):
        transitions.propose_purpose(program_code="JW02", purpose=PURPOSE, by=officer)
    with pytest.raises(PermissionDenied):
        transitions.propose_purpose(program_code="JW02", purpose=PURPOSE, by=clerk)


def test_a_program_that_needs_no_identity_has_nothing_to_ask(neighbour_officer, monkeypatch):
    monkeypatch.setattr(transitions, "needed", lambda *_: [])
    with pytest.raises(TransitionError, match="不涉及任何身份"):
        transitions.propose_purpose(program_code="JW02", purpose=PURPOSE, by=neighbour_officer)


def test_the_same_purpose_stands_once(neighbour_officer):
    purpose_in("proposed")
    with pytest.raises(ConstraintBroken, match="已经提出过"):
        transitions.propose_purpose(program_code="JW02", purpose=PURPOSE, by=neighbour_officer)


def test_an_expired_purpose_is_proposed_again_in_the_same_words(signed_in, neighbour_officer):
    """Its page says to: the expired one ends with it, by one event, and on its last day it stands still."""
    old = purpose_in(months=1)
    with clock.set_clock(datetime.combine(old.until, time(12), tzinfo=UTC)), pytest.raises(ConstraintBroken, match="已经提出过"):
        transitions.propose_purpose(program_code="JW02", purpose=PURPOSE, by=neighbour_officer)
    with clock.set_clock(datetime.combine(old.until + timedelta(days=1), time(12), tzinfo=UTC)):
        for address in (old.get_absolute_url(), reverse("monitoring:list_check_list")):
            assert ">可以使用</span>" not in (page := signed_in(neighbour_officer).get(address).content.decode())
            assert ">已过期</span>" in page
        assert "请重新提出用途，用途的文字可以不变" in signed_in(neighbour_officer).get(old.get_absolute_url()).content.decode()
        row = transitions.propose_purpose(program_code="JW02", purpose=f" {PURPOSE} ", by=neighbour_officer)
    old.refresh_from_db()
    assert (row.status, old.status, old.end_reason, old.ended_by) == ("proposed", "ended", "有效期满，重新提出", neighbour_officer)
    assert [event.note for event in Event.objects.about(old).filter(verb="check_purpose.ended")] == ["有效期满，重新提出"]


def test_only_the_bureau_answers(neighbour_officer, platform, platform_approver, officer):
    row = purpose_in("proposed")
    for post, error in ((neighbour_officer, PermissionDenied), (platform, PermissionDenied), (officer, Http404)):
        with pytest.raises(error):
            transitions.approve_purpose(purpose_id=row.pk, months=12, by=post)
    with pytest.raises(TransitionError, match="理由"):
        transitions.refuse_purpose(purpose_id=row.pk, answer=" ", by=platform_approver)


# ── a run ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def run(by, row, *lines):
    return transitions.run_check(purpose_id=row.pk, lines=[Line(place, *line) for place, line in enumerate(lines, 2)], by=by)


@pytest.fixture
def poor(clerk):
    """A household on 低保 by its record, with a head."""
    household = HouseholdFactory()
    assistance(household, "MZ01")
    return household


def people_of(household):
    return [membership.resident for membership in household.memberships.order_by("pk")[:2]]


def test_the_list_comes_back_with_the_identities_of_the_purpose_alone(neighbour_officer, poor):
    row = purpose_in()
    head, other = people_of(poor)
    tag(other, "orphan")
    number, second = open_sealed(head, "id_number"), open_sealed(other, "id_number")
    answer = run(neighbour_officer, row, (number, head.name), (second, ""), (id_number(), ""), (number, "别的人"), ("1", "", "号码不对"))
    place = 2 + row.tags.index("subsistence")
    assert [line[place] for line in answer.rows] == ["是", "是", "", "", ""]
    assert [line[-1] for line in answer.rows] == ["", "", "数据库中没有此人", "姓名与登记的不一致，未核对", "号码不对"]
    assert all(len(line) == len(row.tags) + 3 for line in answer.rows)
    kept = ListCheck.objects.get()
    assert (kept.rows, kept.known, kept.wrong) == (5, 2, 2)
    assert kept.found["subsistence"] == 2
    assert "orphan" not in kept.found


def test_a_run_is_one_event_that_names_nobody(neighbour_officer, poor):
    row = purpose_in()
    head, _ = people_of(poor)
    number = open_sealed(head, "id_number")
    answer = run(neighbour_officer, row, (number, head.name))
    [event] = Event.objects.about(answer.run)
    assert event.verb == "list_check.ran"
    assert number not in str(vars(event)) + str(vars(answer.run)) + repr(Line(1, number, head.name))
    assert head.name not in str(vars(event))


def test_what_was_not_approved_is_not_run(neighbour_officer, officer, platform_approver):
    row = purpose_in("proposed")
    with pytest.raises(TransitionError, match="没有批准"):
        run(neighbour_officer, row, (id_number(), ""))
    row = transitions.approve_purpose(purpose_id=row.pk, months=1, by=platform_approver)
    with pytest.raises(Http404):
        run(officer, row, (id_number(), ""))
    with pytest.raises(PermissionDenied):
        run(platform_approver, row, (id_number(), ""))
    with clock.set_clock(clock.now() + timedelta(days=40)), pytest.raises(TransitionError, match="已过期"):
        run(neighbour_officer, row, (id_number(), ""))
    transitions.end_purpose(purpose_id=row.pk, reason="不再需要。", by=platform_approver)
    with pytest.raises(TransitionError, match="停用"):
        run(neighbour_officer, row, (id_number(), ""))


def test_a_list_has_its_length_and_a_day_its_runs(neighbour_officer, monkeypatch):
    row = purpose_in()
    figures = {"list_check_rows_max": 1, "list_checks_per_day": 1}
    monkeypatch.setattr(transitions, "figure", figures.__getitem__)
    with pytest.raises(TransitionError, match="最多核对1人"):
        run(neighbour_officer, row, (id_number(), ""), (id_number(), ""))
    with pytest.raises(TransitionError, match="是空的"):
        run(neighbour_officer, row)
    run(neighbour_officer, row, (id_number(), ""))
    with pytest.raises(TransitionError, match="每日上限"):
        run(neighbour_officer, row, (id_number(), ""))


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_goes_in_and_the_same_sheet_comes_back(signed_in, neighbour_officer, poor):
    row = purpose_in()
    head, _ = people_of(poor)
    number = open_sealed(head, "id_number")
    file = SimpleUploadedFile("名单.xlsx", workbook((number, head.name), (int(number[:17] + "0"), "数字")))
    answer = signed_in(neighbour_officer).post(reverse("monitoring:list_check_run", args=[row.pk]), {"file": file})
    heads, first, second = read(answer)
    assert heads[:2] == ("证件号码", "姓名")
    assert heads[2 + row.tags.index("subsistence")] == "低保对象（平台登记，截至2026-09-24）"
    assert first[:3] == (number, head.name, "是")
    assert second[-1]
    assert not StagedRow.objects.exists()
    assert not Upload.objects.exists()
    kept = "".join(str(list(model.objects.values())) for model in (Event, ListCheck, OutboxMessage, Notice))
    assert number not in kept
    assert head.name not in kept


def test_the_page_shows_a_run_once_it_stands(signed_in, neighbour_officer, officer, poor):
    """The file leaves and the page stays: it asks for the runs, until there is one more of his own."""
    row, client = purpose_in(), signed_in(neighbour_officer)
    page = client.get(row.get_absolute_url()).content.decode()
    assert ("还没有核身" in page, 'hx-trigger="downloaded from:#list"' in page, 'id="list"' in page) == (True, True, True)
    address = re.search(r'hx-get="([^"]+)"', page)[1]
    waits = client.get(address).content.decode()
    assert ("正在核对名单" in waits, 'hx-trigger="every 2s"' in waits, "asked=1" in waits) == (True, True, True)
    given_up = client.get(f"{address}&asked=150").content.decode()
    assert ("还没有看到这次核身的记录" in given_up, "every 2s" in given_up) == (True, False)
    head, _ = people_of(poor)
    transitions.run_check(purpose_id=row.pk, lines=[Line(2, open_sealed(head, "id_number"), head.name)], by=neighbour_officer)
    done = client.get(html.unescape(re.search(r'hx-get="([^"]+)"', waits)[1])).content.decode()
    assert ("正在核对名单" in done, "还没有核身" in done, 'data-label="人数" class="number">1<' in done) == (False, False, True)
    assert "stood=1" in done, "and for the next one"
    assert signed_in(officer).get(address).status_code == 404


def test_the_blank_list_is_read_again(signed_in, neighbour_officer):
    answer = signed_in(neighbour_officer).post(reverse("monitoring:list_check_blank"))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    place = next(cell for row in book.worksheets[0].iter_rows() for cell in row if str(cell.value).startswith("证件号码"))
    number = id_number()
    book.worksheets[0].cell(place.row + 1, place.column, number)
    octets = io.BytesIO()
    book.save(octets)
    assert [line.id_number for line in read_list(octets.getvalue())] == [number]


def test_a_file_without_the_column_is_refused_with_a_sentence(signed_in, neighbour_officer):
    row = purpose_in()
    file = SimpleUploadedFile("名单.xlsx", workbook(("张三",), heads=("备注",)))
    answer = signed_in(neighbour_officer).post(reverse("monitoring:list_check_run", args=[row.pk]), {"file": file})
    assert answer.status_code == 422
    assert "证件号码" in answer.content.decode()
    assert not ListCheck.objects.exists()


def test_a_message_leads_to_it_from_any_of_somebodys_posts_that_open_the_page(signed_in, neighbour_officer, officer, clerk):
    """Who is of two departments opens and uses it from either; who acts for a window is told that the page is not of that post."""
    row = purpose_in()
    url = row.get_absolute_url()
    assert signed_in(officer).get(url).status_code == 404
    for post in (officer, clerk):
        PostFactory(staff=post.staff, unit=neighbour_officer.unit, granted=True)
    page = signed_in(officer).get(url)
    assert (page.status_code, PURPOSE in page.content.decode()) == (200, True)
    file = SimpleUploadedFile("名单.xlsx", workbook((id_number(), "")))
    assert read(signed_in(officer).post(reverse("monitoring:list_check_run", args=[row.pk]), {"file": file}))
    assert ListCheck.objects.get().ran_by.unit == neighbour_officer.unit, "by the post that may"
    assert signed_in(clerk).get(url).status_code == 403


def test_proposed_and_answered_by_their_pages(signed_in, neighbour_officer, platform_approver):
    url = reverse("monitoring:list_check_propose")
    again = signed_in(neighbour_officer).post(url, {"program": "JW02", "purpose": ""})
    assert again.status_code == 422
    page = signed_in(neighbour_officer).post(url, {"program": "JW02", "purpose": PURPOSE}, follow=True)
    assert PURPOSE in page.content.decode()
    row = CheckPurpose.objects.get()
    bureau = signed_in(platform_approver)
    answer = reverse("monitoring:list_check_answer", args=[row.pk])
    assert bureau.post(answer, {"act": "refuse", "answer": ""}).status_code == 422
    assert "可以使用" in bureau.post(answer, {"act": "approve", "months": 6, "answer": ""}, follow=True).content.decode()
    assert "县教委" in bureau.get(reverse("monitoring:list_check_list")).content.decode()
    ended = bureau.post(reverse("monitoring:list_check_end", args=[row.pk]), {"reason": "学期结束。"}, follow=True)
    assert "学期结束" in ended.content.decode()
