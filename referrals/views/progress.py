"""How far is my application? Open to everybody who holds its number and the end of the applicant's ID, or its query code (TZ-25)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.addresses import client_address
from config.submit import submit

from ..forms import ProgressForm
from ..progress import Progress, progress_of
from ..transitions.progress import look_up

COOKIE, COOKIE_SECONDS = "progress_code", 600
NOT_FOUND = "没有查到。请核对申请编号和证件号码后四位，或查询码，再试一次。"


@login_not_required
@never_cache
@sensitive_post_parameters("number", "tail", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """A look asks by POST, so that numbers stay out of addresses. The same answer for a number that is not there and one that does not fit.

    The QR code's address holds the query code. It is put aside into a cookie of a few minutes and leaves the address bar, the history and
    what a messenger's preview may fetch: opening the link answers nothing yet.
    """
    if request.method != "POST" and request.GET.get("code"):
        return _put_aside(request)
    code = request.COOKIES.get(COOKIE, "")[:20]
    form = ProgressForm(request.POST) if request.method == "POST" else ProgressForm(initial={"code": code})
    found = _found(request, form) if request.method == "POST" and form.is_valid() else None
    if found is not None:
        form = ProgressForm()  # on a screen that others see as well, the numbers do not stay behind
    context = {"form": form, "progress": found, "has_code": bool(code) and request.method != "POST"}
    response = render(request, "referrals/progress.html", context, status=422 if form.errors else 200)
    if code:
        response.delete_cookie(COOKIE, path=reverse("referrals:progress"), samesite="Strict")
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _put_aside(request: HttpRequest) -> HttpResponse:
    here = reverse("referrals:progress")
    response = redirect(here)
    response.set_cookie(
        COOKIE, request.GET["code"][:20], max_age=COOKIE_SECONDS, path=here, secure=request.is_secure(), httponly=True, samesite="Strict"
    )
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _found(request: HttpRequest, form: ProgressForm) -> Progress | None:
    application = submit(form, lambda: look_up(**form.cleaned_data, address=client_address(request)))
    if application is not None:
        return progress_of(application)
    if not form.errors:
        form.add_error(None, NOT_FOUND)
    return None
