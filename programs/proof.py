"""What a draft's rule would do on its first day: findings of the check, and the worked examples asked (issue 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from organization import unset
from organization.models import Parameter, Region

from .facts import catalogue_of_examples, catalogue_of_facts
from .figures import figures_on as county_figures
from .models import Program, ProgramVersion, RuleExample
from .rules import PROVEN_BY_RECORD
from .screening.checking import MEMBERS, Finding, Setting, check, check_programs
from .screening.evaluation import OUTCOME_WORDS, Answer, answer
from .screening.language import Catalogue, Rule, RuleError, read
from .screening.situation import Figure, Known, Situation


@dataclass(frozen=True, slots=True)
class Tried:
    """A worked example and what the rule answers."""

    example: RuleExample
    answer: Answer

    @property
    def is_met(self) -> bool:
        return bool(self.answer.outcome == self.example.expected)

    @property
    def word(self) -> str:
        return OUTCOME_WORDS[self.answer.outcome]


@dataclass(frozen=True, slots=True)
class Proof:
    """`missing` are keys of parameters that have no value on the day, `names` what parameters are called.

    A program without a rule has nothing to prove.
    """

    on: date
    findings: tuple[Finding, ...] = ()
    tried: tuple[Tried, ...] = ()
    missing: tuple[str, ...] = ()
    rule: Rule | None = None
    catalogue: Catalogue = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    @property
    def advice(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_error]

    @property
    def failed(self) -> list[Tried]:
        return [tried for tried in self.tried if not tried.is_met]

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """Key and name of each parameter that is missing."""
        return [(key, self.names.get(key) or key) for key in self.missing]

    @property
    def is_sound(self) -> bool:
        return not self.errors and not self.failed


def prove(version: ProgramVersion, on: date) -> Proof:
    """`version`'s rule with the figures of that day, beside the rules of all other programs in force then."""
    if version.screening_rule is None:
        return Proof(on)
    program, catalogue = version.program, catalogue_of_facts(on)
    try:
        rule = read(version.screening_rule, catalogue, beneficiary=program.beneficiary)
    except RuleError as wrong:
        return Proof(on, (Finding(wrong.path, wrong.message),))
    setting = _setting(program, on)
    figures = setting.figures
    found = [*check(rule, catalogue, setting), *_among_programs(version, rule, catalogue, on)]
    if program.is_paused:  # nobody is screened for it: what the county has not set yet answers 数据不足 until it takes applications again
        found = [replace(finding, is_error=False) if finding.parameter else finding for finding in found]
    missing = tuple(sorted(key for key in rule.parameters() if key not in figures))
    return Proof(on, tuple(found), tuple(try_examples(version, on, figures)), missing, rule, catalogue, figures, setting.parameters)


def _setting(program: Program, on: date) -> Setting:
    """The figures of the county and of places with their own, as the program's department goes by them that day."""
    by_place = county_figures(on).of_department(program.department_id)
    names = dict(Region.objects.filter(pk__in=by_place).values_list("code", "name"))
    return Setting(
        figures=by_place.pop(""),
        places={names.get(code, code): figures for code, figures in sorted(by_place.items())},
        has_person=program.beneficiary != Program.Beneficiary.HOUSEHOLD,
        proven=PROVEN_BY_RECORD,
        programs=_program_names(),
        parameters={row.key: row.name for row in unset.examples()} | dict(Parameter.objects.values_list("key", "name")),
    )


def _program_names() -> dict[str, str]:
    return dict(Program.objects.values_list("code", "seed_name"))


def figures_on(on: date, department_id: int | None) -> dict[str, Figure]:
    """The county's figures in force that day, the department's own before the general ones."""
    return county_figures(on).of_department(department_id)[""]


def figures_known(on: date, department_id: int | None) -> dict[str, Figure]:
    """Also those that the county has not set yet, by name and as they look: for words and choices, never to compare with."""
    named = {row.key: Figure(row.value, row.name, row.measure) for row in unset.examples()}
    return {**named, **figures_on(on, department_id)}


def rules_on(on: date, catalogue: Catalogue) -> dict[str, Rule]:
    """By program the rule in force on that day; one that the catalogue of facts no longer carries is left out."""
    found = {}
    for version in ProgramVersion.objects.published().in_force(on).exclude(screening_rule=None).select_related("program"):
        try:
            found[version.program_id] = read(version.screening_rule, catalogue, beneficiary=version.program.beneficiary)
        except RuleError:
            continue
    return found


def try_examples(version: ProgramVersion, on: date, figures: Mapping[str, Figure]) -> list[Tried]:
    """Every worked example in use, asked of the version's rule with the figures of the day."""
    program = version.program
    examples = list(RuleExample.objects.filter(program=program).in_use().select_related("program"))
    if not examples:
        return []
    catalogue = catalogue_of_examples(on)
    rule = read(version.screening_rule, catalogue, beneficiary=program.beneficiary)
    return [Tried(example, ask(example, rule, on, figures, catalogue)) for example in examples]


def ask(example: RuleExample, rule: Rule, on: date, figures: Mapping[str, Figure], catalogue: Catalogue) -> Answer:
    """How many members there are is counted, as from the register."""
    names = {key: example.who(key) for key in example.situation["people"]}
    situation = Situation.read({**example.situation, "on": on.isoformat(), "figures": {}}, catalogue, names)
    household = {MEMBERS: Known(Decimal(len(situation.members))), **situation.household}
    person = "" if example.program.beneficiary == Program.Beneficiary.HOUSEHOLD else RuleExample.PERSON
    return answer(rule, replace(situation, household=household, figures=dict(figures)), catalogue, person=person)


def _among_programs(version: ProgramVersion, rule: Rule, catalogue: Catalogue, on: date) -> list[Finding]:
    """What prerequisites and exclusions over all programs say of this one, with the draft's rule in place."""
    if not (rule.requires or rule.excludes):
        return []
    code = version.program_id
    rules = {**rules_on(on, catalogue), code: rule}
    names = _program_names()
    unknown = sorted({*rule.requires, *rule.excludes} - set(names))
    found = [Finding("requires", f"没有代码为{'、'.join(unknown)}的项目。")] if unknown else []
    return found + [finding for finding in check_programs(rules, names) if code in finding.programs]
