"""The catalogue as the reference files give it (ZX-56, ZX-57, ZX-58, RULES D)."""

import csv
import io
import shutil
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from audit.models import Event
from organization import reference as organization_reference
from organization.models import Department, Parameter, Post
from programs import reference
from programs.catalogue import FIXTURES, FixtureError, read, verification_of
from programs.models import FactKind, MaterialRequirement, Origin, Program, ProgramVersion, Stage, Track
from programs.rules import counted_total

pytestmark = pytest.mark.django_db

# As the source document declares them, in the order of its list.
DECLARED = [12, 4, 7, 5, 2, 1, 4, 3, 1, 1, 3, 1, 3, 4, 1, 1, 1]
SENSITIVE = {"SF02", "SF03", "WJ02", "FL01", "MZ09"}


@pytest.fixture
def system() -> Post:
    return Post.objects.the_system()


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((FIXTURES / "programs.csv").read_text("utf-8-sig"))))


def main_track(code: str) -> Track:
    return Track.objects.get(version__program_id=code, order=1)


def track(code: str, key: str) -> Track:
    return Track.objects.get(version__program_id=code, key=key)


def stages(of: Track) -> list[tuple[str, str]]:
    return list(of.stages.values_list("act", "unit_kind"))


def test_counts_by_department_are_the_declared_ones():
    listed = Department.objects.with_programs().order_by("number")
    assert [department.programs.count() for department in listed] == DECLARED == [d.declared_programs for d in listed]
    assert len(listed) == 17


def test_54_rows_of_which_53_are_named():
    assert Program.objects.count() == 54
    assert Program.objects.named().count() == 53
    placeholder = Program.objects.get(is_placeholder=True)
    assert (placeholder.code, placeholder.kind, placeholder.category) == ("WJ03", "", "")


def test_names_stand_verbatim_and_are_never_split():
    assert {p.code: p.seed_name for p in Program.objects.all()} == {row["code"]: row["项目"] for row in rows()}
    assert Program.objects.get(code="JT01").seed_name == "一、二级残疾人员免费乘坐公交车"
    assert Program.objects.get(code="ZJ01").seed_name == "农村C、D级危房改造"


def test_old_names_carry_the_national_one():
    assert Program.objects.get(code="MZ02").alias == "困难残疾人生活补贴"
    assert Program.objects.get(code="MZ07").alias == "特困人员救助供养"


def test_routes_by_list_are_3_18_33():
    routes = Counter(Track.objects.filter(order=1).values_list("route", flat=True))
    assert routes == {"town": 3, "town_county": 18, "county": 33}


def test_modes_by_list_are_21_24_9():
    modes = Counter(ProgramVersion.objects.values_list("benefit_mode", flat=True))
    assert modes == {"regular": 21, "one_off": 24, "status": 9}


def test_kinds_are_those_of_the_rule():
    identities = Program.objects.filter(kind="identity").values_list("seed_name", flat=True)
    assert set(identities) == {
        "民政建档人员", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户", "刑满释放三无人员", "社区矫正三无人员",
    }  # fmt: skip
    registrations = Program.objects.filter(kind="registration").values_list("seed_name", flat=True)
    assert set(registrations) == {"残疾人办理残疾人证", "失业登记", "就业登记"}
    assert not any(p.writes_record for p in Program.objects.filter(kind__in=["identity", "registration"]))


def test_every_choice_is_a_known_one():
    for program in Program.objects.all():
        program.clean_fields()


def test_sensitive_programs_are_marked():
    assert set(Program.objects.filter(is_sensitive=True).values_list("code", flat=True)) == SENSITIVE


def test_employers_are_the_beneficiaries_of_two():
    assert set(Program.objects.filter(beneficiary="employer").values_list("code", flat=True)) == {"RS01", "RS04"}


def test_whole_limits_are_the_numbers_of_the_table():
    for row in rows():
        main = main_track(row["code"])
        if row["code"] == "MZ04":
            assert main.name == "支出型救助"
        given = (str(main.whole_limit), str(main.extended_limit), str(main.publicity_days), main.get_limit_unit_display())
        assert given == (row["时限"], row["可延至"], row["公示(日)"], row["单位"]), row["code"]


def test_counted_stages_add_up_to_the_whole_of_every_track():
    tracks = Track.objects.prefetch_related("stages")
    assert tracks.count() == 62
    assert {(str(t), counted_total(t.stages.all())) for t in tracks} == {(str(t), t.whole_limit) for t in tracks}


def test_every_track_ends_with_one_decision():
    for each in Track.objects.prefetch_related("stages"):
        acts = [stage.act for stage in each.stages.all()]
        assert acts[-1] == "decide", each
        assert acts.count("decide") == 1, each
        decider = list(each.stages.all())[-1].unit_kind
        assert decider == ("township_office" if each.route == "town" else "department"), each


def test_publicity_stands_in_the_stages_of_every_track_that_has_it():
    for each in Track.objects.prefetch_related("stages"):
        posted = [stage for stage in each.stages.all() if stage.act == "publicise"]
        assert [s.limit for s in posted] == ([each.publicity_days] if each.publicity_days else []), each
        assert all(s.is_counted == each.publicity_in_whole and s.limit_unit == each.publicity_unit for s in posted), each


def test_township_reviews_before_the_county_decides():
    for each in Track.objects.filter(route="town_county").exclude(key="stop"):
        assert ("review", "township_office") in stages(each), each


def test_window_registers_before_the_county_decides_where_one_applies_there():
    for each in Track.objects.filter(route="county", version__obtained__in=["window", "school", "open_months"]).exclude(key="direct"):
        assert stages(each)[0] == ("register", "township_window"), each


@pytest.mark.parametrize("code", ["MZ02", "MZ03"])
def test_disability_allowances_pass_the_federation(code: str):
    steps = main_track(code).stages.values_list("act", "department__code", "limit")
    assert list(steps) == [("review", None, 10), ("co_review", "CL", 5), ("decide", None, 5)]


def test_temporary_assistance_has_ordinary_urgent_and_above_the_ceiling():
    ordinary, urgent, above = (track("MZ04", key) for key in ("ordinary", "urgent", "above_ceiling"))
    assert (ordinary.verification, urgent.verification, above.verification) == ("before", "after", "before")
    assert (urgent.is_urgent, urgent.publicity_days, urgent.limit_unit) == (True, 0, "hours")
    assert (urgent.follow_up_limit, urgent.follow_up_unit) == (10, "working_days")
    assert ordinary.above_ceiling == urgent.above_ceiling == above
    assert (above.route, above.above_ceiling) == ("town_county", None)


def test_medical_assistance_is_direct_or_applied_for():
    applied, direct = track("YB01", "ordinary"), track("YB01", "direct")
    assert (applied.route, applied.verification, applied.publicity_days) == ("town_county", "before", 7)
    assert (direct.route, direct.verification, direct.publicity_days) == ("county", "none", 0)


def test_extreme_poverty_publishes_between_two_clocks_and_stops_with_notice_first():
    grant, stop = track("MZ07", "ordinary"), track("MZ07", "stop")
    assert list(grant.stages.values_list("act", "limit", "is_counted")) == [
        ("review", 15, True),
        ("publicise", 7, False),
        ("decide", 15, True),
    ]
    assert "publicity" in grant.version.pause_causes
    assert stages(stop)[0][0] == "publicise"
    assert (stop.purposes, "stop" in grant.purposes) == (["stop"], False)


def test_subsistence_includes_its_publicity_and_waits_for_delegation():
    whole, delegated = track("MZ01", "ordinary"), track("MZ01", "delegated")
    assert (whole.whole_limit, whole.extended_limit, whole.publicity_in_whole, whole.delegable) == (30, 45, True, True)
    assert (delegated.whole_limit, delegated.extended_limit, delegated.route, delegated.is_active) == (20, 45, "town", False)
    assert whole.stages.get(act="decide").limit == 10


def test_disaster_relief_rebuilds_after_a_village_review():
    urgent, rebuild = track("YJ01", "ordinary"), track("YJ01", "reconstruction")
    assert (urgent.is_urgent, urgent.verification, urgent.whole_limit) == (True, "after", 3)
    assert (stages(rebuild)[0], rebuild.publicity_days, rebuild.appraisal) == (("review", "village_window"), 7, "required")


def test_children_without_care_take_fifteen_and_fifteen():
    for key in ("ordinary", "unsupported_child"):
        assert list(track("MZ09", key).stages.values_list("limit", flat=True)) == [15, 15]
        assert track("MZ09", key).publicity_days == 0


@pytest.mark.parametrize(("code", "limit"), [("SF01", 7), ("XC02", 15), ("XC03", 15), ("XC04", 15)])
def test_limits_in_calendar_days(code: str, limit: int):
    assert (main_track(code).whole_limit, main_track(code).limit_unit) == (limit, "calendar_days")


@pytest.mark.parametrize(
    ("how", "codes"),
    [
        ("without_application", {"CG01", "MZ06", "XC01"}),
        ("on_the_spot", {"MZ11", "MZ12"}),
        ("employer", {"RS01", "RS04"}),
        ("school", {"JW01", "JW02", "JW03", "JW04", "JW05"}),
        ("open_months", {"TX02", "TX03"}),
    ],
)
def test_how_help_is_obtained(how: str, codes: set[str]):
    assert set(ProgramVersion.objects.filter(obtained=how).values_list("program_id", flat=True)) == codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[
            (t, "before")
            for t in ("是", "是(评残)", "是(房屋鉴定)", "依申请者是", "困难认定", "困难职工档案", "实地核实", "诊断核实", "适配评估")
        ],
        *[(t, "none") for t in ("否", "否(数据比对)", "信息比对", "互认", "—")],
        ("事后", "after"),
    ],
)
def test_verification_column_reads_as_the_rule_says(text: str, expected: str):
    assert verification_of(text) == expected


def test_an_unknown_verification_word_is_refused():
    with pytest.raises(FixtureError):
        verification_of("也许")


def test_cells_saying_the_same_resolve_to_the_row_above():
    specs = {spec.code: spec for spec in read()}
    for below, above in (("JW02", "JW01"), ("JW05", "JW01"), ("XC03", "XC02")):
        assert specs[below].version["materials_text"].value == specs[above].version["materials_text"].value != "同上"
    assert specs["MZ03"].version["exempt_text"].value == "全部证照：公安+残联+民政低保库"
    assert specs["XC04"].version["exempt_text"].value == "医保自付、灾情、事故"
    assert not any(v.value == "同上" for spec in specs.values() for v in spec.version.values())


def test_every_default_has_its_origin_and_every_rule_its_source():
    """Walks all fields of all rows: origin one of three; what a document or a rule says names it."""
    walked = 0
    for model in (Program, ProgramVersion, Track, Stage, MaterialRequirement):
        for row in model._default_manager.all():
            assert set(row.origins) == set(row.sourced_fields()), (model, row)
            assert row.unsourced() == [], (model, row)
            for name, origin in row.origins.items():
                walked += 1
                assert origin["source"] or origin["origin"] == Origin.ASSUMED, (str(row), name)
    assert walked > 6000


def test_origin_letters_of_the_table_hold():
    """来源 层级/方式/时限/公示/核查."""
    words = {"S": "seed", "N": "national", "A": "assumed"}
    for row in rows():
        if row["code"] == "WJ03":
            continue
        letters = [words[letter] for letter in row["来源 层级/方式/时限/公示/核查"].split("/")]
        main = main_track(row["code"])
        given = [
            main.origins["route"], main.version.origins["benefit_mode"], main.origins["whole_limit"],
            main.origins["publicity_days"], main.origins["verification"],
        ]  # fmt: skip
        assert [each["origin"] for each in given] == letters, row["code"]


def test_charities_and_mass_organisations_name_their_own_contact():
    for version in ProgramVersion.objects.select_related("program__department"):
        body = version.program.department
        if body.kind == "government":
            assert version.remedy == "review_or_lawsuit" or version.obtained == "without_application", version
        else:
            assert version.remedy == "own_contact", version
            assert "诉讼" not in version.remedies, version


def test_materials_are_proven_by_facts_with_a_holder():
    for row in MaterialRequirement.objects.exclude(need="required").prefetch_related("material__proofs__holder"):
        assert row.material.proofs.all() or row.condition, row
        assert all(fact.holder for fact in row.material.proofs.all()), row
    assert FactKind.objects.filter(is_sensitive=True).count() >= 20


def test_legal_aid_asks_nobody_to_prove_what_he_earns():
    """C-51: who is helped already is not checked, anybody else promises (法律援助法42)."""
    papers = MaterialRequirement.objects.filter(version__program_id="SF01").values_list("material_id", "need")
    assert set(papers) >= {("economic_check", "exempt"), ("hardship_promise", "required")}


def test_loading_twice_changes_nothing(system: Post):
    before = (Event.objects.count(), ProgramVersion.objects.count(), MaterialRequirement.objects.count())
    reference.load(by=system)
    assert (Event.objects.count(), ProgramVersion.objects.count(), MaterialRequirement.objects.count()) == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURES, tmp_path / "fixtures"))


def edit(folder: Path, old: str, new: str, name: str = "programs.csv") -> None:
    text = (folder / name).read_text("utf-8-sig")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


def test_a_changed_file_makes_a_new_version_and_leaves_the_old(system: Post, folder: Path):
    edit(folder, "30,工作日,30,0,是(数据查验)", "30,工作日,45,0,是(数据查验)")
    reference.load(by=system, folder=folder)
    first, second = ProgramVersion.objects.filter(program_id="MZ09").order_by("number")
    assert (first.valid_until.isoformat(), second.valid_from.isoformat()) == ("2026-09-23", "2026-09-24")
    assert first.tracks.get(order=1).extended_limit == 30
    assert second.tracks.get(order=1).extended_limit == 45
    assert ProgramVersion.objects.count() == 55
    reference.load(by=system, folder=folder)
    assert ProgramVersion.objects.count() == 55


def test_a_version_is_never_replaced_on_the_day_it_began(system: Post, folder: Path):
    for extended in ("45", "50"):
        edit(folder, "30,工作日," + ("30" if extended == "45" else "45") + ",0,是(数据查验)", f"30,工作日,{extended},0,是(数据查验)")
        reference.load(by=system, folder=folder)
    starts = ProgramVersion.objects.filter(program_id="MZ09").order_by("number").values_list("valid_from", flat=True)
    assert [day.isoformat() for day in starts] == ["2021-01-01", "2026-09-24", "2026-09-25"]


def test_a_changed_name_revises_the_program_with_an_event(system: Post, folder: Path):
    edit(folder, "MZ02,alias,困难残疾人生活补贴", "MZ02,alias,困难残疾人补贴", "program_details.csv")
    reference.load(by=system, folder=folder)
    assert Program.objects.get(code="MZ02").alias == "困难残疾人补贴"
    event = Event.objects.filter(verb="program.revised").latest("id")
    assert (event.subject_id, event.data["old"]) == ("MZ02", {"alias": "困难残疾人生活补贴"})
    assert ProgramVersion.objects.filter(program_id="MZ02").count() == 1


def test_a_department_s_own_version_is_never_replaced_by_a_file(system: Post, folder: Path):
    from tests.programs.factories import next_version

    own = next_version("MZ09")
    edit(folder, "30,工作日,30,0,是(数据查验)", "30,工作日,45,0,是(数据查验)")
    reference.load(by=system, folder=folder)
    newest = ProgramVersion.objects.filter(program_id="MZ09").latest("number")
    assert own.is_published
    assert (newest.is_published, newest.number) == (False, own.number + 1)
    reference.load(by=system, folder=folder)
    assert ProgramVersion.objects.filter(program_id="MZ09").latest("number") == newest


def test_a_file_with_a_default_without_origin_is_refused(system: Post, folder: Path):
    edit(folder, "*,tier,special,assumed,,", "*,tier,special,,,", "program_details.csv")
    with pytest.raises(FixtureError, match="没有来源"):
        reference.load(by=system, folder=folder)
    assert Path(settings.BASE_DIR, "fixtures", "program_details.csv").read_text("utf-8").startswith("selector,field")


def test_caps_and_ceilings_are_parameters_that_exist():
    """XX-06 T2, LY-15: one home for each figure; a track names it, the county sets it."""
    organization_reference.load_parameters(by=Post.objects.the_system(), demo=True)
    known = set(Parameter.objects.values_list("key", flat=True))
    named = {key for pair in Track.objects.values_list("cap_parameter", "ceiling_parameter") for key in pair if key}
    assert "program_cap_mz04" in named
    assert named <= known
    assert {key for key in known if key.startswith(("program_cap_", "township_ceiling_"))} <= named
    assert not Track.objects.filter(above_ceiling__isnull=False, ceiling_parameter="").exists()
