"""A ledger as a file: asked for, made by a job, fetched, expired; the password and the reason beyond 500 rows."""

import errno
import io
import os
from urllib.parse import unquote

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from config.protection.keys import SealBroken
from config.verbs import TransitionError
from deadlines import transitions as deadlines
from deadlines.models import Job, Notice
from organization.models import Unit
from spreadsheets import storage, transitions
from spreadsheets.models import Export
from tests.cast import PASSWORD
from tests.spreadsheets import ledgers
from tests.spreadsheets.factories import run
from tests.spreadsheets.handing_in import approval_of, form_of

pytestmark = pytest.mark.django_db
KEY = ledgers.TEST.key


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return ledgers.declare()


def asked(by, **given):
    reason = given.pop("reason", "")
    export = transitions.ask_export(ledger=KEY, given=given, reason=reason, by=by)
    run()
    export.refresh_from_db()
    return export


def workbook(octets):
    return openpyxl.load_workbook(io.BytesIO(octets))


def test_a_ledger_becomes_a_file_with_who_when_and_which_filter(clerk):
    export = asked(clerk, kind="platform", name="2")
    assert (export.state, export.rows, export.downloaded) == ("ready", 3, 0)
    octets = b"".join(storage.read(export.pk, export.storage_name))
    assert len(octets) == export.size
    book = workbook(octets)
    assert book.sheetnames == ["单位名册", "编号"]
    line = book["单位名册"]["A2"].value
    assert clerk.label in line
    assert "2026-09-24" in line
    assert "类别：平台；姓名：已填" in line
    assert export.filters == "类别：平台；姓名：已填"
    assert b"name" not in bytes(export.given_sealed)
    verbs = list(Event.objects.filter(subject_id=str(export.pk)).order_by("pk").values_list("verb", flat=True))
    assert verbs == ["export.asked", "export.made"]
    assert export.job.status == "done"
    assert export.job.result_url == export.get_absolute_url()


def test_it_is_fetched_by_who_asked_and_by_nobody_else(signed_in, clerk, second_clerk):
    export = asked(clerk)
    url = reverse("exports:export_download", args=[export.pk])
    assert signed_in(second_clerk).post(url).status_code == 404
    answer = signed_in(clerk).post(url)
    octets = b"".join(answer.streaming_content)
    assert answer["Content-Length"] == str(len(octets)) == str(export.size)
    assert unquote(answer["Content-Disposition"]).endswith("测试台账 2026-09-24.xlsx")
    export.refresh_from_db()
    assert export.downloaded == 1
    assert Event.objects.get(verb="export.handed_out").by_id == clerk.staff_id


def test_beyond_five_hundred_rows_password_and_reason_are_asked_first(signed_in, clerk):
    client, url = signed_in(clerk), reverse("exports:ledger_export", args=[KEY])
    with pytest.raises(PermissionDenied):
        transitions.ask_export(ledger=KEY, given={"name": "501"}, by=clerk)
    assert client.post(url, {"name": "500"}).status_code == 302
    page = client.post(url, {"name": "501"}, headers={"referer": "http://testserver/ledgers/a/?name=501"})
    assert page.status_code == 403
    assert '<a class="btn btn-outline-secondary" href="/ledgers/a/?name=501">返回</a>' in page.content.decode()
    assert 'name="name" value="501"' in page.content.decode()
    said = {"name": "501", "step_up_reason": "按季度核对名单", "step_up_password": "wrong", "next": "/ledgers/a/"}
    again = client.post(url, said, headers={"referer": f"http://testserver{url}"})  # which cannot be opened
    assert (again.status_code, 'href="/ledgers/a/">返回' in again.content.decode()) == (403, True)
    assert Event.objects.filter(verb="staff.sign_in_failed", subject_id=str(clerk.staff_id)).count() == 1
    assert client.post(url, {**said, "step_up_password": PASSWORD, "step_up_reason": ""}).status_code == 403
    assert client.post(url, {**said, "step_up_password": PASSWORD}).status_code == 302
    run()
    export = Export.objects.get(reason="按季度核对名单")
    assert export.rows > 501
    notice = Notice.objects.get(title__contains="导出测试台账501行")
    assert notice.unit.kind == Unit.Kind.PLATFORM


def test_rows_that_came_since_need_their_reason_too(clerk, monkeypatch):
    export = transitions.ask_export(ledger=KEY, given={}, by=clerk)
    monkeypatch.setattr("spreadsheets.transitions.exporting.figure", lambda key: 1)
    run()
    export.refresh_from_db()
    assert export.state == "failed"
    assert "须写明用途" in export.job.error


def test_a_full_disk_fails_with_a_sentence_and_leaves_no_half_file(clerk, monkeypatch, tmp_path):
    def full(file):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("spreadsheets.storage.os.fsync", full)
    export = asked(clerk)
    assert export.state == "failed"
    assert "磁盘空间不足" in export.job.error
    assert not list(storage.stored())


def test_cancelled_it_leaves_nothing(clerk, signed_in):
    export = transitions.ask_export(ledger=KEY, given={}, by=clerk)
    page = signed_in(clerk).get(export.get_absolute_url()).content.decode()
    assert reverse("jobs:job_cancel", args=[export.job_id]) in page
    deadlines.cancel_job(job_id=export.job_id, by=clerk)
    run()
    export.refresh_from_db()
    assert (export.state, list(storage.stored())) == ("cancelled", [])
    with pytest.raises(TransitionError, match="已取消"):
        transitions.hand_out_export(export_id=export.pk, by=clerk)


def test_stopped_while_it_is_written_it_leaves_no_file(clerk):
    export = transitions.ask_export(ledger=KEY, given={}, by=clerk)

    def told(done, total, step):
        if step == "写入文件":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transitions.make_export(export_id=export.pk, told=told)
    assert not list(storage.stored())


def test_no_more_than_five_at_once(clerk):
    for number in range(5):
        transitions.ask_export(ledger=KEY, given={"name": str(number + 1)}, by=clerk)
    with pytest.raises(TransitionError, match="5个导出"):
        transitions.ask_export(ledger=KEY, given={}, by=clerk)


def test_what_has_expired_is_cleared_away_and_so_is_what_nobody_owns(clock, clerk, django_capture_on_commit_callbacks):
    export = asked(clerk)
    old, stray = storage.write(export.pk, [b"old"]), storage.write(export.pk, [b"stray"])
    os.utime(storage.folder() / old.name, (0, 0))
    clock.forward(days=8)
    with django_capture_on_commit_callbacks(execute=True):
        assert transitions.remove_expired() == 1
    export.refresh_from_db()
    assert (export.state, bytes(export.given_sealed)) == ("expired", b"")
    assert [name for name, _ in storage.stored()] == [stray.name]  # by the house's clock it was written today
    with pytest.raises(TransitionError, match="已过期"):
        transitions.hand_out_export(export_id=export.pk, by=clerk)


def test_a_file_that_was_cut_or_is_anothers_does_not_open(clerk):
    export = asked(clerk)
    stored = storage.write(export.pk, [b"a" * (2 << 20), b"b"])
    assert b"".join(storage.read(export.pk, stored.name)) == b"a" * (2 << 20) + b"b"
    path = storage.folder() / stored.name
    octets = path.read_bytes()
    head = octets[: octets.index(b":", 5) + 1]
    first = int.from_bytes(octets[len(head) : len(head) + 4], "big")
    path.write_bytes(octets[: len(head) + 4 + first])  # the first frame alone
    with pytest.raises(SealBroken):
        b"".join(storage.read(export.pk, stored.name))
    path.write_bytes(octets)
    with pytest.raises(SealBroken):
        storage.read(Export().pk, stored.name)
    path.unlink()
    with pytest.raises(SealBroken):
        storage.read(export.pk, stored.name)


def test_without_its_line_nothing_is_asked_for(clerk, monkeypatch):
    def fails(*args, **options):
        raise RuntimeError("record")

    monkeypatch.setattr("spreadsheets.transitions.exporting.record", fails)
    with pytest.raises(RuntimeError):
        transitions.ask_export(ledger=KEY, given={}, by=clerk)
    assert not Export.objects.exists()
    assert not Job.objects.filter(kind="spreadsheets.export").exists()


def test_a_wrong_filter_is_said(clerk):
    with pytest.raises(TransitionError, match="月份：月份写成"):
        transitions.ask_export(ledger=KEY, given={"month": "九月"}, by=clerk)


def test_the_pages_of_a_ledger(signed_in, clerk, assistant, settings):
    client = signed_in(clerk)
    assert "测试台账" in client.get(reverse("exports:ledger_list")).content.decode()
    page = client.get(reverse("exports:ledger_detail", args=[KEY]), {"kind": "platform", "name": "9"})
    words = page.content.decode()
    assert page.status_code == 200
    assert 'value="platform"' in words
    assert 'name="name" value="9"' not in words  # a name in an address is not looked at
    assert client.post(reverse("exports:ledger_detail", args=[KEY]), {"name": "7"}).content.decode().count('<td data-label="名">x') == 7
    assert client.get(reverse("exports:ledger_detail", args=[KEY]), {"month": "x"}).status_code == 422
    assert client.get(reverse("exports:ledger_detail", args=["none"])).status_code == 404
    assert signed_in(assistant).get(reverse("exports:ledger_list")).status_code == 403


def test_the_list_of_ones_files_asks_few_questions(signed_in, clerk, assert_queries):
    asked(clerk)
    asked(clerk, kind="platform")
    client = signed_in(clerk)
    client.get(reverse("exports:export_list"))
    with assert_queries(5):
        page = client.get(reverse("exports:export_list"))
    assert page.content.decode().count("可下载") == 2


def test_the_lists_of_what_is_handed_in_ask_few_questions(signed_in, platform, assert_queries):
    for _ in range(2):
        approval_of(platform)
        form_of(platform)
    client = signed_in(platform)
    for page, asked in (("exports:report_list", 6), ("exports:form_list", 5)):  # the first tells also which run on too long
        client.get(reverse(page))
        with assert_queries(asked):
            assert client.get(reverse(page)).status_code == 200
