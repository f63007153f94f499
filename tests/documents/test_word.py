"""Word papers: what a template may be and may say, and what is put into it."""

import io
import zipfile

import pytest
from docx import Document

from documents.papers import PAPERS, as_data
from documents.word import TemplateRefused, examine, render
from documents.word.layout import written

from . import words

KINDS = list(PAPERS)
NUMBER = "忠民不准〔2026〕500233001-00001号"


def refused(octets, kind="refusal_notice"):
    with pytest.raises(TemplateRefused) as refusal:
        examine(kind, octets)
    return str(refusal.value)


def rendered(octets, kind="refusal_notice", **changed):
    return words.read(render(kind, octets, {**as_data(PAPERS[kind].sample()), **changed}, number=NUMBER))


# ── what is delivered ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", KINDS)
def test_delivered_template_says_all_of_its_paper(kind):
    examine(kind, words.delivered(kind))
    text = rendered(words.delivered(kind), kind)
    assert NUMBER in text
    assert "{" not in text
    said = as_data(PAPERS[kind].sample())
    left_out = {said.get("progress_url")} | ({said["id_masked"], said["office"]} if kind == "guide_card" else set())
    if kind == "ruling":  # addressed to a unit: no resident complains by it
        left_out.add(said["complaint_phone"])
    assert {text_of for text_of in texts_of(said) if text_of not in text} <= left_out


def texts_of(value):
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [text for part in parts for text in texts_of(part)]


@pytest.mark.parametrize("kind", KINDS)
def test_samples_fill_every_field(kind):
    """The fields a template may name are those of the sample: an empty list would hide the fields of its rows."""
    of_units = {"id_masked", "first_responder", "application_number"}  # papers from unit to unit name no applicant
    left_out = {
        "guide_card": {"query_code"}, "decision_notice": {"ends"}, "ruling": of_units - {"application_number"},
        "supervision_order": of_units, "written_reminder": of_units,
    }.get(kind, set())  # fmt: skip
    empty = {name for name, value in as_data(PAPERS[kind].sample()).items() if not value}
    assert empty <= left_out


@pytest.mark.parametrize("kind", KINDS)
def test_committed_file_is_what_the_texts_make(kind):
    from documents.reference import TEMPLATES

    assert (TEMPLATES / f"{kind}.docx").read_bytes() == words.delivered(kind), "run manage.py build_document_templates"


@pytest.mark.parametrize(("kind", "number"), [("guide_card", 1), ("acceptance_notice", 1), ("refusal_notice", 0)])
def test_code_stands_where_there_is_an_address(kind, number):
    data = as_data(PAPERS[kind].sample())
    assert words.pictures(render(kind, words.delivered(kind), data, number=NUMBER)) == number
    assert words.pictures(render(kind, words.delivered(kind), {**data, "progress_url": ""}, number=NUMBER)) == 0


# ── what is put in ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["<b>张</b>&nbsp;", "{{ office }}", "{% for x in y %}", "张\u202e三", "王\n五", 'O\'Brien & "Söhne"'])
def test_what_a_person_typed_stays_text(name):
    text = rendered(words.delivered(), addressee=name)
    assert name in text


def test_snapshot_without_a_later_key_still_prints():
    data = as_data(PAPERS["refusal_notice"].sample())
    del data["other_help"], data["explanation"]
    text = words.read(render("refusal_notice", words.delivered(), data, number=NUMBER))
    assert "还可以考虑" not in text
    assert "具体情况" not in text


def test_lines_of_a_list_stay_as_they_are_typed():
    octets = written([("part", "县民政局"), ("entry", "1. {{ office }}\x0b\x01 & <b>甲\n乙")], title="规则", is_numbered=True)
    assert words.read(octets).strip() == "县民政局\n1. {{ office }} & <b>甲\n乙"
    document = Document(io.BytesIO(octets))
    assert [paragraph.style.name for paragraph in document.paragraphs] == ["Heading 1", "Normal"]
    assert 'w:instr="PAGE"' in document.sections[0].footer._element.xml


# ── what a template may say ─────────────────────────────────────────────────────────────────────────────────────────
def test_template_of_the_countys_own():
    own = words.saying(
        "{{ addressee }}同志：", "{%p if explanation %}", "经查：{{ explanation }}", "{%p else %}", "无", "{%p endif %}",
        "{%p for line in other_help %}", "{{ loop.index }}. {{ line }}", "{%p endfor %}", "{{ other_help|join('、') }}",
        header="{{ office }}",
    )  # fmt: skip
    examine("refusal_notice", own)
    text = rendered(own)
    assert "张样例同志：" in text
    assert "1. 可申请低保边缘家庭认定" in text
    assert text.startswith("忠县忠州街道综合救助窗口")


def test_rows_of_a_table():
    rows = [["项目", "电话"], ["{%tr for item in items %}", ""], ["{{ item.program }}", "{{ item.phone }}"], ["{%tr endfor %}", ""]]
    own = words.saying(table=rows)
    examine("guide_card", own)
    assert "临时救助\n023-00000002" in rendered(own, "guide_card")


@pytest.mark.parametrize(
    ("paragraphs", "named"),
    [
        (["{{ adressee }}"], "adressee"),
        (["{{ nobody }} {{ nothing }}"], "nobody、nothing"),
        (["{%p for item in items %}", "{{ item.telephone }}", "{%p endfor %}"], "item.telephone"),
        (["{%p for letter in program %}", "{{ letter }}", "{%p endfor %}"], "for program"),
        (["{{ item.program }}"], "item.program"),
        (["{% if secret %}x{% endif %}"], "secret"),
    ],
)
def test_unknown_field_is_named(paragraphs, named):
    kind = "guide_card" if "items" in "".join(paragraphs) else "refusal_notice"
    assert f"：{named}。请对照字段清单" in refused(words.saying(*paragraphs), kind)


def test_unknown_field_in_a_header_is_named():
    assert "boss" in refused(words.saying("正文", header="{{ boss }}"))


@pytest.mark.parametrize(
    "text",
    [
        "{{ addressee.__class__.__mro__ }}",
        "{{ addressee['__class__'] }}",
        "{{ ''.__class__ }}",
        "{{ addressee.format(1) }}",
        "{{ addressee|attr('__class__') }}",
        "{{ addressee|upper }}",
        "{{ other_help|join(addressee) }}",
        "{{ self }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ addressee ~ office }}",
        "{{ addressee if office else reason }}",
        "{{ [1, 2] }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% macro x() %}{% endmacro %}",
        "{% if addressee is defined %}x{% endif %}",
        "{% for x in other_help recursive %}{% endfor %}",
        "{% for x in other_help if x %}{% endfor %}",
        "{% filter upper %}x{% endfilter %}",
        "{% with x = 1 %}{% endwith %}",
        "{% raw %}x{% endraw %}{{ loop }}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% autoescape false %}{{ addressee }}{% endautoescape %}",
    ],
)
def test_template_is_no_program(text):
    assert "请" in refused(words.saying(text))


@pytest.mark.parametrize(
    "text", ["{{ addressee", "{% if addressee %}x", "{% endif %}", "{{ }}", "{% for %}", "{{ addressee }} {% nonsense %}"]
)
def test_broken_writing_is_told(text):
    assert "写法有误" in refused(words.saying(text)) or "打不开" in refused(words.saying(text))


def test_loop_that_tears_the_markup_is_refused():
    torn = words.saying("{% for line in other_help %}", "{{ line }}", "中间", table=[["{% endfor %}", "x"]])
    assert "打不开" in refused(torn)


# ── the file around it ──────────────────────────────────────────────────────────────────────────────────────────────
def with_field(instruction):
    run = f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r></w:p>'.encode()
    return words.changed(words.delivered(), change={"word/document.xml": lambda xml: xml.replace(b"<w:body>", b"<w:body>" + run)})


_LINK = b'<Relationship Id="rX" Type="http://x/attachedTemplate" Target="http://192.0.2.1/x.dotm" TargetMode="External"/></Relationships>'


@pytest.mark.parametrize(
    ("octets", "words_of_it"),
    [
        (b"", "空的"),
        (b"x" * (2 * 1024 * 1024 + 1), "超过2 MB"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "旧的 .doc"),
        (b"%PDF-1.4", "不是Word文件"),
        (words.delivered()[:-400], "不是Word文件"),
        (words.changed(words.delivered(), add={"word/vbaProject.bin": b"x"}), "宏"),
        (words.changed(words.delivered(), add={"word/activeX/activeX1.xml": b"<x/>"}), "控件"),
        (words.changed(words.delivered(), add={"word/embeddings/oleObject1.bin": b"x"}), "嵌入"),
        (
            words.changed(
                words.delivered(),
                change={"[Content_Types].xml": lambda xml: xml.replace(
                    b"openxmlformats-officedocument.wordprocessingml.document.main", b"ms-word.document.macroEnabled.main")},
            ),
            "带宏",
        ),
        (words.changed(words.delivered(), change={"[Content_Types].xml": lambda xml: b"<Types/>"}), "不是Word文件"),
        (
            words.changed(words.delivered(), change={"word/_rels/document.xml.rels": lambda xml: xml.replace(b"</Relationships>", _LINK)}),
            "外部网址",
        ),
        (words.changed(words.delivered(), change={"word/document.xml": lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml}), "异常"),
        (words.changed(words.delivered(), change={"word/document.xml": lambda xml: xml.decode().encode("utf-16")}), "异常"),
        (words.changed(words.delivered(), change={"word/document.xml": lambda xml: xml[:-60]}), "打不开"),
        (words.changed(words.delivered(), add={"word/media/big.xml": b" " * (21 * 1024 * 1024)}), "过大"),
        (words.changed(words.delivered(), add={f"word/{n}.txt": b"" for n in range(301)}), "过大"),
        (words.changed(words.delivered(), packing=zipfile.ZIP_LZMA), "密码"),
        (with_field("DDEAUTO c:\\\\windows\\\\cmd.exe"), "读取其他文件"),
        (with_field("INCLUDETEXT http://192.0.2.1/x"), "读取其他文件"),
    ],
)  # fmt: skip
def test_file_that_could_act_is_refused(octets, words_of_it):
    assert words_of_it in refused(octets)


def test_harmless_field_stays():
    examine("refusal_notice", with_field("PAGE"))
