"""督查通报: which there are, one of them, and on paper."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import keyset
from organization.gates import requires
from organization.requests import StaffRequest

from ..bulletin_page import rows_of, total_of
from ..models import Bulletin
from ..permissions import has_bulletins

SORT = "-last_on"


@require_GET
@requires(has_bulletins)
def bulletin_list(request: StaffRequest) -> HttpResponse:
    """The newest first."""
    rows = Bulletin.objects.visible_to(request.post)
    page = keyset.page(keyset.ordered(rows, SORT, is_filled=True), request, sort=SORT)
    return render(request, "monitoring/bulletin_list.html", {"page": page})


@require_GET
@requires(has_bulletins)
def bulletin_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _shown(request, pk, "monitoring/bulletin_detail.html")


@require_GET
@requires(has_bulletins)
def bulletin_print(request: StaffRequest, pk: UUID) -> HttpResponse:
    """On A4, as it goes round."""
    return _shown(request, pk, "monitoring/bulletin_print.html")


def _shown(request: StaffRequest, pk: UUID, template: str) -> HttpResponse:
    bulletin: Bulletin = Bulletin.objects.visible_to(request.post).get_or_404(pk)
    rows = rows_of(bulletin)
    return render(request, template, {"bulletin": bulletin, "rows": rows, "total": total_of(rows)})
