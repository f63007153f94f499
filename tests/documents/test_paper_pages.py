"""Papers to print and as Word files, always from their snapshot; templates and texts by their pages."""

import html
from dataclasses import replace
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import gates, transitions
from documents.field_list import field_list
from documents.markup import blocks
from documents.models import DocumentTemplate, FormVersion
from documents.papers import PAPERS, GuideCard, as_data

from . import words
from .test_issue import issue

pytestmark = pytest.mark.django_db
KIND = "refusal_notice"


@pytest.fixture(autouse=True)
def _readable(monkeypatch):
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: str(post.unit_id) == pk)


def page_of(client, name, **kwargs):
    return client.get(reverse(f"documents:{name}", kwargs=kwargs))


def texts_of(value):
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [text for part in parts for text in texts_of(part)]


OPTIONAL = (
    "notes", "query_code", "progress_url", "received", "exempt", "later", "explanation", "basis", "turn_to", "other_help", "covered",
    "amount",
    "payment", "obligations", "application_number", "id_masked", "office_phone", "office_address", "first_responder", "complaint_phone",
)  # fmt: skip


# ── papers ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", PAPERS)
def test_page_says_all_of_its_paper(signed_in, clerk, kind):
    paper = issue(clerk, kind)
    response = page_of(signed_in(clerk), "issued_print", pk=paper.pk)
    text = html.unescape(response.content.decode())
    said = as_data(PAPERS[kind].sample())
    left_out = {said.get("progress_url")} | ({said["id_masked"], said["office"]} if kind == "guide_card" else set())
    assert {words for words in texts_of(said) if words not in text} <= left_out
    assert paper.number in text
    # the card has words of its own, and a unit's number is no window's
    assert ("窗口电话：" in text) is (kind not in {"guide_card", "ruling", "supervision_order", "written_reminder"})
    assert ('src="data:image/svg+xml' in text) is bool(said.get("progress_url"))


@pytest.mark.parametrize("kind", PAPERS)
def test_empty_lines_are_left_out(signed_in, clerk, kind):
    """What a paper may do without leaves no lead without words behind."""
    sample = PAPERS[kind].sample()
    optional = {name: type(value)() for name in OPTIONAL if (value := getattr(sample, name, None)) is not None}
    paper = issue(clerk, kind, data=replace(sample, **optional))
    client = signed_in(clerk)
    text = html.unescape(page_of(client, "issued_print", pk=paper.pk).content.decode())
    for lead in (
        "材料：。",
        "依据：。",
        "（申请编号）",
        "（证件号码）",
        "电话：　",
        "还可以考虑：",
        "请您注意：",
        "首问责任人：　",
        "查询码",
    ):
        assert lead not in text.split("</header>")[-1]
    assert page_of(client, "issued_docx", pk=paper.pk).status_code == 200


def test_hostile_words_are_inert(signed_in, clerk):
    paper = issue(clerk, data=replace(GuideCard.sample(), addressee="<script>alert(1)</script>", notes=["{{ x }}{% y %}"]))
    text = page_of(signed_in(clerk), "issued_print", pk=paper.pk).content.decode()
    assert "&lt;script&gt;alert(1)" in text
    assert "{{ x }}{% y %}" in html.unescape(text)


def test_reprint_is_the_same_paper_whatever_became_of_the_template(signed_in, clerk, platform, platform_approver):
    paper = issue(clerk, KIND)
    client = signed_in(clerk)
    before = page_of(client, "issued_docx", pk=paper.pk)
    own = transitions.upload_template(kind=KIND, octets=words.saying("{{ reason }}"), note="新格式", by=platform)
    transitions.confirm_template(template_id=own.pk, by=platform_approver)
    after = page_of(client, "issued_docx", pk=paper.pk)
    assert words.read(before.content) == words.read(after.content)
    assert unquote(after["Content-Disposition"]) == f"attachment; filename*=utf-8''{paper.title} {paper.number}.docx"
    assert "wordprocessingml" in after["Content-Type"]
    assert words.read(page_of(client, "issued_docx", pk=issue(clerk, KIND).pk).content).strip() == "家庭人均收入高于低保标准"


def test_voided_paper_says_so(signed_in, clerk):
    paper = issue(clerk)
    transitions.void_paper(paper_id=paper.pk, reason="打给了别人", by=clerk)
    text = page_of(signed_in(clerk), "issued_print", pk=paper.pk).content.decode()
    assert "作废：打给了别人" in text
    assert "下载Word" not in text


def test_voided_paper_is_no_word_file_any_more(signed_in, clerk):
    """The file would look valid: nothing on it says 作废."""
    paper = issue(clerk)
    assert page_of(signed_in(clerk), "issued_docx", pk=paper.pk).status_code == 200
    transitions.void_paper(paper_id=paper.pk, reason="打给了别人", by=clerk)
    refused = page_of(signed_in(clerk), "issued_docx", pk=paper.pk)
    assert refused.status_code == 409
    assert "已作废（打给了别人），不能再下载Word" in refused.content.decode()


TERM = ("自2026年9月24日起", "至2036年9月23日")


@pytest.mark.parametrize(
    ("starts", "ends", "line"),
    [(*TERM, "有效期：自2026年9月24日起，至2036年9月23日。"), (TERM[0], "", "有效期：自2026年9月24日起。"), ("", "", "")],
)
def test_a_result_without_an_amount_tells_its_term(signed_in, clerk, starts, ends, line):
    said = replace(PAPERS["decision_notice"].sample(), amount="", starts=starts, ends=ends)
    paper = issue(clerk, "decision_notice", data=said)
    client = signed_in(clerk)
    for text in (
        page_of(client, "issued_print", pk=paper.pk).content.decode(),
        words.read(page_of(client, "issued_docx", pk=paper.pk).content),
    ):
        assert line in text
        assert ("有效期" in text) == bool(line)


def test_an_amount_tells_its_term_once(signed_in, clerk):
    paper = issue(clerk, "decision_notice")
    client = signed_in(clerk)
    for text in (
        page_of(client, "issued_print", pk=paper.pk).content.decode(),
        words.read(page_of(client, "issued_docx", pk=paper.pk).content),
    ):
        assert "自2026年10月起" in text
        assert "有效期" not in text


def test_paper_of_the_neighbour_does_not_exist(signed_in, clerk, neighbour_clerk):
    paper = issue(clerk)
    for name in ("issued_print", "issued_docx"):
        assert page_of(signed_in(neighbour_clerk), name, pk=paper.pk).status_code == 404


def test_paper_without_a_template_is_printed_only(signed_in, clerk, monkeypatch):
    DocumentTemplate.objects.filter(kind="guide_card").update(
        status="retired", retired_at="2026-09-24T02:00Z", retired_by=clerk, retire_reason="试"
    )
    paper = issue(clerk)
    client = signed_in(clerk)
    assert "下载Word" not in page_of(client, "issued_print", pk=paper.pk).content.decode()
    assert page_of(client, "issued_docx", pk=paper.pk).status_code == 409


@pytest.mark.parametrize(("programs", "density"), [(1, "roomy"), (2, "roomy"), (3, "crowded"), (4, "full"), (8, "full")])
def test_card_grows_smaller_with_what_stands_on_it(signed_in, clerk, programs, density):
    sample = GuideCard.sample()
    paper = issue(clerk, data=replace(sample, items=[sample.items[0]] * programs))
    assert f"guide-card-{density}" in page_of(signed_in(clerk), "issued_print", pk=paper.pk).content.decode()


# ── templates ───────────────────────────────────────────────────────────────────────────────────────────────────────
def upload_by_page(client, octets, note="按县局格式"):
    url = reverse("documents:template_detail", kwargs={"kind": KIND})
    return client.post(url, {"file": SimpleUploadedFile("own.docx", octets), "note": note})


def test_platform_replaces_a_template(signed_in, platform, platform_approver):
    client = signed_in(platform)
    assert "平台自带" in page_of(client, "template_list").content.decode()
    response = upload_by_page(client, words.saying("{{ addressee }}", "{{ reason }}"))
    assert response.status_code == 302
    own = DocumentTemplate.objects.get(status="proposed")
    assert "确认使用" not in client.get(response["Location"]).content.decode()
    approving = signed_in(platform_approver)
    assert "确认使用" in approving.get(response["Location"]).content.decode()
    assert words.read(page_of(approving, "template_sample", pk=own.pk).content).startswith("\n张样例")
    assert page_of(approving, "template_download", pk=own.pk).content == bytes(own.content)
    approving.post(reverse("documents:template_confirm", kwargs={"pk": own.pk}))
    assert DocumentTemplate.objects.in_force(KIND) == own
    again = approving.post(reverse("documents:template_restore", kwargs={"kind": KIND}), {"reason": "格式有误"})
    assert again.status_code == 302
    assert DocumentTemplate.objects.in_force(KIND).is_default


def test_refused_template_comes_back_with_its_unknown_fields_and_the_note(signed_in, platform):
    response = upload_by_page(signed_in(platform), words.saying("{{ adressee }}"), note="改了抬头")
    assert response.status_code == 422
    text = response.content.decode()
    assert "adressee。请对照字段清单" in text
    assert "改了抬头" in text
    assert not DocumentTemplate.objects.filter(status="proposed").exists()


def test_no_file_no_reason(signed_in, platform, platform_approver):
    assert upload_by_page(signed_in(platform), b"").status_code == 422
    own = transitions.upload_template(kind=KIND, octets=words.saying("{{ reason }}"), note="x", by=platform)
    for url in (
        reverse("documents:template_turn_down", kwargs={"pk": own.pk}),
        reverse("documents:template_restore", kwargs={"kind": KIND}),
    ):
        assert signed_in(platform_approver).post(url, {"reason": "  "}).status_code == 422
    transitions.turn_down_template(template_id=own.pk, reason="x", by=platform_approver)
    late = signed_in(platform_approver).post(reverse("documents:template_turn_down", kwargs={"pk": own.pk}), {"reason": "抬头不对"})
    assert late.status_code == 409
    for shown in (platform_approver.label, "抬头不对"):
        assert shown in late.content.decode()


@pytest.mark.parametrize("kind", PAPERS)
def test_field_list_names_every_field(kind):
    written = " ".join(row[0] for row in field_list(kind))
    for name in as_data(PAPERS[kind].sample()):
        assert name in written
    assert all(label and "_" not in label for _, label, _ in field_list(kind))


def test_list_pages_cost_the_same_however_long(signed_in, platform, platform_approver, assert_queries):
    client = signed_in(platform)
    page_of(client, "template_list")
    with assert_queries(QUERIES_OF_LIST):
        page_of(client, "template_list")
    for _ in range(3):
        own = transitions.upload_template(kind=KIND, octets=words.saying("{{ reason }}"), note="x", by=platform)
        transitions.turn_down_template(template_id=own.pk, reason="x", by=platform_approver)
    with assert_queries(QUERIES_OF_LIST):
        page_of(client, "template_list")


QUERIES_OF_LIST = 5


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_text_is_printed_with_its_blanks(signed_in, clerk):
    form = FormVersion.objects.published().get(key="authorisation")
    text = page_of(signed_in(clerk), "form_print", pk=form.pk).content.decode()
    assert "家庭经济状况核对授权书" in text
    assert "授权人：＿＿＿＿" in text
    assert "# 一" not in text
    assert clerk.unit.name in text


def test_next_version_by_its_pages(signed_in, platform, platform_approver, clerk):
    drafting = signed_in(platform)
    url = reverse("documents:form_draft", kwargs={"key": "promise"})
    assert "本人代表家庭全体成员" in drafting.get(url).content.decode()
    values = {"title": "诚信承诺书", "text": "如实申报。", "origin": "assumed", "source": "县民政局修订"}
    refused = drafting.post(url, {**values, "source": ""})
    assert refused.status_code == 422
    assert "如实申报。" in refused.content.decode()
    assert drafting.post(url, values).status_code == 302
    draft = FormVersion.objects.get(published_at=None)
    publish = reverse("documents:form_publish", kwargs={"pk": draft.pk})
    assert "起草人不能发布自己起草的文本" in drafting.get(publish).content.decode()
    approving = signed_in(platform_approver)
    assert "发布后不能再改" in approving.get(publish).content.decode()
    assert approving.post(publish, {"valid_from": "2026-09-01"}).status_code == 422
    assert approving.post(publish, {"valid_from": "2026-10-01"}).status_code == 302
    listed = page_of(signed_in(clerk), "form_list").content.decode()
    assert "未启用" in listed
    assert "起草下一版" not in listed


def test_blocks_of_a_text():
    assert blocks("# 一、甲\n\n1. 子\n2. 丑\n\n丙\n丁\r\n\r\n# 戊") == [
        ("heading", "一、甲"), ("point", "1. 子"), ("point", "2. 丑"), ("text", "丙"), ("text", "丁"), ("heading", "戊"),
    ]  # fmt: skip


def test_the_way_back_is_the_page_it_was_opened_from(signed_in, clerk):
    paper, client = issue(clerk, "guide_card"), signed_in(clerk)
    address = reverse("documents:issued_print", kwargs={"pk": paper.pk})
    assert ">返回</a>" not in client.get(address).content.decode()
    assert (
        'href="/intake/visits/">返回</a>' in client.get(address, headers={"referer": "http://testserver/intake/visits/"}).content.decode()
    )
    assert ">返回</a>" not in client.get(address, headers={"referer": "https://example.org/intake/"}).content.decode()
