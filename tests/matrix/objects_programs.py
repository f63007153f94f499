"""Drafts of versions and worked examples behind the addresses of `programs`. own: a program of the knocking department. dept: another's."""

from typing import Any

from households.transitions.rule_trial import try_rule
from organization.models import Post
from programs import transitions
from programs.forms.drafts import OpeningForm, TrackForm, WordsForm, stages_initial
from programs.models import ProgramVersion, RuleExample
from tests import cast
from tests.matrix.objects import arguments_of, body_of, by_scope

CODES = {"own": "CL02", "dept": "JW03"}
SITUATION = {
    "household": {}, "receives": [],
    "people": {"p": {"facts": {"enrolled": {"value": True}}, "receives": [], "kin": {}, "dead": False, "counted": True}},
}  # fmt: skip
SAID = {"source": "试验依据", "seen_revision": "0"}


def _draft(scope: str) -> ProgramVersion:
    return transitions.begin(code=CODES[scope.removeprefix("held_")], note="试验", by=Post.objects.the_system())


@arguments_of("programs:version_list", "programs:version_begin", "programs:example_list", "programs:example_write")
def a_program_to_draft(scope: str, post: Post | None) -> dict[str, Any]:
    return {"code": CODES[scope]}


@arguments_of(
    *(f"programs:draft_{page}" for page in ("words", "opening", "papers", "rule", "publish", "discard", "hold", "release")),
    "programs:version_detail", shared=by_scope,
)  # fmt: skip
def a_draft(scope: str, post: Post | None) -> dict[str, Any]:
    """held_: the platform holds it."""
    draft = _draft(scope)
    if scope.startswith("held_"):
        transitions.hold(version_id=draft.pk, reason="等文件", by=cast.member("platform"))
    return {"pk": draft.pk}


@arguments_of("households:rule_trial_list", "households:rule_trial_begin", shared=by_scope)
def a_draft_to_try(scope: str, post: Post | None) -> dict[str, Any]:
    return {"pk": _draft(scope).pk}


@arguments_of("households:rule_trial_detail", "households:rule_trial_look_into", shared=by_scope)
def a_dry_run(scope: str, post: Post | None) -> dict[str, Any]:
    """Asked for by the department of the program."""
    by = cast.member("officer" if scope == "own" else "neighbour_officer")
    return {"pk": try_rule(version_id=_draft(scope).pk, by=by).pk}


@arguments_of("programs:draft_track", shared=by_scope)
def a_track_of_a_draft(scope: str, post: Post | None) -> dict[str, Any]:
    draft = _draft(scope)
    return {"pk": draft.pk, "key": draft.main_track.key}


@arguments_of("programs:example_rewrite", "programs:example_retire", shared=by_scope)
def an_example(scope: str, post: Post | None) -> dict[str, Any]:
    example: RuleExample = transitions.write_example(
        code=CODES[scope], name="试验", situation=SITUATION, expected="unknown", why="试验", by=Post.objects.the_system()
    )
    return {"pk": example.pk}


def _filled(form: Any) -> dict[str, Any]:
    """What the browser sends of an untouched form."""
    return {name: "" if (value := form[name].value()) is None else value for name in form.fields if form[name].value() is not False}


def _in_force() -> ProgramVersion:
    found: ProgramVersion = ProgramVersion.objects.published().get(program_id=CODES["own"], number=1)
    return found


@body_of("programs:version_begin")
def a_note() -> dict[str, Any]:
    return {"note": "试验起草"}


@body_of("programs:draft_words")
def words() -> dict[str, Any]:
    return {**_filled(WordsForm(row=_in_force(), revision=0)), "summary": "改过的简介", "asks_about_kin": "on", **SAID}


@body_of("programs:draft_opening")
def opening() -> dict[str, Any]:
    filled = _filled(OpeningForm(row=_in_force(), revision=0))
    return {**filled, "has_quota": "on", "quota_per_year": "30", **SAID}


@body_of("programs:draft_track")
def track() -> dict[str, Any]:
    main = _in_force().main_track
    booleans = dict.fromkeys(("is_active", "publicity_in_whole"), "on")
    body = {**_filled(TrackForm(row=main, revision=0)), "extension_causes": "情况复杂的", **booleans, **SAID}
    rows = stages_initial(main)
    body |= {"stage-TOTAL_FORMS": len(rows), "stage-INITIAL_FORMS": len(rows)}
    for number, row in enumerate(rows):
        body |= {f"stage-{number}-{name}": value for name, value in row.items() if value not in (False, None)}
    return body


@body_of("programs:draft_papers")
def papers() -> dict[str, Any]:
    row = {"requirement": "", "material": "bank_account", "name": "银行账号", "need": "required", "condition": "", "advice": ""}
    return {"paper-TOTAL_FORMS": 1, "paper-INITIAL_FORMS": 0, **{f"paper-0-{name}": value for name, value in row.items()}, **SAID}


@body_of("programs:draft_rule")
def rule() -> dict[str, Any]:
    return {"mode": "anyone", "anyone": "求助即办", **SAID}


@body_of("programs:draft_publish")
def publication() -> dict[str, Any]:
    return {"valid_from": "2026-10-01", "seen_revision": "0"}


@body_of("programs:draft_discard", "programs:draft_hold", "programs:example_retire")
def a_reason() -> dict[str, Any]:
    return {"reason": "试验原因"}


@body_of("programs:example_write", "programs:example_rewrite")
def example() -> dict[str, Any]:
    rows = {"member-TOTAL_FORMS": "0", "member-INITIAL_FORMS": "0"}
    return {"name": "在校，无证", "expected": "unknown", "why": "没有登记", "fact_enrolled": "yes", "seen_revision": "0", **rows}
