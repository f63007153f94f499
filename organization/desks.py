"""Where work lands when its own desk may have ended: a township's window, a department's desk, whoever has taken over (RULES F7)."""

from datetime import date

from config.verbs import TransitionError

from .models import Department, Unit


def window_of(township_code: str, on: date) -> Unit:
    """The window of a township, where its people are received and its second person answers.

    Raises:
        TransitionError: it has none at present.
    """
    windows = Unit.objects.current(on).filter(kind=Unit.Kind.TOWNSHIP_WINDOW, region_id=township_code)
    window: Unit | None = windows.order_by("pk").first()
    if window is None:
        raise TransitionError("该乡镇（街道）还没有综合救助窗口，无法送达。请联系系统管理员设立窗口后再办。")
    return window


def standing(department: Department, on: date) -> Department:
    """The department itself, or who has taken it over by that day."""
    seen = {department.pk}
    while department.valid_until is not None and department.valid_until < on and department.successor is not None:
        department = department.successor
        if department.pk in seen:
            break
        seen.add(department.pk)
    return department


def desk_of(department: Department, on: date) -> Unit:
    """The desk where a department's work is done, its successor's once it has ended.

    Raises:
        TransitionError: there is none.
    """
    department = standing(department, on)
    desk: Unit | None = Unit.objects.current(on).filter(kind=Unit.Kind.DEPARTMENT, department=department).first()
    if desk is None:
        raise TransitionError(f"{department.name}没有设立办理单位，无法送达。请联系系统管理员设立单位后再办。")
    return desk


def successor_of(unit: Unit, on: date) -> Unit | None:
    """Who works on for a unit that has ended; None while it stands, or where nobody was named.

    A department's desk names nobody itself: its department does.

    Raises:
        TransitionError: the department that took over has no desk.
    """
    if unit.valid_until is None or unit.valid_until >= on:
        return None
    if unit.kind == Unit.Kind.DEPARTMENT:
        return None if unit.department is None or unit.department.successor_id is None else desk_of(unit.department, on)
    seen, heir = {unit.pk}, unit.successor
    while heir is not None and heir.valid_until is not None and heir.valid_until < on:
        if heir.pk in seen:
            return None
        seen.add(heir.pk)
        heir = heir.successor
    return heir


def still(unit: Unit, on: date) -> Unit:
    """The unit itself while it stands, and then who works on for it."""
    return successor_of(unit, on) or unit
