"""Units, villages, the department x township table, and the alarms over them."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import submit

from ..alarms import alarms
from ..filters import UnitFilter
from ..forms import ReviewOfficeForm, UnitForm, VillageForm
from ..gates import requires
from ..models import Department, Post, Region, ReviewOffice, Unit
from ..permissions import can_end_unit, can_keep_units, can_read_accounts, can_read_alarms
from ..requests import StaffRequest
from ..transitions import units


@require_GET
@requires()
def unit_list(request: StaffRequest) -> HttpResponse:
    """Units with their telephones: everybody's directory, the system administrator's list."""
    rows = (
        Unit.objects.visible_to(request.post).current(clock.today()).exclude(kind=Unit.Kind.SYSTEM).select_related("region", "department")
    )
    found = UnitFilter(request.GET, queryset=rows)
    page = Paginator(found.qs, 50).get_page(request.GET.get("page"))
    context = {
        "filter": found,
        "page": page,
        "can_keep": can_keep_units(request.post),
        "can_read_accounts": can_read_accounts(request.post),
    }
    template = "organization/_unit_table.html" if request.htmx else "organization/unit_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_GET
@requires()
def unit_detail(request: StaffRequest, pk: int) -> HttpResponse:
    unit = Unit.objects.visible_to(request.post).select_related("region", "department__successor", "successor").get_or_404(pk)
    sees_people = can_read_accounts(request.post) or request.post.unit_id == unit.pk
    people = Post.objects.visible_to(request.post).effective(clock.today()).filter(unit=unit).select_related("staff", "unit")
    successor = unit.successor or (unit.department.successor if unit.department else None)
    context = {"unit": unit, "people": people if sees_people else None, "can_keep": can_keep_units(request.post), "successor": successor}
    context["can_end"] = unit.valid_until is None and can_end_unit(request.post, unit)
    return render(request, "organization/unit_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_keep_units)
@once
def unit_describe(request: StaffRequest, pk: int) -> HttpResponse:
    unit = Unit.objects.visible_to(request.post).get_or_404(pk)
    form = UnitForm(request.POST or None, initial={"phone": unit.phone, "address": unit.address})
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: units.describe_unit(unit_id=pk, **form.cleaned_data, by=request.post)):
            messages.success(request, "已保存。")
            return redirect("organization:unit_detail", pk=pk)
    return render(request, "organization/unit_describe.html", {"form": form, "unit": unit}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_keep_units)
@once
def village_add(request: StaffRequest) -> HttpResponse:
    form = VillageForm(request.POST or None, by=request.post)
    if request.method == "POST" and form.is_valid():
        window = submit(form, lambda: units.add_village(**form.cleaned_data, by=request.post))
        if window:
            messages.success(request, f"已添加 {window.region.name} 及其窗口。")
            return redirect("organization:unit_detail", pk=window.pk)
    return render(request, "organization/village_add.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires()
def review_office_list(request: StaffRequest) -> HttpResponse:
    """Which office of which township reviews for which department, as a table of the county: as referrals are led (`reviewing`), which
    passes over an office that has ended."""
    today, by = clock.today(), request.post
    standing = ReviewOffice.objects.visible_to(by).current(today).filter(office__in=Unit.objects.current(today)).select_related("office")
    named = {(row.department_id, row.township_id): row.office for row in standing}
    departments = list(Department.objects.visible_to(by).with_programs())
    rows = [
        (township, [named[d.pk, township.pk].get_office_display() if (d.pk, township.pk) in named else "社会事务办" for d in departments])
        for township in Region.objects.visible_to(by).townships()
    ]
    return render(
        request, "organization/review_office_list.html", {"departments": departments, "rows": rows, "can_keep": can_keep_units(by)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_keep_units)
@once
def review_office_assign(request: StaffRequest) -> HttpResponse:
    form = ReviewOfficeForm(request.POST or None, by=request.post)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        offices = Unit.objects.visible_to(request.post).current(data["since"]).filter(region=data["township"], office=data["office"])
        office = offices.order_by(F("valid_until").desc(nulls_first=True), "pk").first()  # one that stays, where there is one
        row = submit(form, lambda: units.assign_review_office(**{**data, "office": office}, by=request.post))
        if row:
            messages.success(request, f"自 {row.valid_from} 起，{row.township}由{row.office.get_office_display()}为{row.department}审核。")
            return redirect("organization:review_office_list")
    return render(request, "organization/review_office_assign.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(can_read_alarms)
def alarm_list(request: StaffRequest) -> HttpResponse:
    """ZX-13, LY-06, XX-27: the county's gaps for administrators and the platform, a township's own for the township."""
    rows = Unit.objects.visible_to(request.post)
    if request.post.unit.region_level == Region.Level.TOWNSHIP:
        rows = rows.filter(region__code__startswith=request.post.region_code)
    found = alarms(rows, clock.today())
    chosen = request.GET.get("kind", "")
    counts = Counter(alarm.kind for alarm in found)
    tabs = [{"label": "全部", "url": "?", "count": len(found), "is_current": not chosen}] + [
        {"label": kind, "url": f"?{urlencode({'kind': kind})}", "count": count, "is_current": kind == chosen}
        for kind, count in counts.items()
    ]
    shown = [alarm for alarm in found if not chosen or alarm.kind == chosen]
    return render(request, "organization/alarm_list.html", {"alarms": shown, "tabs": tabs})
