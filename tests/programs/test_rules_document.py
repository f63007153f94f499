"""All rules of the county as a page and as a Word file: one list, one gate, the figures of the day (issue 5)."""

import html
import io
import re
from datetime import date
from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse
from docx import Document
from docx.document import Document as Docx

from config import clock
from organization.models import Post, Region
from organization.transitions.parameters import set_parameter
from programs import transitions
from programs.models import Program
from programs.querysets import ProgramQuerySet
from programs.rules_in_words import rules_in_words
from tests.programs.factories import draft_version

pytestmark = pytest.mark.django_db
Said = dict[str, tuple[list[str], list[str]]]
_ROW = re.compile(r'<td data-label="项目".*?<a href="/programs/(\w+)/">.*?<ul class="conditions">(.*?)</ul>(.*?)</td>', re.DOTALL)


def document_for(client: Any) -> Docx:
    return Document(io.BytesIO(client.get(reverse("programs:rules_document")).content))


def words_of(client: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document_for(client).paragraphs)


def page_of(client: Any, name: str = "rule_list") -> str:
    return html.unescape(client.get(reverse(f"programs:{name}")).content.decode())


def said_on_the_page(page: str) -> Said:
    """By code the conditions and the figures."""
    return {
        code: (re.findall(r"<li>(.*?)</li>", conditions), re.findall(r">参数标准：(.*?)</div>", below))
        for code, conditions, below in _ROW.findall(page)
    }


def said_in_the_document(document: Docx) -> Said:
    found: Said = {}
    lines: tuple[list[str], list[str]] = ([], [])
    for paragraph in document.paragraphs:
        if paragraph.style is not None and paragraph.style.name == "Heading 2":
            lines = found[paragraph.text.partition("　")[0]] = ([], [])
        elif numbered := re.fullmatch(r"(\d+)\. (.*)", paragraph.text):
            lines[0].append(numbered[2])
            assert int(numbered[1]) == len(lines[0])
        elif paragraph.text.startswith("参数标准："):
            lines[1].append(paragraph.text.removeprefix("参数标准："))
    return found


def test_the_document_says_of_every_program_what_the_page_says(signed_in, clerk: Post, assert_queries):
    client = signed_in(clerk)
    page = said_on_the_page(page_of(client))
    with assert_queries(6):
        answer = client.get(reverse("programs:rules_document"))
    document = Document(io.BytesIO(answer.content))
    assert said_in_the_document(document) == page
    assert len(page) == 53
    assert all(conditions for conditions, _ in page.values())
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    groups = rules_in_words(clock.today(), clerk)
    assert headings == [group.department for group in groups]
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for rule in (rule for group in groups for rule in group.rules):
        assert f"{rule.program.code}　{rule.program.seed_name}" in text
        assert rule.mark.word + (f"，{rule.mark.reference}" if rule.mark.reference else "") + "；第1版，" in text
    assert "国发〔2015〕52号；" in text
    assert not re.search(r"（[A-Z]{1,2}-?\d{2}", text)
    assert "2026年9月24日执行" in text
    assert unquote(answer["Content-Disposition"]) == "attachment; filename*=utf-8''社会救助项目筛查规则 2026-09-24.docx"
    assert answer["Cache-Control"] == "private, no-store"
    assert document.core_properties.title == "社会救助项目筛查规则"


def test_figures_are_those_of_the_day_for_the_department_and_for_places(clerk: Post, platform_approver: Post):
    def figures() -> list[str]:
        rules = {rule.program.pk: rule for group in rules_in_words(clock.today(), clerk) for rule in group.rules}
        return [figure for figure in rules["MZ01"].figures if "最低生活保障标准" in figure]

    assert figures() == ["最低生活保障标准：尚未设定"]
    said = {"key": "subsistence_standard", "origin": "county", "source": "忠民发〔2026〕1号", "by": platform_approver}
    later = date(2027, 1, 1)
    set_parameter(value={"urban": 800, "rural": 700}, valid_from=later, **said)
    assert figures() == ["最低生活保障标准：尚未设定"]
    set_parameter(value={"urban": 636, "rural": 515}, valid_from=date(2021, 1, 1), **said)
    set_parameter(value={"urban": 700, "rural": 600}, valid_from=clock.today(), **said)
    place = Region.objects.get(pk=str(clerk.unit.region_id))
    set_parameter(value={"urban": 650, "rural": 520}, valid_from=clock.today(), region=place, **said)
    assert figures() == [
        "最低生活保障标准：城镇700，农村600元/人·月（2026-09-24起）",
        f"最低生活保障标准：城镇650，农村520元/人·月（{place}，2026-09-24起）",
    ]


def test_whoever_may_not_see_a_program_reads_it_nowhere(signed_in, clerk: Post, platform: Post, monkeypatch: pytest.MonkeyPatch):
    """The catalogue is open today; were its gate narrowed, the page, the print and the document would follow it."""
    hidden = set(Program.objects.filter(is_sensitive=True).values_list("seed_name", flat=True))
    readable = ProgramQuerySet.visible_to
    monkeypatch.setattr(
        ProgramQuerySet, "visible_to", lambda rows, post: readable(rows, post).filter(**{} if post == platform else {"is_sensitive": False})
    )
    client, seeing = signed_in(clerk), signed_in(platform)
    for text in (page_of(client), page_of(client, "rule_list_print"), words_of(client)):
        assert not [name for name in hidden if name in text]
        assert "最低生活保障" in text
    for text in (page_of(seeing), page_of(seeing, "rule_list_print"), words_of(seeing)):
        assert len(hidden) == 5
        assert all(name in text for name in hidden)


def test_a_draft_is_in_none_of_them(signed_in, officer: Post, platform: Post):
    """Not even for whoever writes it: the three say what is in force."""
    rule = {"language": 1, "eligible": {"fact": "age", "op": "le", "value": "73"}}
    draft = transitions.begin(code="CL02", note="放宽", by=officer)
    transitions.revise_draft_rule(version_id=draft.pk, rule=rule, source="会议纪要", seen_revision=0, by=officer)
    draft_version("MZ09", by=platform, screening_rule=rule)
    for post in (officer, platform):
        client = signed_in(post)
        for text in (page_of(client), page_of(client, "rule_list_print"), words_of(client)):
            assert "73岁" not in text
            assert "第2版" not in text
