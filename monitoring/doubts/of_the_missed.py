"""Aid that should perhaps be: qualified and not receiving (遗漏), and the lists of 低保 and of 监测 against each other (XX-36)."""

from datetime import date

from django.db.models import Q
from psycopg2.sql import SQL, Composable, Identifier, Literal

from households.screening.county import TABLE as SNAPSHOT
from households.screening.county import rules_in_force, take_snapshot
from households.screening.sql import ELIGIBLE, Asked, Statement
from intake.models import Application
from programs.facts import catalogue_of_facts
from programs.figures import figures_on
from programs.models import Program, ProgramVersion

from .rules import Kind, Scene, asked, rule

# How much somebody misses, by the tier of the program.
WEIGHTS: dict[str, int] = {
    Program.Tier.BASIC: 100,
    Program.Tier.EMERGENCY: 60,
    Program.Tier.SPECIAL: 40,
    Program.Tier.CARE: 15,
    Program.Tier.SOCIAL: 10,
}
OBTAINED = ProgramVersion.Obtained
# Of these nobody asks for: the unit itself has a list, or helps on the spot.
NOT_ASKED_FOR = {OBTAINED.WITHOUT_APPLICATION, OBTAINED.ON_THE_SPOT}
# Single grants whose rule asks of an event. Others are there for whoever has an identity: that he has not asked lately tells nothing.
OF_EVENTS = {Program.Category.HOUSING, Program.Category.DISASTER, Program.Category.TEMPORARY}
_OPEN = SQL(", ").join(Literal(str(status)) for status in sorted(Application.OPEN))
# Asked for and open, or refused within the months looked back: not missed.
ASKED = """
    SELECT i.program_id AS program, i.household_id AS home, i.resident_id AS person
    FROM intake_applicationitem i JOIN intake_application a ON a.id = i.application_id WHERE a.status IN ({open})
    UNION
    SELECT r.program_id, r.household_id, r.resident_id FROM referrals_referral r
    WHERE r.purpose = 'grant' AND r.outcome = 'refused' AND r.decided_at >= {day} - make_interval(months => {months})
"""


def _asked(scene: Scene) -> Composable:
    return SQL(ASKED).format(open=_OPEN, day=scene.day, months=Literal(scene.refused_months))


def _worth_asking(on: date, everything: list[Asked]) -> list[Asked]:
    """Rules of lasting aid and identities that somebody applies for, and of aid after an event; of sensitive ones nobody is told."""
    versions = ProgramVersion.objects.in_force(on).exclude(obtained__in=NOT_ASKED_FOR)
    versions = versions.filter(~Q(benefit_mode=ProgramVersion.BenefitMode.ONE_OFF) | Q(program__category__in=OF_EVENTS))
    programs = Program.objects.filter(is_sensitive=False, is_placeholder=False, paused_at=None, beneficiary__in=["household", "resident"])
    codes = set(programs.exclude(kind=Program.Kind.REGISTRATION).filter(versions__in=versions).values_list("code", flat=True))
    return [each for each in everything if each.code in codes and each.rule.eligible is not None]


@rule(Kind.OMITTED, disproved="新数据表明：已享受、已申请，或者不再符合条件。", is_capped=True)
def omitted(scene: Scene) -> Composable | None:
    """符合 by the rule in force, and neither receiving, asking nor lately refused: all rules in one statement over a snapshot."""
    catalogue = catalogue_of_facts(scene.on)
    rules = _worth_asking(scene.on, rules_in_force(scene.on, catalogue, figures_on(scene.on)))
    if not rules:
        return None
    take_snapshot(rules, scene.on, catalogue)
    hits = SQL(", ").join(
        SQL("CASE WHEN {} = {} THEN {} END").format(Identifier(each.column), Literal(ELIGIBLE), Literal(each.code)) for each in rules
    )
    tiers = dict(Program.objects.values_list("code", "tier"))
    weights = SQL(", ").join(SQL("({}, {})").format(Literal(each.code), Literal(WEIGHTS.get(tiers[each.code], 10))) for each in rules)
    return SQL("""
        WITH told AS MATERIALIZED (
            SELECT household_id AS home, resident_id AS person, unnest(codes) AS program FROM (
                SELECT household_id, resident_id, array_remove(ARRAY[{hits}], NULL) AS codes FROM ({outcomes}) o
            ) c WHERE codes <> '{{}}'
        ), had AS MATERIALIZED (
            SELECT DISTINCT r.program, r.person, m.household_id AS home
            FROM doubt_reach r LEFT JOIN households_membership m ON m.resident_id = r.person AND m.until IS NULL
            WHERE r.in_force OR r.single
        ), taken AS MATERIALIZED (
            SELECT program, person AS holder FROM had
            UNION SELECT program, home FROM had WHERE home IS NOT NULL
            UNION SELECT program_id, household_id FROM households_assistancerecord
            WHERE household_id IS NOT NULL AND since <= {day} AND (until IS NULL OR until >= {day}) AND cadence <> 'once'
            UNION SELECT program, COALESCE(person, home) FROM ({asked}) i
        )
        SELECT t.person, t.home, concat_ws('|', t.program, t.person), t.program, NULL::text, w.weight,
            jsonb_build_object('program', t.program)
        FROM told t JOIN (VALUES {weights}) w(program, weight) ON w.program = t.program
        LEFT JOIN taken k ON k.program = t.program AND k.holder = COALESCE(t.person, t.home)
        WHERE k.program IS NULL
    """).format(
        hits=hits, outcomes=Statement(catalogue).select(rules, SNAPSHOT), weights=weights, asked=_asked(scene), day=scene.day,
    )  # fmt: skip


# Marks of households, of themselves and of their members: on a watch list, out of poverty, helped by 低保 or 特困.
MARKS = """
    SELECT DISTINCT x.what, COALESCE(x.home, m.household_id) AS home, x.word FROM (
        SELECT g.what, t.household_id AS home, t.resident_id AS person, t.kind AS word
        FROM households_identitytag t
        JOIN (VALUES ('unstable_exit', 'watch'), ('edge_of_poverty', 'watch'), ('sudden_hardship', 'watch'), ('poverty_exited', 'exited'),
            ('subsistence', 'aid'), ('extreme_poverty', 'aid')) g(kind, what) ON g.kind = t.kind
        WHERE t.since <= {day} AND (t.until IS NULL OR t.until >= {day})
        UNION ALL
        SELECT g.what, NULL, f.resident_id, f.kind_id FROM households_fact f
        JOIN (VALUES ('watch_household', 'watch'), ('poverty_exited', 'exited'), ('dibao', 'aid'), ('tekun', 'aid')) g(kind, what)
            ON g.kind = f.kind_id
        WHERE f.superseded_at IS NULL AND f.value = 'true' AND f.how <> 'declaration' AND f.found_on <= {day}
            AND (f.valid_until IS NULL OR f.valid_until >= {day})
        UNION ALL
        SELECT 'aid', NULL, r.person, r.program FROM doubt_reach r WHERE r.program IN ('MZ01', 'MZ07') AND r.in_force
    ) x LEFT JOIN households_membership m ON m.resident_id = x.person AND m.until IS NULL
    WHERE COALESCE(x.home, m.household_id) IS NOT NULL
"""


@rule(Kind.WATCHED, disproved="新数据表明：该户已享受低保或特困供养、已提出申请，或者不再是监测户。", is_capped=True)
def watched(scene: Scene) -> Composable:
    """On a list of 监测, and nobody of the household has 低保 or 特困, nor asks for it."""
    return SQL("""
        WITH marks AS MATERIALIZED ({marks}), asked AS ({asked})
        SELECT NULL::uuid, h.id, string_agg(DISTINCT w.word, ',' ORDER BY w.word), 'MZ01', NULL::text,
            60 + 20 * bool_or(w.word = 'sudden_hardship')::int, jsonb_build_object('lists', jsonb_agg(DISTINCT w.word))
        FROM marks w JOIN households_household h ON h.id = w.home AND h.closed_at IS NULL
        WHERE w.what = 'watch' AND NOT EXISTS (SELECT 1 FROM marks a WHERE a.home = w.home AND a.what = 'aid')
            AND NOT EXISTS (
                SELECT 1 FROM asked i LEFT JOIN households_membership m ON m.resident_id = i.person AND m.until IS NULL
                WHERE COALESCE(i.home, m.household_id) = w.home AND i.program IN ('MZ01', 'MZ07'))
        GROUP BY h.id
    """).format(marks=SQL(MARKS).format(day=scene.day), asked=_asked(scene))


@rule(Kind.UNWATCHED, disproved="新数据表明：该户已纳入监测或脱贫名单，或者不再享受低保。", is_capped=True)
def unwatched(scene: Scene) -> Composable | None:
    """低保 in the country, and on no list of 监测 or of those who left poverty. Without any such list there is nothing to compare."""
    marks = SQL(MARKS).format(day=scene.day)
    if not asked(SQL("SELECT 1 FROM ({}) w WHERE w.what = 'watch' LIMIT 1").format(marks)):
        return None
    return SQL("""
        WITH marks AS MATERIALIZED ({marks})
        SELECT NULL::uuid, h.id, string_agg(DISTINCT r.record::text, ',' ORDER BY r.record::text), 'MZ01', NULL::text, 30,
            jsonb_build_object('program', 'MZ01', 'records', jsonb_agg(DISTINCT r.record), 'since', min(r.since))
        FROM doubt_reach r JOIN households_membership m ON m.resident_id = r.person AND m.until IS NULL
        JOIN households_household h ON h.id = m.household_id AND h.closed_at IS NULL AND h.setting = 'rural'
        WHERE r.program = 'MZ01' AND r.in_force AND r.record IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM marks w WHERE w.home = h.id AND w.what IN ('watch', 'exited'))
        GROUP BY h.id
    """).format(marks=marks)
