"""What a list says of reference rows, held in the process for half a minute as figures are: names of programs, units, townships and stages,
and the calendar that lamps count by. Joining them to every page costs more than the page itself (PERFORMANCE 6)."""

from dataclasses import dataclass
from functools import cached_property

from config import clock
from deadlines.counting import calendar_since
from deadlines.working_calendar import WorkingCalendar
from organization.figures import HELD_SECONDS
from organization.models import Region, Unit
from programs.models import Program, Stage

UNNAMED = "敏感项目"  # what lists and papers say where a sensitive program is not named (DESIGN 2)
_held: "Names | None" = None


@dataclass(frozen=True)
class Names:
    """Each part is read once it is asked for."""

    at: float

    @cached_property
    def programs(self) -> dict[str, str]:
        return dict(Program.objects.order_by("code").values_list("code", "seed_name"))

    @cached_property
    def sensitive(self) -> frozenset[str]:
        return frozenset(Program.objects.filter(is_sensitive=True).values_list("code", flat=True))

    @cached_property
    def departments(self) -> dict[str, str]:
        """The code of the department that leads a program."""
        return dict(Program.objects.order_by("code").values_list("code", "department__code"))

    @cached_property
    def department_ids(self) -> dict[str, int]:
        """Of the departments that lead a program, by their codes, in the order of the county's list."""
        rows = Program.objects.order_by("department__number", "department__code").values_list("department__code", "department_id")
        return dict(rows)

    @cached_property
    def department_names(self) -> dict[str, str]:
        """Of the same departments, by their codes."""
        return dict(Program.objects.order_by().values_list("department__code", "department__name"))

    @cached_property
    def units(self) -> dict[int, str]:
        return dict(Unit.objects.order_by().values_list("pk", "short_name"))

    @cached_property
    def townships(self) -> dict[str, str]:
        return dict(Region.objects.townships().order_by("code").values_list("code", "name"))

    @cached_property
    def stages(self) -> dict[int, str]:
        return dict(Stage.objects.order_by().values_list("pk", "name"))

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Good for every lamp of a duty that is open now."""
        return calendar_since(clock.today())


def names() -> Names:
    """A change reaches every process within half a minute."""
    global _held
    moment = clock.now().timestamp()
    if _held is None or not 0 <= moment - _held.at < HELD_SECONDS:
        _held = Names(moment)
    return _held


def forget() -> None:
    """Read afresh the next time."""
    global _held
    _held = None
