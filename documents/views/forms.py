"""Texts that are signed or told: read and printed by everybody, drafted and published by the county platform."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from config import clock
from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms import FormDraftForm, FormPublishForm
from ..markup import blocks
from ..models import FormVersion
from ..permissions import can_draft_form, can_publish_form


@require_GET
@requires()
def form_list(request: StaffRequest) -> HttpResponse:
    today = clock.today()
    rows = list(FormVersion.objects.visible_to(request.post).with_list_data())
    current = {form.pk for form in FormVersion.objects.visible_to(request.post).all_in_force(today)}
    listed = [
        {
            "form": form,
            "state": "现行" if form.pk in current else form.state_on(today),
            "can_publish": not form.is_published and can_publish_form(request.post, form),
        }
        for form in rows
    ]
    keys = FormVersion.Key.choices if can_draft_form(request.post) else []
    return render(request, "documents/form_list.html", {"rows": listed, "keys": keys})


@require_safe
@requires()
def form_print(request: StaffRequest, pk: int) -> HttpResponse:
    """The text on A4, with its blanks, to be signed by hand or handed over."""
    form = FormVersion.objects.visible_to(request.post).get_or_404(pk)
    return render(request, "documents/form_print.html", {"form": form, "blocks": blocks(form.text), "unit": request.post.unit})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_draft_form)
@once
def form_draft(request: StaffRequest, key: str) -> HttpResponse:
    """The next version, beginning with the words of the last one."""
    if key not in FormVersion.Key.values:
        raise Http404("没有这种文书。")
    last = FormVersion.objects.visible_to(request.post).filter(key=key).order_by("-number").first()
    initial = {name: getattr(last, name) for name in ("title", "text", "origin", "source")} if last else {}
    form = FormDraftForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        drafted = submit(form, lambda: transitions.draft_form(key=key, **form.cleaned_data, by=request.post))
        if drafted:
            messages.success(request, f"已起草：{drafted}，待县级平台审批岗发布。")
            return redirect("documents:form_list")
    context = {"form": form, "title": FormVersion.Key(key).label}
    return render(request, "documents/form_draft.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_draft_form)
@once
def form_publish(request: StaffRequest, pk: int) -> HttpResponse:
    version = FormVersion.objects.visible_to(request.post).get_or_404(pk)
    form = FormPublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.publish_form(form_id=pk, valid_from=form.cleaned_data["valid_from"], by=request.post)):
            messages.success(request, f"已发布：{version}，自{form.cleaned_data['valid_from']:%Y-%m-%d}起启用。")
            return redirect("documents:form_list")
    if told := late(request, form, "documents:form_list"):
        return told
    context = {"form": form, "version": version, "blocks": blocks(version.text), "can_publish": can_publish_form(request.post, version)}
    return render(request, "documents/form_publish.html", context, status=422 if form.errors else 200)
