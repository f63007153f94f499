"""Regions, departments, units, the system post and parameters: what every installation starts with (RULES E, ZX-04, ZX-09, ZX-56, P)."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings

from audit.transitions import record
from config import clock

from .models import Department, Parameter, Post, Region, ReviewOffice, Staff, Unit

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
SINCE = date(2021, 1, 1)
COUNTY = settings.COUNTY_CODE


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one fixture file, every cell a string."""
    with open(FIXTURES / name, encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def load(*, by: Post | None) -> None:
    """Add what is missing; what administrators have changed since stays as they left it. One event where anything was added."""
    before = _counts()
    _load_regions()
    _load_departments()
    _load_units()
    system = by or _load_system_post()
    _load_review_offices()
    load_parameters(by=system, demo=False)
    after = _counts()
    if before != after:
        record("reference.loaded", system.unit, by=system, data={"before": before, "after": after}, note="机构参考数据")


def _counts() -> dict[str, int]:
    return {m._meta.model_name or "": m._default_manager.count() for m in (Region, Department, Unit, ReviewOffice, Parameter)}


def _load_regions() -> None:
    for row in rows("regions.csv"):
        is_county = len(row["code"]) == 6
        Region.objects.get_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "level": Region.Level.COUNTY if is_county else Region.Level.TOWNSHIP,
                "parent_id": None if is_county else COUNTY,
                "setting": row["setting"],
                "population": row["population"] or None,
                "population_source": row["population_source"],
                "valid_from": SINCE,
            },
        )


def _load_departments() -> None:
    for row in rows("departments.csv"):
        Department.objects.get_or_create(
            code=row["code"],
            defaults={
                "number": row["number"] or None,
                "name": row["name"],
                "kind": row["kind"],
                "declared_programs": row["declared_programs"],
                "is_conference_member": row["is_conference_member"] == "1",
                "is_data_supplier": row["is_data_supplier"] == "1",
                "remark": row["remark"],
                "valid_from": SINCE,
            },
        )


def _load_units() -> None:
    civil_affairs = Department.objects.get(code="MZ")
    supervision = Department.objects.get(code="DC")
    desks = [
        (Unit.Kind.PLATFORM, "忠县民政局（县级协同救助信息平台）", "县级平台", civil_affairs),
        (Unit.Kind.CONVENER, "忠县社会救助工作联席会议召集人", "联席会议召集人", None),
        (Unit.Kind.SUPERVISION, "忠县人民政府督查室", "县政府督查室", supervision),
        (Unit.Kind.SYSTEM_ADMINISTRATION, "平台系统管理", "系统管理", None),
        (Unit.Kind.SECURITY_ADMINISTRATION, "平台安全管理", "安全管理", None),
        (Unit.Kind.AUDIT_ADMINISTRATION, "平台审计管理", "审计管理", None),
        (Unit.Kind.SYSTEM, "系统自动作业", "系统", None),
    ]
    for kind, name, short, department in desks:
        Unit.objects.get_or_create(
            kind=kind, valid_until=None,
            defaults={"name": name, "short_name": short, "region_id": COUNTY, "department": department, "valid_from": SINCE},
        )  # fmt: skip
    for department in Department.objects.exclude(pk=supervision.pk):
        Unit.objects.get_or_create(
            kind=Unit.Kind.DEPARTMENT, department=department, valid_until=None,
            defaults={"name": department.name, "short_name": department.name, "region_id": COUNTY, "valid_from": SINCE},
        )  # fmt: skip
    for township in Region.objects.townships():
        open_window(township, Unit.Kind.TOWNSHIP_WINDOW, "综合救助窗口")
        for office in Unit.Office:
            Unit.objects.get_or_create(
                kind=Unit.Kind.TOWNSHIP_OFFICE, region=township, office=office, valid_until=None,
                defaults={"name": f"{township.name}{office.label}", "short_name": f"{township.name}{office.label}", "valid_from": SINCE},
            )  # fmt: skip


def open_window(region: Region, kind: str, suffix: str) -> Unit:
    """The comprehensive assistance window of a township or village (ZX-14, ZX-16)."""
    unit, _ = Unit.objects.get_or_create(
        kind=kind, region=region, valid_until=None,
        defaults={"name": f"{region.name}{suffix}", "short_name": f"{region.name}窗口", "valid_from": SINCE},
    )  # fmt: skip
    return unit


def _load_system_post() -> Post:
    """The post jobs act as, with its own explicit line in each gate. It cannot sign in."""
    existing = Post.objects.filter(unit__kind=Unit.Kind.SYSTEM).first()
    if existing:
        return existing
    moment = clock.now()
    staff = Staff(username="system", name="系统", is_system=True, is_active=True, must_change_password=False, created_at=moment)
    staff.set_unusable_password()
    staff.save()
    post = Post.objects.create(
        staff=staff, unit=Unit.objects.get(kind=Unit.Kind.SYSTEM), family=Post.Family.CASEWORK, rank=Post.Rank.HANDLER, title="系统作业",
        valid_from=SINCE, valid_until=date(2999, 12, 31), is_founding=True, proposed_at=moment,
    )  # fmt: skip
    Post.objects.filter(pk=post.pk).update(
        proposed_by=post, proposed_by_staff=staff, granted_at=moment, granted_by=post, granted_by_staff=staff
    )
    post.refresh_from_db()
    return post


def _load_review_offices() -> None:
    """Which office reviews for which department (ZX-33; which ones is assumed, editable): where nothing stands, 社会事务办."""
    if ReviewOffice.objects.exists():
        return
    named = {row["code"]: row["review_office"] for row in rows("departments.csv") if row["review_office"]}
    offices = {(u.region_id, u.office): u for u in Unit.objects.filter(kind=Unit.Kind.TOWNSHIP_OFFICE)}
    ReviewOffice.objects.bulk_create(
        ReviewOffice(department=department, township=township, office=offices[township.pk, named[department.code]], valid_from=SINCE)
        for department in Department.objects.filter(code__in=named)
        for township in Region.objects.townships()
    )


def load_parameters(*, by: Post, demo: bool) -> None:
    """Every figure of RULES P; with `demo`, the assumed values of the figures that RULES leave to the county."""
    moment = clock.now()
    present = set(Parameter.objects.values_list("key", "region_id", "department__code", "valid_from"))
    departments = {d.code: d for d in Department.objects.all()}
    for row in rows("parameters.csv"):
        if (row["is_demo"] == "1") is not demo:
            continue
        since = date.fromisoformat(row["valid_from"])
        if (row["key"], row["region_code"] or None, row["department_code"] or None, since) in present:
            continue
        Parameter.objects.create(
            key=row["key"], name=row["name"], value=json.loads(row["value"]), unit=row["unit"], region_id=row["region_code"] or None,
            department=departments[row["department_code"]] if row["department_code"] else None, valid_from=since, origin=row["origin"],
            source=row["source"], is_demo=demo, set_at=moment, set_by=by,
        )  # fmt: skip
