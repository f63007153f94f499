"""常用意见 at one's own account, and the short list a form offers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.once import once
from config.submit import submit

from ..figures import figure
from ..forms import PhraseForm
from ..gates import requires
from ..models import Phrase
from ..requests import StaffRequest
from ..transitions import phrases


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
@once
def phrase_list(request: StaffRequest) -> HttpResponse:
    form = PhraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: phrases.keep(**form.cleaned_data, by=request.post)):
            messages.success(request, "已保存。填写意见和理由时可以选用。")
            return redirect("organization:phrase_list")
    context = {"form": form, "phrases": Phrase.objects.visible_to(request.post), "most": figure("own_phrases_max")}
    return render(request, "organization/phrase_list.html", context, status=422 if form.errors else 200)


@require_GET
@requires()
def phrase_choices(request: StaffRequest) -> HttpResponse:
    """What `js/phrases.js` lays beside a field."""
    return render(request, "organization/_phrase_choices.html", {"phrases": Phrase.objects.visible_to(request.post)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
@once
def phrase_reword(request: StaffRequest, pk: int) -> HttpResponse:
    phrase = Phrase.objects.visible_to(request.post).get_or_404(pk)
    form = PhraseForm(request.POST or None, initial={"text": phrase.text})
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: phrases.reword(phrase_id=pk, **form.cleaned_data, by=request.post)):
            messages.success(request, "已修改。")
            return redirect("organization:phrase_list")
    return render(request, "organization/phrase_reword.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@requires()
@once
def phrase_discard(request: StaffRequest, pk: int) -> HttpResponse:
    phrases.discard(phrase_id=pk, by=request.post)
    messages.success(request, "已删除这条常用意见。")
    return redirect("organization:phrase_list")
