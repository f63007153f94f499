"""Papers in a browser: the card on one sheet, a file opened by its owner's clerk, a template replaced by two people."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from documents import gates, transitions
from documents.models import FormVersion
from documents.papers import PAPERS, GuideCard
from organization.models import Post
from tests.browser.conftest import Visitor
from tests.documents import files, words

Arrive = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def _readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: str(post.unit_id) == pk)


def sheets(visitor: Visitor) -> int:
    return len(PdfReader(io.BytesIO(visitor.page.pdf(format="A4", prefer_css_page_size=True))).pages)


@pytest.mark.parametrize("kind", PAPERS)
def test_paper_is_readable_and_one_sheet(visitor: Visitor, clerk: Post, kind: str):
    paper = transitions.issue(kind=kind, subject=clerk.unit, data=PAPERS[kind].sample(), by=clerk)
    visitor.sign_in_as(clerk).open("documents:issued_print", pk=paper.pk)
    visitor.assert_accessible()
    visitor.picture(f"paper-{kind}")
    assert sheets(visitor) == 1


@pytest.mark.parametrize("programs", [1, 2, 3, 4, 5, 6, 7])
def test_card_stays_on_one_sheet_in_large_type(desktop: Visitor, clerk: Post, programs: int):
    # Given a card for a family with that many programs
    sample = GuideCard.sample()
    data = replace(sample, items=[sample.items[n % 2] for n in range(programs)])
    paper = transitions.issue(kind="guide_card", subject=clerk.unit, data=data, by=clerk)
    # When it is printed
    page = desktop.sign_in_as(clerk).open("documents:issued_print", pk=paper.pk)
    page.emulate_media(media="print")
    # Then it takes one sheet, and its smallest words about what to do are larger than those of a book
    assert sheets(desktop) == 1
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.guide-card-item dd')).fontSize) * 0.75")
    assert round(size, 1) >= 13
    desktop.picture(f"card-{programs}")


@pytest.mark.parametrize("key", FormVersion.Key.values)
def test_text_to_sign_is_readable(visitor: Visitor, clerk: Post, key: str):
    form = FormVersion.objects.published().get(key=key)
    visitor.sign_in_as(clerk).open("documents:form_print", pk=form.pk)
    visitor.assert_accessible()
    visitor.picture(f"form-{key}")
    assert sheets(visitor) <= 2


def test_clerk_opens_a_file(visitor: Visitor, clerk: Post):
    # Given a photograph in the papers of the clerk's unit
    file = files.incoming(files.with_gps(size=(640, 480)))
    attachment = transitions.upload(subject=clerk.unit, kind="id_card", file=file, by=clerk)
    # When the clerk follows the link
    page = visitor.sign_in_as(clerk).open("documents:attachment_open", pk=attachment.pk)
    visitor.assert_accessible()
    visitor.picture("attachment")
    # Then it is shown after a click, upright
    page.get_by_role("button", name="打开查看").click()
    image = page.locator("img")
    expect(image).to_have_js_property("naturalWidth", 480)
    expect(image).to_have_js_property("naturalHeight", 640)


def test_template_is_replaced_by_two_people(arrive: Arrive, platform: Post, platform_approver: Post, tmp_path: Path):
    own = tmp_path / "own.docx"
    # Given a template whose field is spelt wrong
    own.write_bytes(words.saying("{{ adressee }}"))
    visitor = arrive("desktop")
    page = visitor.sign_in_as(platform).open("documents:template_list")
    visitor.assert_accessible()
    visitor.picture("templates")
    page.get_by_role("link", name="不予批准告知书").click()
    page.get_by_label("模板文件").set_input_files(own)
    page.get_by_label("说明").fill("按县局格式")
    page.get_by_role("button", name="上传").click()
    # Then the field is named
    expect(page.get_by_text("adressee。请对照字段清单").first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("template-refused")
    # When it is mended
    own.write_bytes(words.saying("{{ addressee }}", "{{ reason }}"))
    page.get_by_label("模板文件").set_input_files(own)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_text("待县级平台审批岗确认后使用")).to_be_visible()
    # Then a second person confirms it
    second = arrive("phone")
    page = second.sign_in_as(platform_approver).open("documents:template_detail", kind="refusal_notice")
    second.assert_accessible()
    second.picture("template")
    page.get_by_role("button", name="确认使用").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("使用第2版模板")).to_be_visible()


def test_texts_are_listed_and_published(visitor: Visitor, platform: Post, platform_approver: Post):
    text = {"key": "promise", "title": "诚信承诺书", "text": "如实申报。", "origin": "assumed", "source": "县民政局修订"}
    draft = transitions.draft_form(**text, by=platform)
    visitor.sign_in_as(platform_approver).open("documents:form_list")
    visitor.assert_accessible()
    visitor.picture("forms")
    visitor.open("documents:form_draft", key="privacy_notice")
    visitor.assert_accessible()
    visitor.picture("form-draft")
    page = visitor.open("documents:form_publish", pk=draft.pk)
    visitor.assert_accessible()
    visitor.picture("form-publish")
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_text("起启用")).to_be_visible()
