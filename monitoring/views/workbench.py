"""The landing page of everybody who works on cases: one's own work over all posts, and what is done there for several at once."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.views.decorators.http import require_GET, require_POST

from config import clock, keyset, lists
from config.once import once
from config.polling import poll
from deadlines import transitions as duties
from deadlines.models import Duty
from intake.forms.visits import ArrivalForm
from intake.permissions import can_receive
from organization.gates import requires
from organization.models import Absence, Post
from organization.permissions import stands_in
from organization.requests import StaffRequest
from referrals import bulk, transitions, words
from referrals.models import Referral
from referrals.permissions import has_inbox, reminds
from referrals.views.bulk import tell
from spreadsheets.caps import most_rows

from .. import workbench as bench
from ..doors import doors_of
from ..filters import WorkbenchFilter
from ..forms.workbench import TogetherForm

LIST = lists.declare(
    lists.List(
        "monitoring:workbench",
        (
            lists.Column("lamp", "时限", is_fixed=True),
            lists.Column("kind", "环节", sort="kind_name"),
            lists.Column("title", "事项", sort="title", is_fixed=True),
            lists.Column("program", "救助项目", is_extra=True),
            lists.Column("unit", "承办单位"),
            lists.Column("opened", "交办时间", sort="-opened_at", is_extra=True),
            lists.Column("due", "到期日", sort="due_at", is_fixed=True),
            lists.Column("closed", "办结时间", sort="-closed_at", is_filled=True),
            lists.Column("taker", "领办人"),
            lists.Column("actions", "操作", is_fixed=True),
        ),
        sort="due",
        filters=WorkbenchFilter,
    )
)
PERSONAL = frozenset({"q", "kind_name"})  # may hold a name: told in no record
BULK = (("receive", "签收"), ("take", "领办"))


@require_GET
@requires()
def workbench(request: StaffRequest) -> HttpResponse:
    """Most urgent first; clocks that stand come last. The same address gives the page, or the table alone to htmx."""
    now, tabs = clock.now(), bench.tabs_of(request.posts)
    tab, found, table = shown(request, now)
    rows = bench.listed(table.rows, request.posts, now, _away(request, tab.name))
    context = {
        "tab": tab, "table": table, "rows": rows, "together": _together(request, rows), "since": now.isoformat(),
        "export": _export(request),
    }  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "monitoring/_workbench_rows.html", context)
    counts = bench.tallies(request.posts, now)
    context |= {
        "filter": found,
        "tabs": [_link(each, tab, counts) for each in tabs if not each.is_figure],
        "figures": [_link(each, tab, counts) for each in tabs if each.is_figure],
        "doors": doors_of(request.post),
        "arrival": _arrival(request),
        "unread_notices": counts["unread_notices"],
        "open_jobs": counts["open_jobs"],
    }
    return render(request, "monitoring/workbench.html", context)


def shown(request: StaffRequest, now: datetime) -> tuple[bench.Tab, WorkbenchFilter, lists.Table]:
    """The tab that the address names, narrowed and ordered as the person chose."""
    tabs = bench.tabs_of(request.posts)
    tab = next((tab for tab in tabs if tab.name == request.GET.get("tab", "")), tabs[0])
    chosen = LIST.chosen(request)
    found = WorkbenchFilter(chosen.filters, queryset=bench.of_tab(request.posts, tab.name, now), request=request)
    is_closed = tab.name == "closed"
    table = chosen.table(
        found.qs.values_list(*bench.POSITION, named=True),
        sort="-closed" if is_closed else "due",
        without=_without(request, tab.name),
        sorts={"closed"} if is_closed else None,
        form=found.form,
    )
    return tab, found, table


@require_GET
@requires()
@poll
def workbench_counts(request: StaffRequest) -> HttpResponse:
    """The numbers alone, asked for by the open page; `fresh` counts what came since the moment that the page names."""
    asked = parse_datetime(request.GET.get("since", "")) if len(request.GET.get("since", "")) < 40 else None
    since = asked if asked and not is_naive(asked) else clock.now()
    return JsonResponse(bench.tallies(request.posts, clock.now(), since))


def _export(request: StaffRequest) -> dict[str, object]:
    """Where what is shown is exported, and how many rows at most."""
    query = keyset.without_position(request.GET).urlencode()
    return {"url": f"{reverse('monitoring:workbench_export')}?{query}", "most": most_rows(request.post)}


def _without(request: StaffRequest, tab: str) -> set[str]:
    """The columns that would say the same in every row, or nothing."""
    one_unit = len({post.unit_id for post in request.posts}) == 1
    empty = {"closed": {"actions"}, "promised": {"closed", "actions", "taker"}}
    return ({"unit"} if one_unit else set()) | empty.get(tab, {"closed"})


def _away(request: StaffRequest, tab: str) -> set[int]:
    """Whose work a deputy may take over; asked only where somebody stands in and something may be in hand."""
    asks = tab not in {"waiting", "closed", "promised"} and any(stands_in(post) for post in request.posts)
    return Absence.objects.away(clock.today()) if asks else set()


def _together(request: StaffRequest, rows: list[bench.Row]) -> dict[str, object] | None:
    """What the buttons over the rows offer: verbs that some row of the page allows."""
    able = {verb for row in rows for verb in row.verbs.split()}
    if not able:
        return None
    people = bulk.colleagues(request.posts) if "assign" in able else None
    form = TogetherForm(people=people)
    plain = [{"name": verb, "label": label, "url": reverse(f"monitoring:workbench_{verb}")} for verb, label in BULK if verb in able]
    offered = {"assigns": "assign" in able, "reminds": "remind" in able}
    return {"plain": plain, "form": form, **offered, "words": words.back(request) if offered["reminds"] else ""}


def _arrival(request: StaffRequest) -> ArrivalForm | None:
    """The window's own field for the next ID stands here too: landing here costs its clerk no click."""
    if not can_receive(request.post):
        return None
    form = ArrivalForm()
    if request.GET:  # on the way through the list nobody wants the focus up there
        form.fields["number"].widget.attrs.pop("autofocus", None)
    return form


def _link(tab: bench.Tab, current: bench.Tab, counts: dict[str, str]) -> dict[str, object]:
    return {
        "name": tab.name, "label": tab.label, "url": f"?{urlencode({'tab': tab.name})}", "is_current": tab == current,
        "count": counts.get(tab.name), "tone": tab.tone,
    }  # fmt: skip


# ── several at once: the verbs and the telling are those of the referrals' inbox ─────────────────────────────────────
@require_POST
@requires(has_inbox)
@once
def workbench_receive(request: StaffRequest) -> HttpResponse:
    """批量签收."""
    return _each(request, TogetherForm(request.POST), "签收", "receive", lambda row, by: transitions.receive(referral_id=row.pk, by=by))


@require_POST
@requires()
@once
def workbench_take(request: StaffRequest) -> HttpResponse:
    """批量领办: a referral is signed for and taken by its own verb, anything else as a duty."""
    return _each(request, TogetherForm(request.POST), "领办", "take", lambda row, by: transitions.take(referral_id=row.pk, by=by))


@require_POST
@requires(has_inbox)
@once
def workbench_assign(request: StaffRequest) -> HttpResponse:
    """批量指派: all of them to one colleague."""
    if not bulk.may_assign(request.posts):
        raise PermissionDenied("由本单位的审批人员（负责人）指派。")
    form = TogetherForm(request.POST, people=bulk.colleagues(request.posts), needs="handler")

    def assign(row: Referral, by: Post) -> None:
        transitions.assign(referral_id=row.pk, handler=form.cleaned_data["handler"], by=by)

    return _each(request, form, "指派", "assign", assign)


@require_POST
@requires(reminds)
@once
def workbench_remind(request: StaffRequest) -> HttpResponse:
    """批量催办: a notice to the unit whose turn it is."""
    form = TogetherForm(request.POST, needs="text")
    words.keep(request, form.data.get("text", ""))

    def remind(row: Referral, by: Post) -> None:
        transitions.remind(referral_id=row.pk, text=form.cleaned_data["text"], by=by)

    return _each(request, form, "催办", "remind", remind)


def _each(request: StaffRequest, form: TogetherForm, what: str, verb: str, act: Callable[[Referral, Post], object]) -> HttpResponse:
    """One step for each ticked duty of one's own units, told row by row; what it does not fit says so and leaves the others done."""
    if form.is_valid():
        ids: list[UUID] = form.cleaned_data["duties"]
        bulk.refuse_too_many(ids)
        result = bulk.Result()
        known = {duty.pk: duty for duty in Duty.objects.inbox(request.posts).filter(pk__in=ids)}
        for pk in dict.fromkeys(ids):
            _one(result, known.get(pk), request, what, verb, act)
        if result.done:
            words.forget(request)
        tell(request, result, what)
    for errors in form.errors.values():
        for sentence in errors:
            messages.warning(request, str(sentence))
    tab = form.data.get("tab", "")
    return redirect(f"{reverse('monitoring:workbench')}{'?' + urlencode({'tab': tab}) if tab else ''}")


def _one(
    result: bulk.Result, duty: Duty | None, request: StaffRequest, what: str, verb: str, act: Callable[[Referral, Post], object]
) -> None:
    """A duty that was closed meanwhile goes on to its verb, which says who was first."""
    if duty is None:
        result.refused.append(bulk.NOT_FOUND)
    elif bench.fits(duty, verb):
        bulk.try_referral(result, UUID(duty.subject_id), request.posts, verb, act)
    elif verb == "take" and not duty.is_promise:
        by = next((post for post in request.posts if post.unit_id == duty.unit_id), request.post)
        result.try_one(lambda: duties.take(duty_id=duty.pk, by=by), duty.title)
    else:
        result.refused.append(f"{duty.title}：这一件不能{what}，请打开后按页面提示办理。")
