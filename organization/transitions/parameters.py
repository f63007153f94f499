"""Parameters: a change is a new dated row, never an edit; with its reason and source."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, save

from ..figures import forget
from ..models import Department, Parameter, Post, Region
from ..permissions import can_set_parameter
from ..rules import out_of_bounds
from ..scopes import scope_refused
from ..unset import example
from ..wording import shown


@transaction.atomic
def set_parameter(
    *,
    key: str,
    value: Any,
    valid_from: date,
    origin: str,
    source: str,
    region: Region | None = None,
    department: Department | None = None,
    by: Post,
) -> Parameter:
    """Give a known parameter a new value from a day on, for the county, one region or one department; or its first (`unset`).

    Raises:
        TransitionError: an unknown key, a value of another type than the one in force, one that would lock everybody out, or a scope for
            a figure that the whole county shares; a number below zero; a day before the value in force began.
    """
    if not can_set_parameter(by, key):
        raise PermissionDenied("这个参数不由您的岗位设定：登录与密码类由安全管理员设定，其余由县级平台审批岗设定。")
    rows = Parameter.objects.filter(key=key).order_by("-valid_from")
    known: Parameter | None = rows.select_for_update(of=("self",), no_key=True).first() or example(key)
    if known is None:
        raise TransitionError(f"没有名为 {key} 的参数。")
    if _kind(value) is not _kind(known.value):
        raise TransitionError(f"“{known.name}”的值应为{_WORDS[_kind(known.value)]}，例如 {shown(known.value)}。")
    if isinstance(value, dict) and {k: _kind(v) for k, v in value.items()} != {k: _kind(v) for k, v in known.value.items()}:
        raise TransitionError(f"“{known.name}”的各项须与原来同样，例如 {shown(known.value)}。")
    if reason := out_of_bounds(key, value):
        raise TransitionError(f"“{known.name}”{reason}。")
    if reason := scope_refused(key, has_region=region is not None, has_department=department is not None):
        raise TransitionError(f"“{known.name}”{reason}。")
    _refuse_nonsense(known, value)
    _refuse_before(known, valid_from, region, department)
    row = Parameter(
        key=key, name=known.name, unit=known.unit, value=value, region=region, department=department, valid_from=valid_from,
        origin=origin, source=source, set_at=clock.now(), set_by=by,
    )  # fmt: skip
    before = (
        Parameter.objects.filter(key=key, region=region, department=department, valid_from__lt=valid_from).order_by("-valid_from").first()
    )
    save(row)
    transaction.on_commit(forget)
    record("parameter.set", row, by=by, old=shown(before.value)[:200] if before else "", new=shown(value)[:200], note=source)
    return row


def _refuse_nonsense(known: Parameter, value: Any) -> None:
    """Days, amounts and counts: a figure that is not negative today is not negative tomorrow."""
    if any(number < 0 for number in _numbers(value)) and not any(number < 0 for number in _numbers(known.value)):
        raise TransitionError(f"“{known.name}”不能小于0，请核对。")


def _refuse_before(known: Parameter, valid_from: date, region: Region | None, department: Department | None) -> None:
    """A change is a later row: one that begins before what is in force would rewrite what cases were decided by."""
    scope = Parameter.objects.filter(key=known.key, region=region, department=department, valid_from__lte=clock.today())
    now = scope.order_by("-valid_from").first()
    if now is not None and valid_from < now.valid_from:
        raise TransitionError(f"“{known.name}”的现行值自{now.valid_from}起生效，新值的生效日期不能更早。")


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for entry in value.values() for number in _numbers(entry)]
    if isinstance(value, list):
        return [number for entry in value for number in _numbers(entry)]
    return [value] if _kind(value) is float else []


_WORDS = {float: "数字", str: "文字", bool: "是或否", list: "列表", dict: "对照表", type(None): "空"}


def _kind(value: Any) -> type:
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)
