"""What the page of a dry run shows: now and then by township, who enters and leaves, and whether the draft is still the same."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models.functions import Left

from organization.models import Post, Region
from programs.facts import catalogue_of_facts
from programs.models import FactKind, ProgramVersion
from programs.screening.evaluation import OUTCOME_WORDS
from programs.screening.language import All, Condition, Node, Rule, RuleError, facts_of, read, walk

from .looking import has_said_why
from .models import ScreeningDifference, ScreeningRun
from .permissions import can_look_into, can_see_places_of
from .screening.discretion import Discretion
from .small_counts import changes_hidden, hidden_rows, least_of, least_shown

LISTED = 200
TOWNSHIP_DIGITS = 9
ADVISED = ("eligible", "likely", "unknown")


@dataclass(frozen=True, slots=True)
class TrialLine:
    """Of a township, or of the county: what came out before and after, and how many enter and leave.

    Too few of them: `is_hidden`, all of it; `hides_change`, what came out after, who enters and who leaves.
    """

    name: str
    pairs: tuple[tuple[str, int, int], ...]
    entering: int
    leaving: int
    is_hidden: bool = False
    hides_change: bool = False

    @property
    def numbers(self) -> list[int]:
        return [*(number for _, *both in self.pairs for number in both), self.entering, self.leaving]

    @property
    def changes(self) -> list[int]:
        """Each as a number of people or households, those that pass from 疑似 to 符合 among them."""
        return [*(abs(after - before) for _, before, after in self.pairs), self.entering, self.leaving]

    @property
    def is_unchanged(self) -> bool:
        return not any(self.changes)


@dataclass(frozen=True, slots=True)
class Telling:
    """What of a dry run a post is told: counts by township, names, below which number no count, and below which (`few`) no change."""

    places: bool
    names: bool
    least: int
    few: int
    says_why: bool = False


def version_of(run: ScreeningRun, post: Post) -> ProgramVersion:
    """The draft that was tried, through the post's gate."""
    rows = ProgramVersion.objects.visible_to(post).select_related("program__department")
    version: ProgramVersion = rows.get_or_404(run.rules[1]["version"])
    return version


def day_of(run: ScreeningRun) -> date:
    """For which day the draft was tried: by its figures."""
    day = run.rules[1].get("day")
    return date.fromisoformat(day) if day else run.screened_on


def trials_of(version: ProgramVersion, post: Post) -> Any:
    return (
        ScreeningRun.objects.visible_to(post)
        .comparisons()
        .filter(rules__1__version=version.pk)
        .select_related("begun_by__unit", "begun_by__staff")
    )


def lines_of(run: ScreeningRun, telling: Telling) -> list[TrialLine]:
    """The county first, then each township: counts only."""
    code = run.rules[1]["program"]
    enter, leave = (_by_township(rows) for rows in (run.differences.entering(), run.differences.leaving()))
    places = sorted({*run.counts, *run.counts_before}) if telling.places else []
    names = dict(Region.objects.filter(pk__in=places).values_list("code", "name"))
    total = TrialLine("全县", _pairs(run.totals(before=True).get(code, {}), run.totals().get(code, {})), enter.total(), leave.total())
    lines = {
        place: TrialLine(
            names.get(place, place), _pairs(run.counts_before.get(place, {}).get(code, {}), run.counts.get(place, {}).get(code, {})),
            enter[place], leave[place],
        )
        for place in places
    }  # fmt: skip
    return [*_without_few({"": total}, telling), *_without_few(lines, telling)]


def _without_few(lines: dict[str, TrialLine], telling: Telling) -> list[TrialLine]:
    hidden = hidden_rows({place: line.numbers for place, line in lines.items()}, telling.least)
    changes = changes_hidden({place: line.changes for place, line in lines.items()}, telling.few)
    return [replace(line, is_hidden=place in hidden, hides_change=place in changes) for place, line in lines.items()]


def rows_of(run: ScreeningRun, post: Post) -> dict[str, list[ScreeningDifference]]:
    """Who enters and who leaves, of the households within the post's gate."""
    rows = ScreeningDifference.objects.visible_to(post).filter(run=run).with_list_data()
    return {"entering": list(rows.entering()[:LISTED]), "leaving": list(rows.leaving()[:LISTED])}


def is_changed_since(run: ScreeningRun, version: ProgramVersion) -> bool:
    return "rule" in run.rules[1] and run.rules[1]["rule"] != version.screening_rule


def telling_of(run: ScreeningRun, version: ProgramVersion, post: Post) -> Telling:
    """By a draft of his own anybody could ask who has a sensitive fact that others hold: the answer would name or betray them.

    - counts by township: not of another's sensitive program, nor where what differs rests on a fact that the post may not know
    - names: besides, only where neither rule asks such a fact at all, and of no sensitive program
    - small counts of what either rule says: as on the page of the county (`least_of`)
    - small changes: not where a rule asks a state of a person that others hold. Which part differs is no matter: conditions that fit one
      person, put beside what the rule asked before, would ask it of that person. The rule in force tried as it stands changes nothing
    the platform for some minutes after it has said why (`has_said_why`): as whoever may know.
    """
    said_why, program = has_said_why(post, run), version.program
    asks_why = can_look_into(post) and not said_why
    discretion = Discretion(post, {kind.pk: kind for kind in FactKind.objects.visible_to(post)}, said_why)
    rules = _rules(run, version, post)
    if rules is None:
        return Telling(places=False, names=False, least=least_shown(), few=least_shown())
    asked = rules[0].facts() | rules[1].facts()
    places = (can_see_places_of(post, program) or said_why) and not _differing(*rules) & discretion.secret
    names = places and not asked & discretion.secret and (said_why or not program.is_sensitive)
    is_same = rules[0] == rules[1] and day_of(run) == run.screened_on
    few = least_shown() if asked & discretion.personal and not is_same else 0
    return Telling(places, names, least_of(program), few, says_why=asks_why and not names)


def _rules(run: ScreeningRun, version: ProgramVersion, post: Post) -> tuple[Rule, Rule] | None:
    """Both rules as they were asked; None where one can no longer be read."""
    catalogue, beneficiary = catalogue_of_facts(run.screened_on), version.program.beneficiary
    before = ProgramVersion.objects.visible_to(post).get_or_404(run.rules[0]["version"])
    try:
        was = read(before.screening_rule, catalogue, beneficiary=beneficiary)
        return was, read(run.rules[1].get("rule", version.screening_rule), catalogue, beneficiary=beneficiary)
    except RuleError:
        return None


def _differing(was: Rule, now: Rule) -> set[str]:
    """The facts of the parts that stand in one rule and not in the other: a limit moved, a condition added, taken away or turned round."""
    return set().union(*(_facts_in(node) for one, other in ((was, now), (now, was)) for node in _parts(one) if node not in _parts(other)))


def _parts(rule: Rule) -> list[Node]:
    """What all has to hold, one by one; what is a hint stands apart."""
    roots = (rule.eligible, rule.likely)
    return [part for root in roots if root is not None for part in (root.nodes if isinstance(root, All) else (root,))]


def _facts_in(node: Node) -> set[str]:
    return set().union(*({one.fact.key} | facts_of(one.value) for one in walk(node) if isinstance(one, Condition)))


def _by_township(rows: Any) -> Counter[str]:
    places = rows.annotate(place=Left("household__region_id", TOWNSHIP_DIGITS)).order_by().values_list("place", flat=True)
    return Counter(places)


def _pairs(before: dict[str, int], after: dict[str, int]) -> tuple[tuple[str, int, int], ...]:
    words = {outcome.value: word for outcome, word in OUTCOME_WORDS.items()}
    return tuple((words[outcome], before.get(outcome, 0), after.get(outcome, 0)) for outcome in ADVISED)
