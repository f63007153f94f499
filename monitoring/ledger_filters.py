"""Filters of the room's figures and ledgers: periods, units, programs, townships. None of them holds a name or a number."""

from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from config import clock
from config.rendering import LongSelect
from deadlines.models import Duty
from deadlines.querysets import IN_TIME, LATE
from deadlines.rules import end_of, start_of
from organization.kinds import TOWNSHIP
from organization.models import Post, Unit
from referrals.models import Referral
from referrals.names import UNNAMED, names

from .on_time import SENSITIVE
from .spans import usual

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


WORKING = ("department", "platform", "supervision", "convener", "township_window", "township_office", "village_window")


def townships() -> list[tuple[str, str]]:
    return list(names().townships.items())


def units_for(post: Post) -> list[tuple[str, str]]:
    """Whose work one may ask about: of a township its desks', of the county all that hold work."""
    rows = Unit.objects.filter(kind__in=WORKING).order_by("kind", "region_id", "short_name", "pk")
    if post.unit.kind in TOWNSHIP:
        rows = rows.filter(region_id=post.unit.region_id, kind__in=TOWNSHIP)
    elif post.unit.kind == "department":
        rows = rows.filter(pk=post.unit_id)
    return [(str(pk), name) for pk, name in rows.values_list("pk", "short_name")]


def open_programs() -> list[tuple[str, str]]:
    return [(code, name) for code, name in names().programs.items() if code not in names().sensitive]


class OnTimeForm(forms.Form):
    """The days both counted; without any, this month."""

    since = forms.DateField(label="从", widget=DATE)
    until = forms.DateField(label="到", widget=DATE)
    unit = forms.ChoiceField(label="单位", required=False, widget=LongSelect)
    program = forms.ChoiceField(label="救助项目", required=False, widget=LongSelect)
    township = forms.ChoiceField(label="乡镇（街道）", required=False, widget=LongSelect)

    def __init__(self, data: Any, *, post: Post) -> None:
        month = usual(clock.today())[0]
        given = {"since": month.since.isoformat(), "until": month.until.isoformat()} | {k: v for k, v in data.items() if v}
        super().__init__(given)
        choices = {
            "unit": [("", "全部单位"), *units_for(post)],
            "program": [("", "全部项目"), *open_programs(), (SENSITIVE, UNNAMED)],
            "township": [("", "全部"), *townships()],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]
        if post.unit.kind in TOWNSHIP:
            del self.fields["township"]
        if post.unit.kind == "department":
            del self.fields["unit"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "结束日期不能早于开始日期。")
        return cleaned


DATED = [("dispatched_at", "转出日期"), ("decided_at", "决定日期")]
STATES = [("open", "未办结"), ("over", "已办结"), *((str(value), str(label)) for value, label in Referral.Status.choices)]
TIMELY = [("in_time", "按期"), ("late", "超期")]


class LedgerFilter(django_filters.FilterSet):
    dated = django_filters.ChoiceFilter(label="日期按", choices=DATED, method="unasked", empty_label=None)
    since = django_filters.DateFilter(label="从", method="by_since", widget=DATE)
    until = django_filters.DateFilter(label="到", method="by_until", widget=DATE)
    unit = django_filters.ChoiceFilter(label="现承办单位", choices=(), method="by_unit", empty_label="全部单位", widget=LongSelect)
    program = django_filters.ChoiceFilter(label="救助项目", choices=(), method="by_program", empty_label="全部项目", widget=LongSelect)
    township = django_filters.ChoiceFilter(
        label="乡镇（街道）", choices=townships, field_name="township_code", empty_label="全部", widget=LongSelect
    )
    state = django_filters.ChoiceFilter(label="状态", choices=STATES, method="by_state", empty_label="全部")
    timely = django_filters.ChoiceFilter(label="承诺时限", choices=TIMELY, method="by_timeliness", empty_label="全部")

    class Meta:
        model = Referral
        fields: list[str] = []

    def __init__(self, *args: Any, post: Post, **options: Any) -> None:
        self._post = post
        super().__init__(*args, **options)
        self.filters["unit"].extra["choices"] = units_for(post) if post.unit.kind != "department" else []
        works_on_cases = post.unit.kind in TOWNSHIP or post.unit.kind == "department"
        self.filters["program"].extra["choices"] = list(names().programs.items()) if works_on_cases else open_programs()
        if post.unit.kind in TOWNSHIP:
            del self.filters["township"]
        if post.unit.kind == "department":
            del self.filters["unit"]

    def unasked(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """Which date the days are of; read by those two."""
        return rows

    @property
    def _field(self) -> str:
        return "decided_at" if self.data.get("dated") == "decided_at" else "dispatched_at"

    def by_since(self, rows: QuerySet[Any], _: str, value: Any) -> QuerySet[Any]:
        return rows.filter(**{f"{self._field}__gte": start_of(value)})

    def by_until(self, rows: QuerySet[Any], _: str, value: Any) -> QuerySet[Any]:
        return rows.filter(**{f"{self._field}__lt": end_of(value)})

    def by_unit(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """Where a sensitive one is, nobody finds out by asking unit after unit but those who work on it."""
        found = rows.filter(unit_id=value)
        own = found.worked_on_by(self._post).order_by().values("pk")  # type: ignore[attr-defined]
        return found.filter(Q(program__is_sensitive=False) | Q(pk__in=own))

    def by_program(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """By a sensitive program nobody finds what the own unit did not work on."""
        found = rows.filter(program_id=value)
        return found.worked_on_by(self._post) if value in names().sensitive else found  # type: ignore[attr-defined]

    def by_state(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        if value in {"open", "over"}:
            still = Q(status__in=Referral.OPEN)
            return rows.filter(still if value == "open" else ~still)
        return rows.filter(status=value)

    def by_timeliness(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """The promise was kept, or it was not, or it has run out."""
        promise = Duty.objects.filter(subject_label="referrals.referral", subject_id=Cast(OuterRef("pk"), CharField()), is_promise=True)
        kept = promise.filter(IN_TIME).exclude(outcome="cancelled")
        late = promise.filter(LATE | Q(closed_at=None, due_at__lte=clock.now())).exclude(outcome="cancelled")
        return rows.filter(Exists(kept if value == "in_time" else late))
