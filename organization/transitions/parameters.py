"""Parameters: a change is a new dated row, never an edit; with its reason and source."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import TransitionError

from ..figures import forget
from ..models import Department, Parameter, Post, Region
from ..permissions import can_set_parameter
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
    """Give a known parameter a new value from a day on, for the county, one region or one department.

    Raises:
        TransitionError: an unknown key, or a value of another type than the one in force.
    """
    if not can_set_parameter(by, key):
        raise PermissionDenied("这个参数不由您的岗位设定：登录与密码类由安全管理员设定，其余由县级平台审批岗设定。")
    known: Parameter | None = Parameter.objects.filter(key=key).order_by("-valid_from").select_for_update(of=("self",)).first()
    if known is None:
        raise TransitionError(f"没有名为 {key} 的参数。")
    if _kind(value) is not _kind(known.value):
        raise TransitionError(f"“{known.name}”的值应为{_WORDS[_kind(known.value)]}，例如 {shown(known.value)}。")
    if isinstance(value, dict) and {k: _kind(v) for k, v in value.items()} != {k: _kind(v) for k, v in known.value.items()}:
        raise TransitionError(f"“{known.name}”的各项须与原来同样，例如 {shown(known.value)}。")
    row = Parameter(
        key=key, name=known.name, unit=known.unit, value=value, region=region, department=department, valid_from=valid_from,
        origin=origin, source=source, set_at=clock.now(), set_by=by,
    )  # fmt: skip
    row.full_clean()
    row.save()
    transaction.on_commit(forget)
    record("parameter.set", row, by=by, old=shown(known.value)[:200], new=shown(value)[:200], note=source)
    return row


_WORDS = {float: "数字", str: "文字", bool: "是或否", list: "列表", dict: "对照表", type(None): "空"}


def _kind(value: Any) -> type:
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)
