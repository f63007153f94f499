"""消息发送: what waits, what was parked, what became of it. Kinds, moments and errors; never a person, a number or a text."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from audit.presenters import known_verbs
from config import keyset
from config.once import once
from config.submit import submit
from config.verbs import AlreadyHandled, TransitionError
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..filters import OutboxFilter
from ..forms import MendForm
from ..models import OutboxMessage
from ..permissions import can_mend_outbox, can_see_outbox

S = OutboxMessage.State
LIST = "deadlines:outbox_list"
TABS = (S.PARKED, S.WAITING, S.DELIVERED, S.DROPPED)


@require_GET
@requires(can_see_outbox)
def outbox_list(request: StaffRequest) -> HttpResponse:
    return render(request, "deadlines/outbox_list.html", _list(request, MendForm()))


@require_POST
@requires(can_mend_outbox)
@once
def outbox_retry(request: StaffRequest) -> HttpResponse:
    return _mend(request, transitions.retry_message, "重发")


@require_POST
@requires(can_mend_outbox)
@once
def outbox_drop(request: StaffRequest) -> HttpResponse:
    return _mend(request, transitions.drop_message, "放弃")


def _mend(request: StaffRequest, verb: Callable[..., Any], word: str) -> HttpResponse:
    """Several rows at once, for one reason; those that somebody else has seen to are passed over and counted, those refused are told."""
    form = MendForm(request.POST)
    done = submit(form, lambda: _each(form.cleaned_data, verb, request)) if form.is_valid() else None
    if done is None:
        return render(request, "deadlines/outbox_list.html", _list(request, form), status=422)
    mended, passed, refusal = done
    messages.success(request, f"已{word}{mended}条" + (f"，另有{passed}条已由他人处理或已经发出。" if passed else "。"))
    if refusal:
        messages.warning(request, f"其余没有{word}：{refusal}")
    return redirect(LIST)


def _each(asked: dict[str, Any], verb: Callable[..., Any], request: StaffRequest) -> tuple[int, int, str]:
    """Each row by a verb of its own: one that is refused keeps the others from nothing."""
    mended, passed, refusal = 0, 0, ""
    for pk in asked["rows"]:
        try:
            verb(message_id=pk, reason=asked["reason"], by=request.post)
            mended += 1
        except AlreadyHandled:
            passed += 1
        except TransitionError as refused:
            refusal = str(refused)
    if not mended:
        raise TransitionError(refusal or "所选消息都已由他人处理或已经发出，不用再办。")
    return mended, passed, refusal


def _list(request: StaffRequest, form: MendForm) -> dict[str, Any]:
    rows = OutboxMessage.objects.visible_to(request.post)
    state = asked if (asked := request.GET.get("tab", "")) in S else S.PARKED
    found = OutboxFilter(request.GET, queryset=rows.of_state(state).select_related("dropped_by__staff", "dropped_by__unit"))
    page = keyset.page([keyset.Segment(found.qs, is_descending=True)], request, path=reverse(LIST))
    names, picked = dict(known_verbs()), set(request.POST.getlist("rows"))
    tally = keyset.tallies({tab: rows.of_state(tab) for tab in TABS[:2]})
    return {
        "tabs": [
            {
                "label": tab.label,
                "url": f"{reverse(LIST)}?{urlencode({'tab': tab.value})}",
                "is_current": tab == state,
                "count": tally.get(tab),
            }
            for tab in TABS
        ],
        "tab": state,
        "filter": found,
        "page": page,
        "lines": [{"row": row, "name": names.get(row.kind, ""), "is_picked": str(row.pk) in picked} for row in page.rows],
        "form": form,
        "can_mend": can_mend_outbox(request.post) and state in {S.PARKED, S.WAITING},
    }
