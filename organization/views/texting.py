"""短信提醒 at one's own account: whether urgent notices also go to one's mobile."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.submit import submit

from ..forms import MobileForm
from ..gates import requires
from ..models import Mobile
from ..requests import StaffRequest
from ..transitions import mobiles


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
@requires()
@once
def texting(request: StaffRequest) -> HttpResponse:
    """The number is typed anew to be changed: the one that stands is shown masked alone."""
    form = MobileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        mobile = submit(form, lambda: mobiles.text_me(number=form.cleaned_data["number"].normalised, by=request.post))
        if mobile:
            messages.success(request, f"已开通短信提醒，紧急消息同时发到 {mobile.number}。")
            return redirect("organization:account")
    context = {"form": form, "mobile": Mobile.objects.of(request.user.pk), "has_gateway": bool(settings.SMS_GATEWAY)}
    return render(request, "organization/texting.html", context, status=422 if form.errors else 200)


@require_POST
@requires()
@once
def texting_stop(request: StaffRequest) -> HttpResponse:
    mobiles.stop_texting(by=request.post)
    messages.success(request, "已关闭短信提醒，手机号码已删除。")
    return redirect("organization:account")
