"""What the page of a dry run shows: now and then by township, who enters and leaves, and whether the draft is still the same."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Left

from organization.models import Post, Region
from programs.facts import catalogue_of_facts
from programs.models import FactKind, ProgramVersion
from programs.screening.evaluation import OUTCOME_WORDS
from programs.screening.language import RuleError, read

from .models import ScreeningDifference, ScreeningRun
from .permissions import can_see_fact, can_see_places_of

LISTED = 200
TOWNSHIP_DIGITS = 9
ADVISED = ("eligible", "likely", "unknown")


@dataclass(frozen=True, slots=True)
class TrialLine:
    """Of a township, or of the county: what came out before and after, and how many enter and leave."""

    name: str
    pairs: tuple[tuple[str, int, int], ...]
    entering: int
    leaving: int


def version_of(run: ScreeningRun, post: Post) -> ProgramVersion:
    """The draft that was tried, through the post's gate."""
    rows = ProgramVersion.objects.visible_to(post).select_related("program__department")
    version: ProgramVersion = rows.get_or_404(run.rules[1]["version"])
    return version


def trials_of(version: ProgramVersion, post: Post) -> Any:
    return (
        ScreeningRun.objects.visible_to(post)
        .comparisons()
        .filter(rules__1__version=version.pk)
        .select_related("begun_by__unit", "begun_by__staff")
    )


def lines_of(run: ScreeningRun, *, with_places: bool) -> list[TrialLine]:
    """The county first, then each township: counts only."""
    code = run.rules[1]["program"]
    enter, leave = (_by_township(rows) for rows in (run.differences.entering(), run.differences.leaving()))
    places = sorted({*run.counts, *run.counts_before})
    names = dict(Region.objects.filter(pk__in=places).values_list("code", "name"))
    total = TrialLine("全县", _pairs(run.totals(before=True).get(code, {}), run.totals().get(code, {})), enter.total(), leave.total())
    if not with_places:
        return [total]
    return [total] + [
        TrialLine(
            names.get(place, place), _pairs(run.counts_before.get(place, {}).get(code, {}), run.counts.get(place, {}).get(code, {})),
            enter[place], leave[place],
        )
        for place in places
    ]  # fmt: skip


def rows_of(run: ScreeningRun, post: Post) -> dict[str, list[ScreeningDifference]]:
    """Who enters and who leaves, of the households within the post's gate."""
    rows = ScreeningDifference.objects.visible_to(post).filter(run=run).with_list_data()
    return {"entering": list(rows.entering()[:LISTED]), "leaving": list(rows.leaving()[:LISTED])}


def is_changed_since(run: ScreeningRun, version: ProgramVersion) -> bool:
    return "rule" in run.rules[1] and run.rules[1]["rule"] != version.screening_rule


def tells_places(run: ScreeningRun, version: ProgramVersion, post: Post) -> bool:
    """Counts by township, and names: not of another's sensitive program, nor where the draft asks secrets that no rule asked before."""
    return can_see_places_of(post, version.program) and not _asks_secrets(run, version, post)


def _asks_secrets(run: ScreeningRun, version: ProgramVersion, post: Post) -> bool:
    """By a draft of his own anybody could ask who has a sensitive fact that others hold: the answer would name or betray them."""
    catalogue, beneficiary = catalogue_of_facts(run.screened_on), version.program.beneficiary
    before = ProgramVersion.objects.visible_to(post).get_or_404(run.rules[0]["version"])
    try:
        was = read(before.screening_rule, catalogue, beneficiary=beneficiary).facts()
        asked = read(run.rules[1].get("rule", version.screening_rule), catalogue, beneficiary=beneficiary).facts()
    except RuleError:
        return True
    kinds = FactKind.objects.visible_to(post).filter(pk__in=asked - was, is_sensitive=True)
    return any(not can_see_fact(post, kind) for kind in kinds)


def _by_township(rows: Any) -> Counter[str]:
    places = rows.annotate(place=Left("household__region_id", TOWNSHIP_DIGITS)).order_by().values_list("place", flat=True)
    return Counter(places)


def _pairs(before: dict[str, int], after: dict[str, int]) -> tuple[tuple[str, int, int], ...]:
    words = {outcome.value: word for outcome, word in OUTCOME_WORDS.items()}
    return tuple((words[outcome], before.get(outcome, 0), after.get(outcome, 0)) for outcome in ADVISED)
