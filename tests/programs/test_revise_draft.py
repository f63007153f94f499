"""A draft of the next version: begun as a copy, changed part by part, each change the county's with its source (issue 5)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.models import Event
from config import clock
from organization.models import Post
from programs import transitions
from programs.differences import differences
from programs.models import FactKind, ProgramVersion
from programs.proof import prove
from programs.screening.language import RuleError
from programs.transitions import AlreadyHandled, TransitionError, drafts
from tests.programs.factories import give_figures

pytestmark = pytest.mark.django_db
SOURCE = "忠残联发〔2026〕9号"
RULE = {
    "language": 1,
    "eligible": {"all": [{"fact": "disability_card", "op": "is", "value": True}, {"fact": "age", "op": "le", "value": "20"}]},
}


@pytest.fixture
def draft(officer: Post) -> ProgramVersion:
    return transitions.begin(code="CL02", note="放宽年级", by=officer)


def said(draft: ProgramVersion, **more: Any) -> dict[str, Any]:
    return {"version_id": draft.pk, "source": SOURCE, "seen_revision": draft.revision, **more}


def stage_rows(draft: ProgramVersion, key: str) -> list[dict[str, Any]]:
    return [{"stage": s.pk, **{name: getattr(s, name) for name in drafts.STAGE}} for s in draft.tracks.get(key=key).stages.all()]


def test_a_draft_begins_as_a_copy_of_the_version_in_force(officer: Post, draft: ProgramVersion):
    before = ProgramVersion.objects.get(program_id="CL02", number=1)
    assert (draft.number, draft.drafted_by, draft.is_open_draft, draft.change_note) == (2, officer, True, "放宽年级")
    old, new = (transitions.content_of_version(version) for version in (before, draft))
    assert (old.fields, old.tracks) == (new.fields, new.tracks)
    assert [row["material"] for row in old.requirements] == [row["material"] for row in new.requirements]
    assert Event.objects.filter(verb="program_version.drafted").latest("id").note == "放宽年级"


def test_one_draft_at_a_time_and_only_ones_own(officer: Post, neighbour_officer: Post, draft: ProgramVersion):
    with pytest.raises(AlreadyHandled, match="残小联"):
        transitions.begin(code="CL02", note="再来", by=officer)
    with pytest.raises(PermissionDenied):
        transitions.begin(code="CL03", note="别人的", by=neighbour_officer)
    with pytest.raises(TransitionError, match="要改什么"):
        transitions.begin(code="CL03", note=" ", by=officer)


def test_words_are_changed_with_the_county_as_origin(officer: Post, draft: ProgramVersion):
    saved = transitions.revise_draft_words(**said(draft, fields={"summary": "新的简介", "place": draft.place}, by=officer))
    assert (saved.summary, saved.revision, saved.revised_by, saved.writers) == ("新的简介", 1, officer, [officer.staff_id])
    assert saved.origins["summary"] == {"origin": "county", "source": SOURCE, "note": ""}
    assert saved.origins["place"] == draft.origins["place"]
    event = Event.objects.filter(verb="program_version.revised").get()
    assert (event.note, event.new, event.post_id) == (SOURCE, "办理规定", officer.pk)
    assert event.data["changes"]["项目简介"] == [draft.summary, "新的简介"]


def test_what_is_saved_unchanged_leaves_no_line(officer: Post, draft: ProgramVersion):
    saved = transitions.revise_draft_words(**said(draft, fields={"summary": draft.summary}, by=officer))
    assert saved.revision == 0
    assert not Event.objects.filter(verb="program_version.revised").exists()


def test_a_change_needs_its_source(officer: Post, draft: ProgramVersion):
    with pytest.raises(TransitionError, match="依据"):
        transitions.revise_draft_words(version_id=draft.pk, fields={"summary": "x"}, source=" ", seen_revision=0, by=officer)


def test_open_months_and_quota(officer: Post, draft: ProgramVersion):
    fields = {"obtained": "open_months", "open_months": [3, 9], "has_quota": True, "quota_per_year": 40}
    saved = transitions.revise_draft_opening(**said(draft, fields=fields, by=officer))
    assert (saved.open_months, saved.quota_per_year) == ([3, 9], 40)
    with pytest.raises(ValidationError, match="受理月份"):
        transitions.revise_draft_opening(**said(saved, fields={"open_months": []}, by=officer))


def test_limits_add_up_or_are_refused(officer: Post, draft: ProgramVersion):
    track = draft.tracks.get(order=1)
    rows = stage_rows(draft, track.key)
    fields = {"whole_limit": track.whole_limit + 3, "extended_limit": track.extended_limit + 3}
    with pytest.raises(TransitionError, match="合计"):
        transitions.revise_draft_track(**said(draft, key=track.key, fields=fields, stages=rows, by=officer))
    rows[-1] = {**rows[-1], "counts_for": rows[-1]["counts_for"] + 3, "limit": rows[-1]["limit"] + 3}
    saved = transitions.revise_draft_track(**said(draft, key=track.key, fields=fields, stages=rows, by=officer))
    changed = saved.tracks.get(order=1)
    assert (changed.whole_limit, changed.origins["whole_limit"]["source"]) == (track.whole_limit + 3, SOURCE)
    last = changed.stages.last()
    assert last is not None
    assert (last.limit, last.origins["limit"]["origin"]) == (rows[-1]["limit"], "county")
    with pytest.raises(TransitionError, match="须有且只有一个“决定”环节"):
        transitions.revise_draft_track(**said(saved, key=track.key, fields={}, stages=[], by=officer))
    with pytest.raises(TransitionError, match="至少要有一个"):
        transitions.revise_draft_track(**said(saved, key=track.key, fields={"is_active": False}, stages=rows, by=officer))


def test_stages_are_added_moved_and_dropped_with_the_route(officer: Post, draft: ProgramVersion):
    """The township's review and publicity go, the window registers; what runs keeps the stages of its version."""
    track, before = draft.tracks.get(order=1), ProgramVersion.objects.get(program_id="CL02", number=1)
    review, publicity, decide = stage_rows(draft, track.key)
    new = {**review, "stage": None, "act": "register", "unit_kind": "township_window", "name": "窗口登记", "limit": 0, "counts_for": 0}
    fields = {"route": "county", "publicity_days": 0, "whole_limit": decide["counts_for"]}
    saved = transitions.revise_draft_track(**said(draft, key=track.key, fields=fields, stages=[new, decide], by=officer))
    first, last = saved.tracks.get(order=1).stages.all()
    assert (first.order, first.act, first.unit_kind, first.origins["act"]["source"]) == (1, "register", "township_window", SOURCE)
    assert (last.pk, last.order) == (decide["stage"], 2)
    changes = Event.objects.filter(verb="program_version.revised").get().data["changes"]
    assert changes[f"1.{review['name']}"] == [f"1 {review['name']}", "不再有"]
    assert {"1.窗口登记（新）", "审批层级", "2.顺序"} <= set(changes)
    assert [stage.act for stage in before.tracks.get(order=1).stages.all()] == ["review", "publicise", "decide"]
    assert any("窗口登记" in change.after or "窗口登记" in change.part for change in differences(before, saved))


def test_papers_are_added_changed_and_dropped(officer: Post, draft: ProgramVersion):
    from programs.models import Material

    first, *rest = draft.requirements.order_by("order")
    used = {row.material_id for row in draft.requirements.all()}
    new = Material.objects.exclude(pk__in=used).first()
    rows: list[dict[str, Any]] = [{"requirement": first.pk, "name": first.name, "need": "required", "condition": "首次申请"}]
    rows.append({"requirement": None, "material": new, "name": "在读证明", "need": "unless_proven", "condition": "", "advice": ""})
    saved = transitions.revise_draft_papers(**said(draft, rows=rows, by=officer))
    kept, added = saved.requirements.order_by("order")
    assert (kept.pk, kept.condition, kept.origins["condition"]["source"]) == (first.pk, "首次申请", SOURCE)
    assert (added.material, added.name, added.origins["need"]["origin"]) == (new, "在读证明", "county")
    changes = Event.objects.filter(verb="program_version.revised").get().data["changes"]
    assert all(changes[row.name][1] == "不再需要" for row in rest)


def test_another_material_in_a_row_is_another_paper(officer: Post, draft: ProgramVersion):
    """Two that change places too; the name left over from the other goes with it."""
    first, second, *_ = draft.requirements.select_related("material").order_by("order")
    row = {"need": "required", "condition": "", "advice": ""}
    rows: list[dict[str, Any]] = [
        {**row, "requirement": first.pk, "material": second.material, "name": first.name},
        {**row, "requirement": second.pk, "material": first.material, "name": "身份证明"},
    ]
    saved = transitions.revise_draft_papers(**said(draft, rows=rows, by=officer))
    assert [(row.material, row.name) for row in saved.requirements.select_related("material").order_by("order")] == [
        (second.material, second.material.name), (first.material, "身份证明"),
    ]  # fmt: skip


def test_the_rule_is_read_before_it_is_kept(officer: Post, draft: ProgramVersion):
    with pytest.raises(RuleError, match="事实目录"):
        transitions.revise_draft_rule(**said(draft, rule={"language": 1, "eligible": {"fact": "luck", "op": "known"}}, by=officer))
    saved = transitions.revise_draft_rule(**said(draft, rule=RULE, by=officer))
    assert (saved.screening_rule, saved.origins["screening_rule"]["origin"]) == (RULE, "county")
    event = Event.objects.filter(verb="program_version.revised").get()
    assert (event.data["old"], event.data["new"]) == (draft.screening_rule, RULE)


def test_the_later_of_two_is_told_who_saved_in_between(officer: Post, department_approver: Post, draft: ProgramVersion):
    transitions.revise_draft_words(**said(draft, fields={"summary": "一"}, by=department_approver))
    with pytest.raises(AlreadyHandled, match=r"残定之.*2026-09-24 10:00.*没有保存"):
        transitions.revise_draft_words(**said(draft, fields={"summary": "二"}, by=officer))
    draft.refresh_from_db()
    assert draft.summary == "一"


def test_whoever_saves_after_the_publication_is_told(officer: Post, department_approver: Post, draft: ProgramVersion):
    transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver)
    for verb in (transitions.revise_draft_words, transitions.revise_draft_opening):
        with pytest.raises(AlreadyHandled, match="已由.*发布"):
            verb(**said(draft, fields={}, by=officer))
    for act in (transitions.discard, transitions.hold):
        with pytest.raises(AlreadyHandled, match="已由.*发布"):
            act(version_id=draft.pk, reason="晚了", by=officer)


def test_another_department_finds_no_draft_and_the_platform_may_write(neighbour_officer: Post, platform: Post, draft: ProgramVersion):
    with pytest.raises(Http404):
        transitions.revise_draft_words(**said(draft, fields={"summary": "x"}, by=neighbour_officer))
    assert transitions.revise_draft_words(**said(draft, fields={"summary": "平台改"}, by=platform)).revised_by == platform


def test_whoever_wrote_in_it_does_not_publish_it(department_approver: Post, platform_approver: Post, draft: ProgramVersion):
    transitions.revise_draft_words(**said(draft, fields={"summary": "一"}, by=department_approver))
    with pytest.raises(ValidationError, match="另一人发布"):
        transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver)
    transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=platform_approver)


def test_a_save_whose_event_fails_did_not_happen(officer: Post, draft: ProgramVersion, monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no record")

    monkeypatch.setattr(drafts, "record", fail)
    with pytest.raises(RuntimeError, match="no record"):
        transitions.revise_draft_rule(**said(draft, rule=RULE, by=officer))
    draft.refresh_from_db()
    assert (draft.revision, draft.screening_rule == RULE) == (0, False)


# ── held, given up, published ───────────────────────────────────────────────────────────────────────────────────────
def test_the_platform_holds_a_draft_and_releases_it(officer: Post, department_approver: Post, platform: Post, draft: ProgramVersion):
    with pytest.raises(PermissionDenied):
        transitions.hold(version_id=draft.pk, reason="自己暂缓", by=officer)
    with pytest.raises(TransitionError, match="原因"):
        transitions.hold(version_id=draft.pk, reason=" ", by=platform)
    held = transitions.hold(version_id=draft.pk, reason="等市里文件", by=platform)
    assert (held.is_held, held.held_by) == (True, platform)
    with pytest.raises(AlreadyHandled, match="等市里文件"):
        transitions.hold(version_id=draft.pk, reason="再来", by=platform)
    with pytest.raises(TransitionError, match="等市里文件"):
        transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver)
    with pytest.raises(TransitionError, match="恢复后再作废"):
        transitions.discard(version_id=draft.pk, reason="另起一份", by=officer)
    transitions.revise_draft_words(**said(draft, fields={"summary": "照样改"}, by=officer))
    transitions.release(version_id=draft.pk, by=platform)
    with pytest.raises(AlreadyHandled, match="没有暂缓"):
        transitions.release(version_id=draft.pk, by=platform)
    assert transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver).is_published
    verbs = list(Event.objects.filter(subject_id=str(draft.pk), verb__startswith="program_version").values_list("verb", flat=True))
    assert {"program_version.held", "program_version.released"} <= set(verbs)


def test_a_draft_given_up_stays_readable_and_makes_room(officer: Post, department_approver: Post, draft: ProgramVersion):
    with pytest.raises(TransitionError, match="原因"):
        transitions.discard(version_id=draft.pk, reason="", by=officer)
    gone = transitions.discard(version_id=draft.pk, reason="政策变了", by=officer)
    assert (gone.is_discarded, gone.discarded_by) == (True, officer)
    for verb in (lambda: transitions.discard(version_id=draft.pk, reason="再", by=officer),
                 lambda: transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver)):  # fmt: skip
        with pytest.raises(AlreadyHandled, match="政策变了"):
            verb()
    assert transitions.begin(code="CL02", note="重来", by=officer).number == 3


def test_what_the_publisher_did_not_see_is_looked_at_again(officer: Post, department_approver: Post, draft: ProgramVersion):
    transitions.revise_draft_words(**said(draft, fields={"summary": "一"}, by=officer))
    with pytest.raises(AlreadyHandled, match="重新核对"):
        transitions.publish(version_id=draft.pk, valid_from=clock.today(), seen_revision=0, by=department_approver)
    transitions.publish(version_id=draft.pk, valid_from=clock.today(), seen_revision=1, by=department_approver)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"all": [{"fact": "age", "op": "ge", "value": "60"}, {"fact": "age", "op": "lt", "value": "60"}]}, "互相矛盾"),
        ({"fact": "age", "op": "ge", "value": {"parameter": "no_such_figure"}}, "没有值"),
    ],
)
def test_a_rule_that_fails_its_check_is_not_published(
    officer: Post, department_approver: Post, draft: ProgramVersion, rule: dict[str, Any], sentence: str
):
    transitions.revise_draft_rule(**said(draft, rule={"language": 1, "eligible": rule}, by=officer))
    with pytest.raises(TransitionError, match=sentence):
        transitions.publish(version_id=draft.pk, valid_from=clock.today(), by=department_approver)


def test_a_figure_that_the_version_before_lacked_too_stops_publishing(civil_officer: Post, civil_approver: Post, platform_approver: Post):
    """Whoever publishes learns who sets it where; of a program that takes nobody it is advice."""
    copy = transitions.begin(code="MZ05", note="照旧", by=civil_officer)
    with pytest.raises(TransitionError, match="“最低生活保障标准”在启用日没有值。请由县级平台审批岗在“参数标准”页设定"):
        transitions.publish(version_id=copy.pk, valid_from=clock.today(), by=civil_approver)
    transitions.pause(code="MZ05", reason="等标准", by=platform_approver)
    proof = prove(ProgramVersion.objects.get(pk=copy.pk), clock.today())
    assert (proof.is_sound, proof.missing, [found.is_error for found in proof.findings]) == (True, ("subsistence_standard",), [False])
    transitions.resume(code="MZ05", by=platform_approver)
    give_figures(copy)
    assert transitions.publish(version_id=copy.pk, valid_from=clock.today(), by=civil_approver).is_published


def test_a_fact_that_became_another_type_since_is_said(officer: Post, draft: ProgramVersion):
    transitions.revise_draft_rule(**said(draft, rule=RULE, by=officer))
    FactKind.objects.filter(pk="disability_card").update(value_type="date", is_list=False)
    [found] = prove(ProgramVersion.objects.get(pk=draft.pk), clock.today()).findings
    assert (found.is_error, found.text) == (True, "“残疾人证有效”不能这样比较。")


def test_prerequisites_in_a_circle_are_not_published(civil_officer: Post, civil_approver: Post):
    first = transitions.begin(code="MZ06", note="加前置", by=civil_officer)
    rule = {**(first.screening_rule or {}), "requires": ["MZ06"]}
    transitions.revise_draft_rule(**said(first, rule=rule, by=civil_officer))
    with pytest.raises(TransitionError, match="前置"):
        transitions.publish(version_id=first.pk, valid_from=clock.today(), by=civil_approver)
