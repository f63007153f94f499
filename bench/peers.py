"""Addresses that only the measurements have: what one would write instead of the inbox, and a page with nothing but the frame."""

from functools import cache
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.http import require_GET

from config.urls import urlpatterns as ours
from organization.gates import requires
from organization.requests import StaffRequest
from referrals.models import Referral

EMPTY = """{% extends "base.html" %}{% block title %}空页{% endblock %}{% block heading %}空页{% endblock %}"""
NAIVE = """{% extends "base.html" %}{% block title %}转办事项{% endblock %}{% block heading %}转办事项{% endblock %}
{% block content %}<table class="table"><tbody>{% for row in page %}<tr>
<td>{{ row.get_status_display }}</td>
<td><a href="{% url 'referrals:referral_detail' row.pk %}">{{ row.number }}</a></td>
<td>{{ row.application.applicant.name }}</td>
<td>{{ row.program.seed_name }}</td>
<td>{{ row.window.region.name }}</td>
<td>{{ row.stage.name }}</td>
<td>{% if row.handler %}{{ row.handler.staff.name }}{% else %}{{ row.unit.short_name }}{% endif %}</td>
<td>{{ row.accepted_at|date:"Y-m-d H:i" }}</td>
<td>{{ row.arrived_at|date:"Y-m-d H:i" }}</td>
<td>{{ row.decided_at|date:"Y-m-d" }}</td>
</tr>{% endfor %}</tbody></table>
<p>{{ page.number }} / {{ page.paginator.num_pages }}（{{ page.paginator.count }}）
{% if page.has_next %}<a href="?page={{ page.next_page_number }}">下一页</a>{% endif %}</p>{% endblock %}"""
RELATED = ("application__applicant", "program", "window__region", "stage", "handler__staff", "unit")
SIZE = 50


@require_GET
@requires()
def empty(request: StaffRequest) -> HttpResponse:
    return HttpResponse(_template(EMPTY).render({}, request))


@require_GET
@requires()
def naive(request: StaffRequest) -> HttpResponse:
    """The same gate, rows of the same kind, numbered pages; without tabs, lamps, promises and filters, which would cost it more."""
    rows = Referral.objects.visible_to(request.post).filter(status=request.GET.get("status", "confirmed")).select_related(*RELATED)
    page = Paginator(rows.order_by("-arrived_at", "-id"), SIZE).get_page(request.GET.get("page"))
    return HttpResponse(_template(NAIVE).render({"page": page}, request))


@cache
def _template(text: str) -> Any:
    """Compiled once, as the loader does with files."""
    return engines["django"].from_string(text)


urlpatterns = [path("bench/empty/", empty), path("bench/naive/", naive), *ours]
