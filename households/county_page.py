"""What the page of a county screening shows: a line for each program, or of one program a line for each township."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from organization.models import Post, Region
from programs.models import Program
from programs.screening.evaluation import OUTCOME_WORDS

from .models import ScreeningRun
from .permissions import can_see_places_of, counts_program
from .small_counts import hidden_rows, least_of, least_shown

HEADS = tuple((outcome.value, word) for outcome, word in OUTCOME_WORDS.items())


@dataclass(frozen=True, slots=True)
class Line:
    """`numbers` in the order of `HEADS`; `measure` is 户 or 人. `has_places`: the post may see them by township."""

    code: str
    name: str
    measure: str
    numbers: tuple[tuple[str, int], ...]
    has_places: bool = False
    is_hidden: bool = False


def by_program(run: ScreeningRun, post: Post) -> list[Line]:
    """A department reads what is its own. Few of another's sensitive program may be known to be somebody."""
    totals, found = run.totals(), []
    for program in Program.objects.filter(pk__in=totals).order_by("pk"):
        if not counts_program(post, program):
            continue
        places = can_see_places_of(post, program)
        line = _line(program.pk, str(program), program, totals[program.pk], has_places=places)
        found.append(line if places else _without_few([line], least_shown())[0])
    return found


def by_township(run: ScreeningRun, program: Program) -> list[Line]:
    names = dict(Region.objects.filter(pk__in=run.counts).values_list("code", "name"))
    found = sorted(run.counts.items())
    lines = [_line(code, names.get(code, code), program, counts[program.pk]) for code, counts in found if program.pk in counts]
    return _without_few(lines, least_of(program))


def _without_few(lines: list[Line], least: int) -> list[Line]:
    hidden = hidden_rows({line.code: [number for _, number in line.numbers] for line in lines}, least)
    return [replace(line, is_hidden=line.code in hidden) for line in lines]


def program_of(run: ScreeningRun, code: str, post: Post) -> Program | None:
    """The program that was asked for by township, if the run knows it and the post may see it so."""
    program = Program.objects.filter(pk=code).first() if code in run.totals() else None
    return program if program and can_see_places_of(post, program) else None


def _line(code: str, name: str, program: Program, counts: Mapping[str, int], *, has_places: bool = False) -> Line:
    numbers = tuple((word, counts.get(outcome, 0)) for outcome, word in HEADS)
    return Line(code, name, "户" if program.beneficiary == "household" else "人", numbers, has_places)


def page_of(run: ScreeningRun, program: Program | None, post: Post) -> dict[str, Any]:
    lines: Iterable[Line] = by_township(run, program) if program else by_program(run, post)
    return {"run": run, "program": program, "lines": lines, "heads": [word for _, word in HEADS]}
