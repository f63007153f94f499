"""What a unit says of its headings: asked for, remembered for its next files, said again, forgotten."""

import dataclasses

import pytest
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from spreadsheets import declaration, headings, transitions
from spreadsheets.forms import MappingForm, field_of
from spreadsheets.models import Batch, Mapping, Upload
from spreadsheets.preview import BatchPage
from spreadsheets.transitions import handing_in as handing_in_verbs
from tests.spreadsheets import people
from tests.spreadsheets.factories import HEADS, line, read, run

pytestmark = pytest.mark.django_db
S = Batch.Status


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    monkeypatch.setattr(declaration, "_doors", dict(declaration._doors))
    return people.register()


def test_a_file_with_other_headings_is_mapped_once(clerk):
    heads = ["名字", "身份证", *HEADS[2:]]
    batch = read([line("虚构乙")], by=clerk, heads=heads)
    assert batch.status == S.REFUSED
    assert "缺少必填的列" in batch.refusal
    assert "name" in batch.columns["missing"]
    assert BatchPage(batch, clerk).may_map
    short = read([["虚构乙"]], by=clerk, heads=HEADS[:1])
    assert (short.status, BatchPage(short, clerk).may_map) == (S.REFUSED, False), "there is no heading left to choose"
    assert not Upload.objects.filter(pk=short.pk).exists()
    assert Upload.objects.filter(pk=batch.pk).exists()
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name", "身份证": "id_number"}, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.counts["new"]) == (S.READY, 1)
    assert Mapping.objects.get(unit=clerk.unit).headings == {"名字": "name", "身份证": "id_number"}
    assert read([line("虚构丙")], by=clerk, heads=heads).status == S.READY, "the unit's next file is read the same way"


def test_headings_that_were_mapped_wrongly_are_asked_for_again(clerk):
    batch = read([line("虚构乙")[:-1]], by=clerk, heads=["名字", "身份证", *HEADS[2:-1]])
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name", "身份证": "note"}, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.columns["missing"]) == (S.REFUSED, ["id_number"])
    assert BatchPage(batch, clerk).may_map
    assert batch.columns["unknown"] == ["名字", "身份证"]
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name", "身份证": "id_number"}, by=clerk)
    run()
    batch.refresh_from_db()
    assert batch.status == S.READY


def test_what_was_said_of_a_heading_stands_while_others_are_asked_about(clerk):
    batch = read([line("虚构乙")], by=clerk, heads=["名字", *HEADS[1:]])
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name"}, by=clerk)
    run()
    batch = read([[*line("虚构丙"), "不是备注"]], by=clerk, heads=["名字", *HEADS[1:], "备注（内部）"])
    assert (batch.status, "“备注”、“备注（内部）”这几列都可能是“备注”" in batch.refusal, batch.columns["missing"]) == (S.REFUSED, True, [])
    assert BatchPage(batch, clerk).may_map
    transitions.set_mapping(batch_id=batch.pk, headings={"备注": "note", "备注（内部）": ""}, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.columns["unknown"]) == (S.READY, ["备注（内部）"])
    assert Mapping.objects.get(unit=clerk.unit).headings == {"名字": "name", "备注": "note"}


def test_what_was_said_wrongly_of_a_heading_is_said_again_before_the_entry(clerk, clock):
    """The file is kept while what the unit said is believed, and read anew; then it goes, with the night after the entry."""
    batch = read([[*line("虚构乙", note="旧"), "新"]], by=clerk, heads=[*HEADS, "备注（内部）"])
    transitions.set_mapping(batch_id=batch.pk, headings={"备注": "", "备注（内部）": "note"}, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.columns["remembered"], batch.columns["unknown"]) == (S.READY, ["备注（内部）"], ["备注"])
    page = BatchPage(batch, clerk)
    assert (page.believed, page.may_map) == ("“备注（内部）”作为“备注”", True)
    assert batch.staged.get().cells["note"] == "新"
    transitions.set_mapping(batch_id=batch.pk, headings={"备注": "note", "备注（内部）": ""}, by=clerk)
    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.staged.count()) == (S.READING, 0, 0)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.staged.get().cells["note"]) == (S.READY, 1, "旧")
    assert Mapping.objects.get(unit=clerk.unit).headings == {"备注": "note"}
    transitions.tidy()
    assert Upload.objects.filter(pk=batch.pk).exists()
    transitions.propose(batch_id=batch.pk, by=clerk)
    with pytest.raises(TransitionError, match="不能再做这一步"):
        transitions.set_mapping(batch_id=batch.pk, headings={"备注": "", "备注（内部）": "note"}, by=clerk)
    run()
    transitions.tidy()
    assert not Upload.objects.exists()


def test_a_heading_that_the_templates_own_words_took_is_answered_otherwise(clerk):
    """Its octets went with its reading: what is said is remembered, and the file is handed in again, and read by it."""
    heads = [*HEADS, "实发"]
    rows = [[*line("虚构乙", amount="100", note="旧"), "560"]]
    batch = read(rows, by=clerk, heads=heads)
    page = BatchPage(batch, clerk)
    assert (batch.status, page.may_map, page.keeps_file, page.believed) == (S.READY, True, False, "")
    form = MappingForm(batch=batch, template=batch.declared)
    assert (form.headings[0], form.fields[field_of("实发")].initial) == ("实发", ""), "what nothing is known of stands first"
    asked = form.fields[field_of("月保障金额")]
    assert (asked.label, asked.initial) == ("文件中的“月保障金额”（按表头识别的）", "amount")
    with pytest.raises(TransitionError, match="没有改动任何一列"):
        transitions.set_mapping(batch_id=batch.pk, headings={"实发": "", "月保障金额": "amount"}, by=clerk)
    transitions.set_mapping(batch_id=batch.pk, headings={"月保障金额": "", "备注": "", "实发": ""}, by=clerk)
    batch.refresh_from_db()
    assert (batch.status, batch.rows, batch.staged.count(), batch.columns) == (S.REFUSED, 0, 0, {})
    assert ("请重新上传这个文件" in batch.refusal, BatchPage(batch, clerk).may_map) == (True, False)
    assert Mapping.objects.get().headings == {"月保障金额": "", "备注": ""}, "of what is no column by itself nothing need be kept"
    assert sorted(Mapping.objects.get().said) == [("备注", "不使用的列"), ("月保障金额", "不使用的列")]
    again = read(rows, by=clerk, heads=heads)
    page = BatchPage(again, clerk)
    assert (again.status, "amount" in again.staged.get().cells, page.keeps_file) == (S.READY, False, True)
    assert page.believed == "“月保障金额”作为“不使用的列”，“备注”作为“不使用的列”"
    transitions.set_mapping(batch_id=again.pk, headings={"月保障金额": "note", "实发": "amount"}, by=clerk)
    run()
    again.refresh_from_db()
    assert (again.status, {key: again.staged.get().cells[key] for key in ("note", "amount")}) == (
        S.READY,
        {"note": "100", "amount": "560.00"},
    )
    assert Mapping.objects.get().headings == {"月保障金额": "note", "备注": "", "实发": "amount"}


def test_what_the_words_took_of_a_file_that_was_not_read_is_asked_too(clerk):
    """A column that is wanting may be there under another's heading; and of two for one, he says which it is not."""
    batch = read([["乡镇干部", *line("虚构乙")]], by=clerk, heads=["姓名", "名字", "识别码", *HEADS[2:]])
    assert (batch.status, batch.columns["missing"]) == (S.REFUSED, ["id_number"])
    form = MappingForm(batch=batch, template=batch.declared)
    assert form.headings[:3] == ["名字", "识别码", "姓名"]
    chosen = {name: field.initial for name, field in form.fields.items()} | {field_of("名字"): "name", field_of("识别码"): "id_number"}
    twice = MappingForm(chosen, batch=batch, template=batch.declared)
    assert twice.errors[field_of("姓名")] == ["“名字”也选了“姓名”。只能留一列，另一列请改选别的列或“不使用”。"]
    form = MappingForm(chosen | {field_of("姓名"): "", field_of("一列已经没有的"): "note"}, batch=batch, template=batch.declared)
    assert form.is_valid()
    assert form.said() == {"名字": "name", "识别码": "id_number", "姓名": ""}
    transitions.set_mapping(batch_id=batch.pk, headings=form.said(), by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.staged.get().name) == (S.READY, "虚构乙")
    assert Mapping.objects.get().headings == {"名字": "name", "识别码": "id_number"}


def test_a_file_that_is_read_anew_is_compared_as_one_that_was_never_read(clerk):
    """Whom the register lacks is no one whose number was corrected since: the number of a row just read is sealed once it is compared."""
    own = {"template": people.KEPT.key, "heads": ["名字", *HEADS[1:]]}
    batch = read([line("虚构乙"), line("虚构丙")], by=clerk, **own)
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name"}, by=clerk)
    run()
    for _ in range(2):
        batch.refresh_from_db()
        assert (batch.status, batch.columns["remembered"], batch.counts["new"]) == (S.READY, ["名字"], 2)
        assert [row.problems for row in batch.staged.all()] == [[], []]
        transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name"}, by=clerk)
        run()


def test_what_was_said_of_a_heading_is_forgotten_by_its_unit_or_the_platform(clerk, neighbour_clerk, platform):
    batch = read([line("虚构乙")], by=clerk, heads=["名字", "身份证", *HEADS[2:]])
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name", "身份证": "id_number"}, by=clerk)
    mapping = Mapping.objects.get()
    assert mapping.said == [("名字", "姓名"), ("身份证", "证件号码")]
    with pytest.raises(Http404):
        transitions.forget_heading(mapping_id=mapping.pk, heading="名字", by=neighbour_clerk)
    transitions.forget_heading(mapping_id=mapping.pk, heading="名字", by=platform)
    assert Mapping.objects.get().headings == {"身份证": "id_number"}
    told = Event.objects.get(verb="mapping.forgotten")
    assert (told.old, told.by_id) == ("“名字”→姓名", platform.pk)
    with pytest.raises(AlreadyHandled, match="刚刚由他人改过"):
        transitions.forget_heading(mapping_id=mapping.pk, heading="名字", by=clerk)
    transitions.forget_heading(mapping_id=mapping.pk, heading="身份证", by=clerk)
    assert not Mapping.objects.exists()
    assert read([line("虚构丙")], by=clerk, heads=["名字", "身份证", *HEADS[2:]]).status == S.REFUSED


@pytest.mark.parametrize("is_sensitive", [True, False])
def test_whose_headings_were_forgotten_is_told_as_whose_file_came(clerk, monkeypatch, is_sensitive):
    monkeypatch.setattr(people, "ADDED", dataclasses.replace(people.ADDED, sensitive=is_sensitive))
    mapping = Mapping.objects.create(
        unit=clerk.unit, template=people.ADDED.key, headings={"名字": "name"}, set_at=house_clock.now(), set_by=clerk
    )
    transitions.forget_heading(mapping_id=mapping.pk, heading="名字", by=clerk)
    assert Event.objects.get(verb="mapping.forgotten").is_confidential is is_sensitive


def test_of_two_who_forget_the_last_heading_the_second_is_told_so(clerk, platform, monkeypatch):
    batch = read([line("虚构乙")], by=clerk, heads=["名字", *HEADS[1:]])
    transitions.set_mapping(batch_id=batch.pk, headings={"名字": "name"}, by=clerk)
    mapping, lock = Mapping.objects.get(), handing_in_verbs.lock

    def late(row):
        monkeypatch.setattr(handing_in_verbs, "lock", lock)
        transitions.forget_heading(mapping_id=mapping.pk, heading="名字", by=platform)
        return lock(row)

    monkeypatch.setattr(handing_in_verbs, "lock", late)
    with pytest.raises(AlreadyHandled, match="刚刚由他人改过"):
        transitions.forget_heading(mapping_id=mapping.pk, heading="名字", by=clerk)


@pytest.mark.parametrize("length", [70, 200])
def test_a_heading_however_long_is_known_again_by_what_was_said_of_it(clerk, length):
    heads = [f"本人（{'须与身份证件一致、' * 30}"[:length], *HEADS[1:]]
    batch = read([line("虚构乙")], by=clerk, heads=heads)
    assert (batch.status, batch.columns["missing"], len(batch.columns["unknown"])) == (S.REFUSED, ["name"], 1)
    transitions.set_mapping(batch_id=batch.pk, headings={batch.columns["unknown"][0]: "name"}, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.staged.get().name) == (S.READY, "虚构乙")
    assert read([line("虚构丙")], by=clerk, heads=heads).status == S.READY


def test_what_was_said_of_two_long_headings_of_one_word_tells_them_apart(clerk):
    """Without its brackets each is the template's own word; what stands in them is longer than what is remembered."""
    both = [f"金额（{word}按文件规定的口径填报{'、不含上年结转和补发' * 11}）" for word in ("本月", "补贴")]
    heads = [each for each in HEADS if each not in {"月保障金额", "备注"}]
    kept = [place for place, each in enumerate(HEADS) if each in heads]

    def rows(name):
        return [[*(line(name)[place] for place in kept), "560.50", "120"]]

    batch = read(rows("虚构乙"), by=clerk, heads=[*heads, *both])
    assert (batch.status, "这几列都可能是“月保障金额”" in batch.refusal) == (S.REFUSED, True)
    first, second = batch.columns["unknown"]
    transitions.set_mapping(batch_id=batch.pk, headings={first: "amount", second: "note"}, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.refusal) == (S.READY, "")
    cells = batch.staged.get().cells
    assert (cells["amount"], cells["note"]) == ("560.50", "120")
    assert read(rows("虚构丙"), by=clerk, heads=[*heads, *both]).status == S.READY


def test_what_was_said_of_a_long_heading_stands_before_the_templates_own_word():
    """Also where its bracket closes: the unit's words first, however long the heading is; "" among them."""
    long = f"备注（{'按年度汇总的核定数填报，' * 10}）"
    assert headings.meant(long, headings.known(people.ADDED, {})) == "note"
    assert headings.meant(long, headings.known(people.ADDED, {headings.shown(long): "amount"})) == "amount"
    assert headings.meant(long, headings.known(people.ADDED, {headings.shown(long): ""})) == ""


def test_a_head_is_found_by_long_headings_that_the_unit_explained(clerk):
    first, second = (f"{word}（{'须与身份证件一致、' * 20}" for word in ("本人", "本人号码"))
    said = {headings.shown(first): "name", headings.shown(second): "id_number"}
    Mapping.objects.create(unit=clerk.unit, template=people.ADDED.key, headings=said, set_at=house_clock.now(), set_by=clerk)
    batch = read([line("虚构乙")[:2]], by=clerk, heads=[first, second])
    assert (batch.status, batch.staged.get().name) == (S.READY, "虚构乙")


def test_a_long_heading_that_the_template_explains_is_not_said_to_be_remembered(clerk):
    """Something else was said by the unit once; the page asks nobody whether what the template says is right, and the file is not kept."""
    Mapping.objects.create(unit=clerk.unit, template=people.ADDED.key, headings={"名字": "name"}, set_at=house_clock.now(), set_by=clerk)
    long = f"证件号码（{'与居民身份证一致、' * 12}）"
    batch = read([line("虚构乙")], by=clerk, heads=[HEADS[0], long, *HEADS[2:]])
    assert (batch.status, batch.columns["found"][headings.shown(long)], batch.columns["remembered"]) == (S.READY, "id_number", [])
    assert not Upload.objects.filter(pk=batch.pk).exists()
    assert BatchPage(batch, clerk).believed == ""
    batch = read([line("虚构丙")], by=clerk, heads=["名字", long, *HEADS[2:]])
    assert batch.columns["remembered"] == ["名字"]
