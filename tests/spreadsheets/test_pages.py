"""The pages of files on their way in."""

import dataclasses
import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from config import clock as house_clock
from spreadsheets import declaration, transitions
from spreadsheets.declaration import template_of
from spreadsheets.forms import field_of
from spreadsheets.models import Batch, Mapping, StagedRow
from spreadsheets.preview import BatchPage
from tests.spreadsheets import people
from tests.spreadsheets.factories import HEADS, entered, handed_in, id_number, line, octets, read, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


def upload(client, rows, name="名册.csv"):
    file = SimpleUploadedFile(name, octets(rows))
    return client.post("/spreadsheets/templates/test:added/new/", {"file": file, "as_of": "2026-08-31"}, follow=True)


def test_a_file_is_uploaded_looked_at_mended_and_entered(clerk, signed_in):
    client = signed_in(clerk)
    known = id_number()
    entered([line("虚构乙", known)], by=clerk)
    page = upload(client, [line("虚构乙", known, phone="13900139000"), line("虚构丙", amount="三百"), line("虚构丁")])
    assert "读取中" in page.content.decode()
    assert "progress/" in page.content.decode()
    batch = Batch.objects.order_by("-handed_in_at", "-pk").exclude(status="applied").get()
    run()
    progress = client.get(f"/spreadsheets/batches/{batch.pk}/progress/", headers={"HX-Request": "true"})
    assert progress["HX-Refresh"] == "true"
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "月保障金额</strong>" in page, "the wrong rows come first"
    assert "三百" in page
    page = client.get(f"{batch.get_absolute_url()}?tab=changed").content.decode()
    assert "<del>138****8000</del>" in page
    assert "<ins>139****9000</ins>" in page
    assert "13900139000" not in page
    assert known not in page
    row = StagedRow.objects.get(batch=batch, outcome="error")
    url = f"/spreadsheets/batches/{batch.pk}/rows/{row.pk}/"
    form = client.get(url).content.decode()
    assert "月保障金额（须更正）" in form
    assert "不改动则留空" in form
    still = client.post(url, {"name": "虚构丙", "amount": "三百", "township": "忠州街道"}, follow=True).content.decode()
    assert "还有问题没有改好" in still
    assert "已更正，并重新比对" not in still
    client.post(url, {"name": "虚构丙", "amount": "300", "township": "忠州街道"})
    row.refresh_from_db()
    assert row.outcome == "new"
    client.post(f"/spreadsheets/batches/{batch.pk}/confirm/")
    run()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "已入库" in page
    assert "撤销入库" in page
    assert "可撤销至" in page
    for step in ("confirm", "drop", "send-back"):
        gone = client.get(f"/spreadsheets/batches/{batch.pk}/{step}/", follow=True)
        assert gone.redirect_chain, "a form come back to leads to the file"
        assert "文件现在是“已入库”" in gone.content.decode()
    late = client.post(f"/spreadsheets/batches/{batch.pk}/confirm/", follow=True)
    assert late.redirect_chain[-1][0] == batch.get_absolute_url(), "whoever comes second is told on the file, not of a form to mend"
    assert "这个文件现为“已入库”" in late.content.decode()


def test_a_button_does_what_it_said_whatever_became_of_the_file(clerk, approver, signed_in):
    """Who asks is not taken for the second person, nor who confirms for the first, because somebody else was quicker."""
    rows = [line(f"虚构{word}") for word in "乙丙丁戊"]
    entered(rows, by=clerk)
    batch = read(rows[:2], by=clerk, template="test:whole")
    client, confirm, send_back = signed_in(approver), *(f"/spreadsheets/batches/{batch.pk}/{step}/" for step in ("confirm", "send-back"))

    def sent(step):
        late = client.post(confirm, {"step": step, "jump_reason": "两户迁出本县"}, follow=True)
        assert late.redirect_chain[-1][0] == batch.get_absolute_url()
        batch.refresh_from_db()
        return batch.status, late.content.decode()

    assert 'name="step" value="propose"' in client.get(confirm).content.decode()
    transitions.propose(batch_id=batch.pk, jump_reason="两户迁出本县", by=clerk)
    status, page = sent("propose")
    assert (status, "现为“待第二人确认”" in page) == ("proposed", True)
    assert 'name="step" value="confirm"' in client.get(confirm).content.decode()
    transitions.send_back(batch_id=batch.pk, reason="再核对", by=clerk)
    status, page = sent("confirm")
    assert (status, "还没有提交确认，或者已被退回" in page) == ("ready", True)
    late = client.post(send_back, {"reason": "少了两户"})
    assert (late.status_code, "少了两户" in late.content.decode()) == (409, True), "with what he has written, to be copied"
    assert "或者已被退回，不用再退回" in late.content.decode()


def test_what_was_remembered_of_headings_is_seen_put_right_and_forgotten(clerk, approver, signed_in, assert_queries):
    client = signed_in(clerk)
    batch = read([[*line("虚构乙", note="旧"), "新"]], by=clerk, heads=[*HEADS, "备注（内部）"])
    mapping = f"/spreadsheets/batches/{batch.pk}/mapping/"
    assert "选错了的，读取以后还可以" in client.get(mapping).content.decode()
    client.post(mapping, {field_of("备注"): "", field_of("备注（内部）"): "note"})
    run()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "按本单位以前的选择识别的列：“备注（内部）”作为“备注”。认对了吗？" in page
    assert "重新对应列" in page
    form = client.get(mapping).content.decode()
    assert re.search(r"“备注（内部）”（记住的）.*?<option value=.note. selected", form, re.DOTALL)
    client.post(mapping, {field_of("备注（内部）"): "", field_of("备注"): "note"})
    run()
    batch.refresh_from_db()
    assert batch.staged.get().cells["note"] == "旧"
    with assert_queries(5):
        listed = client.get("/spreadsheets/columns/").content.decode()
    assert "“备注”作为“备注”" in listed
    pk = Mapping.objects.get().pk
    done = client.post(f"/spreadsheets/columns/{pk}/forget/", {"heading": "备注"}, follow=True).content.decode()
    assert ("已忘记“备注”" in done, "还没有记住的列" in done) == (True, True)
    Batch.objects.filter(pk=batch.pk).update(status="proposed", proposed_at=batch.handed_in_at, proposed_by=clerk)
    waits = signed_in(approver).get(batch.get_absolute_url()).content.decode()
    assert ("退回后由数据单位“重新对应列”" in waits, f'href="{mapping}"' in waits) == (True, False)


def test_templates_of_remembered_columns_are_asked_for_together(platform, officer, signed_in, assert_queries):
    client, given = (
        signed_in(platform),
        {"unit": officer.unit, "headings": {"名字": "name"}, "set_at": house_clock.now(), "set_by": officer},
    )
    names = ("households.roll:CL01", "households.roll:MZ01", "households.facts:CL_cards", "households.facts:CL_devices")
    for name in (*names, "households.payments:", "households.payments:odd", "gone:x"):
        Mapping.objects.create(template=name, **given)
    client.get("/")
    with assert_queries(7):
        rows = client.get("/spreadsheets/columns/").context["page"].rows
    assert {row.template: row.declared for row in rows} == {row.template: template_of(row.template) for row in rows}
    assert [row.said for row in rows if row.template == names[0]] == [[("名字", "姓名")]]


def test_a_file_of_errors_alone_is_not_offered_for_entry(clerk, signed_in):
    client = signed_in(clerk)
    page = upload(client, [line("虚构丙", amount="三百")])
    run()
    batch = Batch.objects.get()
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "1行都有错误，没有可以入库的行。请逐行更正，或下载错误行改好后重新上传；不要的请作废。" in page
    assert "下载错误行" in page
    assert "作废" in page
    assert re.search(r"(确认入库|提交第二人确认)\s*</a>", page) is None
    refused = client.post(f"/spreadsheets/batches/{batch.pk}/confirm/")
    assert (refused.status_code, "没有可以入库的行" in refused.content.decode()) == (422, True)
    known = id_number()
    entered([line("虚构乙", known)], by=clerk)
    upload(client, [line("虚构乙", known)], name="同样的.csv")
    run()
    same = Batch.objects.get(file_name="同样的.csv")
    assert same.counts == {"same": 1, "jump": 0, "unknown": 0}
    assert re.search(r"确认入库\s*</a>", client.get(same.get_absolute_url()).content.decode()), "nothing has changed: that can be said"


def test_a_whole_list_with_a_row_nobody_can_tell_is_not_offered_for_entry(clerk, signed_in):
    """What stands in the way is said before anything is pressed, in the words of the refusal."""
    rows = [line(f"虚构{word}") for word in "乙丙丁"]
    rows[2][1] = rows[2][1][:17] + "*"
    batch, client = read(rows, by=clerk, template="test:whole"), signed_in(clerk)
    said = (
        "还不能提交：这是整份名单，有1行看不出是谁（号码有误，或填成了别人的号码），入库会当作他们已不在名单上。"
        "请在“错误”中逐行更正；确不在名单上的才删除该行。"
    )
    page = client.get(batch.get_absolute_url()).content.decode()
    assert said in page
    assert re.search(r"(确认入库|提交第二人确认)\s*</a>", page) is None
    confirm = f"/spreadsheets/batches/{batch.pk}/confirm/"
    assert client.get(confirm).url == batch.get_absolute_url()
    refused = client.post(confirm)
    assert (refused.status_code, said in refused.content.decode()) == (422, True)
    transitions.take_out_row(batch_id=batch.pk, row_id=StagedRow.objects.get(batch=batch, outcome="error").pk, by=clerk)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "还不能提交" not in page
    assert re.search(r"(确认入库|提交第二人确认)\s*</a>", page)


def test_the_same_file_again_leads_to_the_first(clerk, signed_in):
    client, rows = signed_in(clerk), [line("虚构乙")]
    upload(client, rows)
    page = upload(client, rows)
    assert Batch.objects.count() == 1
    assert "同一个文件已经由" in page.content.decode()
    assert page.redirect_chain[-1][0] == Batch.objects.get().get_absolute_url()


def test_a_file_that_was_not_read_says_where_to_hand_it_in_anew(clerk, signed_in):
    batch = read([], by=clerk, octets="什么也不是".encode(), file_name="备注.txt")
    client = signed_in(clerk)
    page = client.get(batch.get_absolute_url()).content.decode()
    assert "未读成" in page
    assert "/spreadsheets/templates/test:added/new/" in page
    assert "备注.txt" in client.get("/spreadsheets/batches/").content.decode(), "files of one template are told apart"


def test_a_wrong_number_has_to_be_typed_anew(clerk, signed_in):
    batch = read([line("虚构丙", "12345")], by=clerk)
    row = StagedRow.objects.get(batch=batch, outcome="error")
    form = signed_in(clerk).get(f"/spreadsheets/batches/{batch.pk}/rows/{row.pk}/").content.decode()
    assert "请重新填写完整号码" in form


def test_wrong_rows_go_back_in_the_template_and_in_full_to_their_uploader_alone(clerk, reviewer, signed_in):
    number = id_number()
    batch = read([line("虚构丙", number, amount="三百"), line("虚构丁")], by=clerk)

    def rows_for(post):
        answer = signed_in(post).post(f"/spreadsheets/batches/{batch.pk}/errors/")
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    own = rows_for(clerk)
    heads, mine = next((head, row) for head, row in zip(own, own[1:], strict=False) if "虚构丙" in row)
    assert heads[-1] == "错误原因"
    assert (mine[1], mine[2]) == (number, "13800138000")
    assert "第2行：月保障金额：" in mine[-1]
    theirs = next(row for row in rows_for(reviewer) if "虚构丙" in row)
    assert theirs[1] == f"{number[:6]}********{number[-4:]}"
    told = Event.objects.filter(verb="batch.errors_handed_out").order_by("pk").values_list("note", flat=True)
    assert list(told) == ["含完整号码", "号码脱敏"]


def test_a_blank_workbook_is_read_again(clerk, signed_in):
    answer = signed_in(clerk).post("/spreadsheets/templates/test:added/blank/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.worksheets[0]
    for column, value in enumerate(line("虚构乙"), 1):
        sheet.cell(4, column, value or None)
    out = io.BytesIO()
    book.save(out)
    batch = read([], by=clerk, octets=out.getvalue(), file_name="名册.xlsx")
    assert (batch.refusal, batch.counts.get("new")) == ("", 1)
    other = handed_in([], by=clerk, octets=out.getvalue(), file_name="名册.xlsx", template="test:whole")
    run()
    other.refresh_from_db()
    assert "测试名册" in other.refusal, "another template's file is refused by name"


def test_rows_of_a_sensitive_program_are_for_its_unit(officer, department_approver, platform, signed_in, monkeypatch):
    batch = read([line("虚构乙")], by=officer)
    monkeypatch.setattr(people, "ADDED", dataclasses.replace(people.ADDED, sensitive=True))
    batch = Batch.objects.get(pk=batch.pk)  # a batch asks its template once
    assert "虚构乙" in signed_in(department_approver).get(batch.get_absolute_url()).content.decode()
    page = signed_in(platform).get(batch.get_absolute_url()).content.decode()
    assert "虚构乙" not in page
    assert "逐行内容和很小的数目只由数据单位查看" in page
    for_others, own = (BatchPage(batch, post) for post in (platform, department_approver))
    listed = [signed_in(post).get("/spreadsheets/batches/").content.decode() for post in (platform, department_approver)]
    assert ["不显示" in page for page in listed] == [True, False]
    assert (for_others.counts, for_others.jump, for_others.remarks, dict(for_others.facts)["行数"]) == ([], "", [], "不显示")
    assert (own.counts[0]["value"], dict(own.facts)["行数"]) == (1, "1")
    monkeypatch.setattr(people, "ADDED", dataclasses.replace(people.ADDED, sensitive=False))
    assert "虚构乙" in signed_in(platform).get(batch.get_absolute_url()).content.decode()


def test_the_second_reads_the_reason_and_writes_none(clerk, approver, signed_in):
    rows = [line(f"虚构{word}") for word in "乙丙丁戊"]
    entered(rows, by=clerk)
    batch, client = read(rows[:2], by=clerk, template="test:whole"), signed_in(approver)
    url = f"{batch.get_absolute_url()}confirm/"
    assert 'name="jump_reason"' in client.get(url).content.decode(), "nobody has asked: here he would be the first"
    transitions.propose(batch_id=batch.pk, jump_reason="两户迁出本县", by=clerk)
    page = client.get(url).content.decode()
    assert "增减说明：两户迁出本县" in page
    assert "已写明原因，须由第二人确认" in page
    assert 'name="jump_reason"' not in page
    client.post(url, {"jump_reason": "另一个原因"})
    batch.refresh_from_db()
    assert (batch.status, batch.confirmed_by, batch.jump_reason) == ("applying", approver, "两户迁出本县")
    page = client.get(url, follow=True).content.decode()
    assert "名单比上期减少50%" in page
    assert "须写明原因" not in page, "both was done"
    assert "不用再做“确认入库”" in page, "which was his step"


def test_the_list_costs_the_same_however_long(clerk, signed_in, assert_queries):
    client = signed_in(clerk)
    read([line("虚构乙")], by=clerk)
    read([line("虚构丙")], by=clerk)
    with assert_queries(6):
        page = client.get("/spreadsheets/batches/")
    assert page.content.decode().count("测试名册") == 2
    batch = Batch.objects.first()
    transitions.drop(batch_id=batch.pk, reason="不要了", by=clerk)
    assert client.get("/spreadsheets/batches/").content.decode().count("测试名册") == 1


def test_templates_show_their_last_entry(clerk, signed_in):
    batch = entered([line("虚构乙")], by=clerk)
    page = signed_in(clerk).get("/spreadsheets/").content.decode()
    assert "测试名册" in page
    assert batch.get_absolute_url() in page


def test_of_many_templates_one_is_found_by_its_title(clerk, signed_in, monkeypatch):
    monkeypatch.setattr("spreadsheets.views.templates.SHORT_LIST", 1)
    client = signed_in(clerk)
    both = client.get("/spreadsheets/").content.decode()
    assert "测试名册" in both
    assert "模板名称" in both
    page = client.get("/spreadsheets/?q=整份 名单").content.decode()
    assert "测试整份名单" in page
    assert "测试名册" not in page
    assert "没有相符的模板" in client.get("/spreadsheets/?q=没有").content.decode()


def test_a_preview_of_many_rows_costs_the_same(clerk, signed_in, assert_queries):
    batch = read([line(f"虚构{word}") for word in "乙丙丁戊己庚辛"], by=clerk)
    client = signed_in(clerk)
    client.get(batch.get_absolute_url())
    with assert_queries(8):
        client.get(batch.get_absolute_url())


def test_the_county_platform_is_told_whose_a_list_is_and_offered_its_unit_alone(
    platform, officer, neighbour_officer, clerk, signed_in, assert_queries
):
    """代录 (ZX-22): the unit stands there already; another is refused in a sentence that names the right one."""
    client = signed_in(platform)
    client.get("/spreadsheets/")
    with assert_queries(11):
        listed = client.get("/spreadsheets/").content.decode()
    row = next(row for row in listed.split("<tr>") if "households.roll:CL01/" in row)
    assert '<td data-label="数据单位">县残联</td>' in row
    found = client.get("/spreadsheets/?q=县残联").content.decode()
    assert "households.roll:CL01/" in found
    assert "households.roll:MZ01/" not in found
    assert "数据单位" not in signed_in(officer).get("/spreadsheets/").content.decode()
    client, address = signed_in(platform), "/spreadsheets/templates/households.roll:CL01/new/"
    form = client.get(address).context["form"]
    assert list(form.fields["unit"].queryset) == [officer.unit]
    assert form["unit"].value() == officer.unit_id
    given = {"file": SimpleUploadedFile("名册.csv", b"x"), "as_of": "2026-08-31", "unit": neighbour_officer.unit_id}
    assert "不由所选单位报送。请选择县残联。" in client.post(address, given).content.decode()
    township = client.get("/spreadsheets/templates/households.people:register/new/").context["form"]["unit"]
    assert township.value() is None
    assert {clerk.unit, platform.unit} <= set(township.field.queryset)
