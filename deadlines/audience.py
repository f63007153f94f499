"""Who is told of a date (DESIGN 6): whoever took the duty, the unit, its approvers, the platform, and who stands in for those away.

Read once for a day and then asked for every reminder: a few queries over the organization, none for each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from organization.desks import still
from organization.models import Absence, Post, Staff, Unit

from .models import Stage


@dataclass(frozen=True, slots=True)
class Seat:
    """A post, as far as telling asks."""

    staff_id: int
    is_deputy: bool
    is_approver: bool


TOWNSHIP_DIGITS = 9  # of a region's code
Key = tuple[str, int]  # ("staff" or "unit", its number)


class Audience:
    """Of one day.

    - taken: the taker; who is away: the unit's deputies, else its approvers; whose post has ended: as if nobody had taken it
    - 临期, 当日到期, 超期: everybody of the unit; 报县级平台: everybody of the platform
    - 报单位负责人: the unit's approvers, or where a window has none those of its township's 社会事务办
    - nobody of them is there: everybody of the unit who is, and where nobody is, the unit, whose news the next who comes reads
    - a unit that has ended: the one that works on for it.
    """

    def __init__(self, on: date) -> None:
        self._on = on
        self._away = Absence.objects.away(on)
        self._seats: dict[int, list[Seat]] = defaultdict(list)
        self._takers: dict[int, int] = {}
        posts = Post.objects.effective(on).exclude(unit__kind="system").order_by("unit_id", "pk")
        for pk, unit_id, staff_id, is_deputy, rank in posts.values_list("pk", "unit_id", "staff_id", "is_deputy", "rank"):
            self._seats[unit_id].append(Seat(staff_id, is_deputy, rank == Post.Rank.APPROVER))
            self._takers[pk] = staff_id
        units = Unit.objects.current(on)
        self._platform = units.filter(kind=Unit.Kind.PLATFORM).values_list("pk", flat=True).first()
        windows = units.filter(kind__in=[Unit.Kind.TOWNSHIP_WINDOW, Unit.Kind.VILLAGE_WINDOW])
        self._windows = {pk: code[:TOWNSHIP_DIGITS] for pk, code in windows.values_list("pk", "region_id")}
        offices = units.filter(kind=Unit.Kind.TOWNSHIP_OFFICE, office=Unit.Office.SOCIAL_AFFAIRS)
        self._offices = dict(offices.values_list("region_id", "pk"))
        ended = Unit.objects.filter(valid_until__lt=on).select_related("department__successor", "successor")
        self._heirs = {unit.pk: unit for unit in ended}

    def of(self, stage: str, unit_id: int, taken_by_id: int | None) -> list[Key]:
        """Whom the stage of a duty of that unit is told, each once; never nobody."""
        if stage == Stage.TO_PLATFORM and self._platform is not None:
            return self._present(self._platform, lambda seat: True)
        unit_id = self._standing(unit_id)
        if stage == Stage.TO_HEAD:
            return self._present(self._headed_by(unit_id), lambda seat: seat.is_approver)
        taker = self._takers.get(taken_by_id) if taken_by_id else None
        if taker is None:
            return self._present(unit_id, lambda seat: True)
        if taker not in self._away:
            return [("staff", taker)]
        return self._present(unit_id, lambda seat: seat.is_deputy, lambda seat: seat.is_approver)

    def _headed_by(self, unit_id: int) -> int:
        """The unit whose approvers are its head; the unit itself, where there are none in its township either."""
        office = self._offices.get(self._windows.get(unit_id, ""), unit_id)
        own, above = (any(seat.is_approver for seat in self._seats.get(pk, ())) for pk in (unit_id, office))
        return office if above and not own else unit_id

    def _standing(self, unit_id: int) -> int:
        """A unit that has ended is followed once: the answer stands for the day."""
        if (ended := self._heirs.get(unit_id)) is None:
            return unit_id
        return still(ended, self._on).pk

    def _present(self, unit_id: int, *choices: Callable[[Seat], bool]) -> list[Key]:
        """The first choice of whom somebody is there; else whoever of the unit is; else the unit."""
        there = [seat for seat in self._seats.get(unit_id, ()) if seat.staff_id not in self._away]
        for chosen in (*choices, lambda seat: True):
            if found := dict.fromkeys(seat.staff_id for seat in there if chosen(seat)):
                return [("staff", staff_id) for staff_id in found]
        return [("unit", unit_id)]


def people(keys: Iterable[Key]) -> dict[Key, Staff | Unit]:
    """The rows behind them, in two queries."""
    wanted = set(keys)
    staff = Staff.objects.in_bulk([pk for kind, pk in wanted if kind == "staff"])
    units = Unit.objects.select_related("department__successor", "successor").in_bulk([pk for kind, pk in wanted if kind == "unit"])
    return {("staff", pk): row for pk, row in staff.items()} | {("unit", pk): row for pk, row in units.items()}
