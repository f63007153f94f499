"""Each truth of the catalogue's tables, broken one by one, and the freeze of what is published."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import F

from config import clock
from organization.models import Department, Post
from programs import transitions
from programs.models import FactKind, Material, MaterialRequirement, Program, ProgramVersion, RuleExample, Stage, Track, WholeList
from programs.transitions import propose_list
from tests.cast import member
from tests.programs.factories import draft_version, give_figures, next_version, whole_lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> ProgramVersion:
    """An unpublished version of 临时救助, whose rows may still be broken."""
    version = draft_version("MZ04")
    give_figures(version)
    return version


def breaks(constraint: str, rows: models.QuerySet[Any], **values: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        rows.update(**values)


def program(code: str = "MZ01") -> models.QuerySet[Program]:
    return Program.objects.filter(code=code)


@pytest.mark.parametrize("code", ["mz01", "M001", "MZ1", "MZ0A"])
def test_program_code_is_two_letters_and_two_digits(code: str):
    copy = program().get()
    copy.code, copy.seed_name = code, "另一个"
    with pytest.raises(IntegrityError, match="program_code_is_two_letters_and_two_digits"), transaction.atomic():
        copy.save(force_insert=True)


def test_one_program_per_name_and_department():
    breaks("one_program_per_name_and_department", program(), seed_name="临时救助")


@pytest.mark.parametrize("field", ["kind", "category", "tier", "beneficiary"])
def test_only_a_placeholder_lacks_its_classification(field: str):
    breaks("only_a_placeholder_lacks_its_classification", program(), **{field: ""})


def test_paused_program_says_who_and_why():
    breaks("paused_program_says_who_and_why", program(), paused_at=clock.now())
    breaks("paused_program_says_who_and_why", program(), pause_reason="调整政策")
    breaks("paused_program_says_who_and_why", program(), paused_at=clock.now(), paused_by=Post.objects.the_system())


def test_one_version_per_number(draft: ProgramVersion):
    breaks("one_version_per_number", ProgramVersion.objects.filter(pk=draft.pk), number=1)


def test_published_versions_of_a_program_never_overlap(draft: ProgramVersion):
    system = Post.objects.the_system()
    breaks(
        "published_versions_of_a_program_never_overlap", ProgramVersion.objects.filter(pk=draft.pk),
        fixture_digest="x", valid_from=date(2026, 1, 1), published_at=clock.now(), published_by=system, published_by_staff=system.staff,
    )  # fmt: skip


def test_drafts_may_overlap_what_is_published(draft: ProgramVersion):
    ProgramVersion.objects.filter(pk=draft.pk).update(valid_from=date(2026, 1, 1))


def test_version_ends_after_it_begins(draft: ProgramVersion):
    breaks(
        "version_ends_after_it_begins", ProgramVersion.objects.filter(pk=draft.pk),
        valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1),
    )  # fmt: skip


def test_published_version_says_who_and_from_when(draft: ProgramVersion):
    breaks("published_version_says_who_and_from_when", ProgramVersion.objects.filter(pk=draft.pk), published_at=clock.now())


def test_publisher_is_not_the_drafter(draft: ProgramVersion):
    system = Post.objects.the_system()
    breaks(
        "publisher_is_not_the_drafter", ProgramVersion.objects.filter(pk=draft.pk),
        valid_from=date(2030, 1, 1), published_at=clock.now(), published_by=system, published_by_staff=system.staff,
    )  # fmt: skip


def test_publisher_did_not_write_the_draft(draft: ProgramVersion, platform_approver: Post):
    breaks(
        "publisher_did_not_write_the_draft", ProgramVersion.objects.filter(pk=draft.pk), writers=[platform_approver.staff_id],
        valid_from=date(2030, 1, 1), published_at=clock.now(), published_by=platform_approver, published_by_staff=platform_approver.staff,
    )  # fmt: skip


def test_a_draft_says_who_revised_held_and_discarded_it(draft: ProgramVersion):
    own = ProgramVersion.objects.filter(pk=draft.pk)
    breaks("revision_of_a_draft_has_its_reviser", own, revised_at=clock.now())
    breaks("held_draft_says_who_and_why", own, held_at=clock.now(), held_by=Post.objects.the_system())
    breaks("held_draft_says_who_and_why", own, hold_reason="等文件")
    breaks("discarded_draft_says_who_and_why", own, discarded_at=clock.now(), discarded_by=Post.objects.the_system())
    breaks("discarded_draft_says_who_and_why", own, discard_reason="不要了")


def test_examples_of_a_program_have_names_of_their_own_and_say_why_they_ended():
    system, own = Post.objects.the_system(), RuleExample.objects.all()
    rows = [
        transitions.write_example(code="CL03", name=name, situation={"people": {}}, expected="unknown", why="x", by=system)
        for name in ("一", "二")
    ]
    breaks("one_example_in_use_per_name_and_program", own.filter(pk=rows[0].pk), name="二")
    breaks("retired_example_says_who_and_why", own, retired_at=clock.now(), retired_by=system)
    breaks("retired_example_says_who_and_why", own, retire_reason="旧了")


@pytest.mark.parametrize("values", [{"open_months": [3]}, {"obtained": "open_months"}])
def test_open_months_say_which(draft: ProgramVersion, values: dict[str, Any]):
    breaks("open_months_say_which", ProgramVersion.objects.filter(pk=draft.pk), **values)


@pytest.mark.parametrize("month", [0, 13])
def test_open_months_are_months(draft: ProgramVersion, month: int):
    breaks("open_months_are_months", ProgramVersion.objects.filter(pk=draft.pk), obtained="open_months", open_months=[month])


def test_quota_belongs_to_a_limited_program(draft: ProgramVersion):
    breaks("quota_belongs_to_a_limited_program", ProgramVersion.objects.filter(pk=draft.pk), quota_per_year=10)


@pytest.mark.parametrize("model", [Program, ProgramVersion, Track, Stage, MaterialRequirement])
def test_every_default_has_its_origin(draft: ProgramVersion, model: Any):
    """The constraint names every sourced field: leaving out any one breaks it."""
    of_draft: dict[Any, Any] = {
        Program: {"pk": "MZ01"},
        ProgramVersion: {"pk": draft.pk},
        Track: {"version": draft},
        Stage: {"track__version": draft},
        MaterialRequirement: {"version": draft},
    }
    row = model.objects.filter(**of_draft[model]).first()
    for field in model.sourced_fields():
        short = {name: origin for name, origin in row.origins.items() if name != field}
        breaks("every_default_of_a", model.objects.filter(pk=row.pk), origins=short)


def tracks(draft: ProgramVersion, key: str) -> models.QuerySet[Track]:
    return Track.objects.filter(version=draft, key=key)


def test_one_track_per_key_and_place(draft: ProgramVersion):
    breaks("one_track_per_key", tracks(draft, "urgent"), key="ordinary")
    breaks("one_track_per_place_in_order", tracks(draft, "urgent"), order=1)


def test_extended_limit_is_not_shorter_than_the_whole(draft: ProgramVersion):
    breaks("extended_limit_is_not_shorter_than_the_whole", tracks(draft, "ordinary"), extended_limit=1)


def test_track_serves_a_purpose(draft: ProgramVersion):
    breaks("track_serves_a_purpose", tracks(draft, "ordinary"), purposes=[])


def test_only_a_township_track_has_a_track_above_the_ceiling(draft: ProgramVersion):
    breaks(
        "only_a_township_track_has_a_track_above_the_ceiling", tracks(draft, "above_ceiling"), above_ceiling=tracks(draft, "urgent").get()
    )


def test_track_above_the_ceiling_is_another_track(draft: ProgramVersion):
    own = tracks(draft, "ordinary")
    breaks("track_above_the_ceiling_is_another_track", own, above_ceiling=own.get())


def test_urgent_track_verifies_afterwards(draft: ProgramVersion):
    breaks("urgent_track_verifies_afterwards", tracks(draft, "urgent"), verification="before")


@pytest.mark.parametrize("values", [{"follow_up": ""}, {"follow_up_limit": None}, {"follow_up_unit": ""}])
def test_follow_up_says_what_and_by_when(draft: ProgramVersion, values: dict[str, Any]):
    breaks("follow_up_says_what_and_by_when", tracks(draft, "urgent"), **values)


def test_one_stage_per_place_in_order(draft: ProgramVersion):
    breaks("one_stage_per_place_in_order", Stage.objects.filter(track__in=tracks(draft, "ordinary"), order=2), order=1)


def test_co_review_names_its_department(draft: ProgramVersion):
    stage = Stage.objects.filter(track__in=tracks(draft, "ordinary"), act="review")
    breaks("co_review_names_its_department", stage, act="co_review", unit_kind="department")
    breaks("co_review_names_its_department", stage, department=Department.objects.get(code="CL"))


def test_uncounted_stage_takes_nothing_of_the_whole(draft: ProgramVersion):
    stage = Stage.objects.filter(track__in=tracks(draft, "ordinary"), act="publicise")
    breaks("uncounted_stage_takes_nothing_of_the_whole", stage, is_counted=False)


def test_one_requirement_per_material(draft: ProgramVersion):
    first = MaterialRequirement.objects.filter(version=draft, track=None).first()
    assert first
    with pytest.raises(IntegrityError, match="one_requirement_per_material"), transaction.atomic():
        first.pk = None
        first.save()


def test_coded_fact_has_its_codes():
    breaks("coded_fact_has_its_codes", FactKind.objects.filter(key="sex"), codes=[])
    breaks("coded_fact_has_its_codes", FactKind.objects.filter(key="birth_date"), codes=[{"code": "1", "label": "一"}])


def test_lists_are_of_yes_or_no_and_of_two_people():
    breaks("only_yes_or_no_comes_as_a_list", FactKind.objects.filter(key="age"), is_list=True)
    whole_lists(["dibao"], date(2026, 9, 1))
    row = WholeList.objects.filter(kind="dibao")
    breaks("nobody_confirms_a_list_of_their_own", row, confirmed_by_staff=F("proposed_by_staff"))
    breaks("confirmed_list_says_who_and_when", row, confirmed_by=None)
    breaks("withdrawn_list_says_who_when_and_why", row, reason="写错了日期")
    propose_list(kind_key="dibao", on=date(2026, 9, 24), by=member("platform"))
    breaks("one_list_at_a_time_waits_for_its_second", row.standing(), confirmed_at=None, confirmed_by=None, confirmed_by_staff=None)


# ── what is published never changes ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def published() -> ProgramVersion:
    return ProgramVersion.objects.get(program_id="MZ04")


def refused(change: Any) -> None:
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        change()


def another(value: Any, name: str) -> Any:
    """A value of the same column that is not this one."""
    match value:
        case bool():
            return not value
        case str():
            return "改" if len(value) > 3 else f"{value}改"
        case int():
            return value + 1
        case dict():
            return {**value, "x": {}}
        case list():
            return ["appraisal"] if name == "pause_causes" else [1]
        case None:
            return clock.now() if name.endswith("_at") else 1
    return value.replace(year=2030)


def test_a_published_version_refuses_every_change(published: ProgramVersion):
    own = ProgramVersion.objects.filter(pk=published.pk)
    columns = [c for c in ProgramVersion._meta.concrete_fields if c.name not in {"id", "valid_until"}]
    assert len(columns) == 46
    for column in columns:
        change = {column.attname: another(getattr(published, column.attname), column.name)}
        refused(lambda change=change: own.update(**change))


def test_a_published_version_may_receive_its_end_once(published: ProgramVersion):
    own = ProgramVersion.objects.filter(pk=published.pk)
    own.update(valid_until=date(2030, 1, 1))
    refused(lambda: own.update(valid_until=date(2031, 1, 1)))
    refused(lambda: own.update(valid_until=None))


def test_a_published_version_is_never_deleted(published: ProgramVersion):
    refused(lambda: ProgramVersion.objects.filter(pk=published.pk)._raw_delete("default"))


def test_parts_of_a_published_version_refuse_change_addition_and_removal(published: ProgramVersion):
    track = published.tracks.get(order=1)
    stage, requirement = track.stages.first(), published.requirements.first()
    assert stage
    assert requirement
    for row, values in ((track, {"whole_limit": 99}), (stage, {"limit": 99}), (requirement, {"need": "required", "name": "别的"})):
        own = type(row)._default_manager.filter(pk=row.pk)
        refused(lambda own=own, values=values: own.update(**values))
        refused(lambda own=own: own._raw_delete("default"))
        copy = own.get()
        copy.pk, copy.order = None, row.order + 50
        refused(lambda copy=copy: copy.save(force_insert=True))


def test_a_part_cannot_be_moved_into_a_published_version(published: ProgramVersion, draft: ProgramVersion):
    refused(lambda: Track.objects.filter(version=draft, key="urgent").update(version=published, key="another", order=9))


def test_a_material_may_be_proven_by_more_without_touching_any_version(published: ProgramVersion):
    Material.objects.get(key="bank_account").proofs.add("social_insurance")


# ── publishing ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_version_before_ends_on_the_eve():
    new = next_version("MZ04", valid_from=date(2026, 10, 1))
    old = ProgramVersion.objects.get(program_id="MZ04", number=1)
    assert (old.valid_until, new.valid_from, new.number) == (date(2026, 9, 30), date(2026, 10, 1), 2)
    for day, number in ((date(2026, 9, 30), 1), (date(2026, 10, 1), 2)):
        assert ProgramVersion.objects.in_force(day).get(program_id="MZ04").number == number


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda v: Stage.objects.filter(track__version=v, act="decide").update(counts_for=9), "各环节合计"),
        (
            lambda v: Track.objects.filter(version=v, key="ordinary").update(origins={**v.tracks.get(key="ordinary").origins, "route": {}}),
            "来源",
        ),
        (
            lambda v: Track.objects.filter(version=v, key="urgent").update(
                above_ceiling=Track.objects.get(version__program="MZ04", version__number=1, key="above_ceiling")
            ),
            "不属于本版本",
        ),
    ],
)
def test_an_incomplete_version_is_not_published(draft: ProgramVersion, platform_approver: Post, change: Any, sentence: str):
    change(draft)
    with pytest.raises(transitions.TransitionError, match=sentence):
        transitions.publish(version_id=draft.pk, valid_from=date(2026, 10, 1), by=platform_approver)
    draft.refresh_from_db()
    assert not draft.is_published


def test_a_version_begins_after_the_one_before_it(draft: ProgramVersion, platform_approver: Post):
    with pytest.raises(transitions.TransitionError, match="必须晚于"):
        transitions.publish(version_id=draft.pk, valid_from=date(2021, 1, 1), by=platform_approver)


@pytest.mark.parametrize(("day", "sentence"), [(date(2026, 9, 23), "不能早于今天"), (date(2062, 10, 1), "看年份写对没有")])
def test_a_version_begins_neither_in_the_past_nor_in_a_wrong_year(draft: ProgramVersion, platform_approver: Post, day: date, sentence: str):
    with pytest.raises(transitions.TransitionError, match=sentence):
        transitions.publish(version_id=draft.pk, valid_from=day, by=platform_approver)


def test_a_version_is_published_once(platform_approver: Post):
    version = next_version("MZ04", valid_from=date(2026, 10, 1))
    with pytest.raises(transitions.AlreadyHandled, match="已由"):
        transitions.publish(version_id=version.pk, valid_from=date(2026, 11, 1), by=platform_approver)
