"""Versions and programs for tests, reached by the verbs."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from config import clock
from organization.models import Department, Post
from organization.unset import example
from programs import transitions
from programs.catalogue import read
from programs.models import ProgramVersion, WholeList
from programs.proof import prove
from programs.reference import content_of as content_of_spec
from programs.transitions import Content


def content_of(code: str) -> Content:
    """What the reference files say of a program, ready to be changed."""
    departments = {department.code: department for department in Department.objects.all()}
    return content_of_spec(next(spec for spec in read() if spec.code == code), departments)


def draft_version(code: str, *, by: Post | None = None, note: str = "部门调整", **fields: Any) -> ProgramVersion:
    """An unpublished next version with the content of the reference files and some fields changed."""
    content = content_of(code)
    content.fields.update(fields)
    return transitions.draft(code=code, content=content, note=note, by=by or Post.objects.the_system())


def whole_lists(kinds: Iterable[str], on: date) -> None:
    """Lists that two people of the county vouched for. `tests/programs/test_confirm_list.py` walks the verbs."""
    from tests.cast import member

    one, two, at = member("platform"), member("department_approver"), clock.now()
    said = {"proposed_at": at, "proposed_by": one, "proposed_by_staff_id": one.staff_id}
    sure = {"confirmed_at": at, "confirmed_by": two, "confirmed_by_staff_id": two.staff_id}
    WholeList.objects.bulk_create([WholeList(kind_id=kind, on=on, **said, **sure) for kind in kinds])


def next_version(code: str, *, valid_from: date | None = None, **fields: Any) -> ProgramVersion:
    """The next version of a program, drafted by its department and published by the platform's approver.

    One that was valid before the test's today was published then: nobody publishes backwards."""
    from tests.cast import member

    valid_from = valid_from or clock.today()
    with clock.set_clock(min(clock.now(), datetime.combine(valid_from, time(9), clock.now().tzinfo))):
        version = draft_version(code, by=member("platform"), **fields)
        give_figures(version)
        return transitions.publish(version_id=version.pk, valid_from=valid_from, by=member("platform_approver"))


def give_figures(version: ProgramVersion) -> None:
    """What the county leaves open and the rule of the draft goes by, as the demo assumes it: without it nothing is published."""
    from organization.transitions.parameters import set_parameter
    from tests.cast import member

    for key in prove(version, clock.today()).missing:
        row = example(key)
        assert row is not None
        set_parameter(
            key=key, value=row.value, valid_from=date(2021, 1, 1), origin="assumed", source="示例", by=member("platform_approver")
        )
