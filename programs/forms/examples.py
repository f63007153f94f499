"""The form of a worked example: what is known of one made-up person, the household and its members, and what must come out."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from config.rendering import OpinionArea

from ..models import RuleExample
from ..screening.checking import MEMBERS
from ..screening.language import Catalogue, FactType
from ..screening.schema import Group
from ..screening.situation import Situation
from ..screening.wording import plain_text
from .drafts import QuietForm

MEMBERS_MAX = 12
_YES_NO = [("", "不知道，或不在名单"), ("yes", "是"), ("no", "否")]
RELATIONS = [("", "请选择"), *RuleExample.RELATIONS.items()]


class ExampleForm(QuietForm):
    """One field for each fact that the program's rules ask; what stays empty is not known, or known to be absent from a whole list."""

    name = forms.CharField(label="样例名称", max_length=60, help_text="如：今天满60周岁，没有收入。不要写真实的人。")
    expected = forms.ChoiceField(label="应得结果", choices=RuleExample.Expected.choices)
    why = forms.CharField(label="理由", max_length=200, widget=OpinionArea())
    is_dead = forms.BooleanField(label="本人已去世", required=False)
    receives = forms.MultipleChoiceField(label="正在享受", required=False, widget=forms.CheckboxSelectMultiple)
    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, *args: Any, facts: Iterable[FactType], programs: list[tuple[str, str]], example: RuleExample | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.initial = _initial(example) if example else {}
        self.facts = _asked(facts)
        if programs:
            self.fields["receives"].choices = programs  # type: ignore[attr-defined]
        else:
            del self.fields["receives"]
        last = {name: self.fields.pop(name) for name in ("expected", "why", "seen_revision")}
        if example is None:
            del last["seen_revision"]
        self.fields |= {f"fact_{fact.key}": _field(fact) for fact in self.facts} | last

    def situation(self, members: Sequence["MemberForm"]) -> dict[str, Any]:
        """As `Situation.stored` writes it; the day and the figures are those of the day on which it is asked.

        Kin count where they live and belong to the household, as in the register (`households.screening.kin`).
        """
        given = _given(self.facts, self.cleaned_data)
        receives = sorted(self.cleaned_data.get("receives", []))
        others = {f"m{number}": member.person() for number, member in enumerate(members, start=1)}
        kin: dict[str, list[str]] = {}
        for key, other in others.items():
            if other["relation"] in {group.value for group in Group} and other["counted"] and not other["dead"]:
                kin.setdefault(other["relation"], []).append(key)
        person = {
            "facts": {fact.key: {"value": value} for fact, value in given.items() if not fact.is_of_household},
            "receives": receives, "kin": kin, "dead": self.cleaned_data["is_dead"], "counted": True,
        }  # fmt: skip
        household = {fact.key: {"value": value} for fact, value in given.items() if fact.is_of_household}
        return {"household": household, "receives": receives, "people": {RuleExample.PERSON: person, **others}}

    def look_again(self, example: RuleExample) -> list[tuple[str, Any, Any]]:
        """After a refusal: label, typed, and saved by somebody else, where the two differ. The next save is made in sight of that."""
        data: Any = self.data
        self.data = data.copy()
        self.data["seen_revision"] = str(example.revision)  # type: ignore[index]
        saved, shown = _initial(example), []
        for name in self.fields:
            typed, now = self[name].value() or "", saved.get(name) or ""
            if name != "seen_revision" and str(typed) != str(now):
                shown.append((str(self.fields[name].label), self._words(name, typed), self._words(name, now)))
        return shown

    def _words(self, name: str, value: Any) -> str:
        choices = dict(getattr(self.fields[name], "choices", ()))
        if isinstance(value, list):
            return "、".join(str(choices.get(one, one)) for one in value)
        return "是" if value is True else str(choices.get(value, value))


class MemberForm(QuietForm):
    """Somebody else of the household, by what he is to the one whom the example is about."""

    relation = forms.ChoiceField(label="与本人的关系", choices=RELATIONS)
    is_counted = forms.BooleanField(label="计入家庭（共同生活）", required=False, initial=True)
    is_dead = forms.BooleanField(label="已去世", required=False)

    def __init__(self, *args: Any, facts: Iterable[FactType] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.facts = _asked(facts)
        self.fields |= {f"fact_{fact.key}": _field(fact) for fact in self.facts}

    def person(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "facts": {fact.key: {"value": value} for fact, value in _given(self.facts, data).items()},
            "receives": [], "kin": {}, "dead": data["is_dead"], "counted": data["is_counted"], "relation": data["relation"],
        }  # fmt: skip


class _Members(forms.BaseFormSet):
    def clean(self) -> None:
        if sum(member.cleaned_data["relation"] == Group.SPOUSE for member in self.rows) > 1:
            raise forms.ValidationError("配偶最多一位，请改关系或去掉一位。")

    @property
    def rows(self) -> list[MemberForm]:
        """Members that stay; a row that nobody filled in is none."""
        gone = set(map(id, self.deleted_forms))
        return [form for form in self.forms if id(form) not in gone and getattr(form, "cleaned_data", {}).get("relation")]

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "去掉这位成员"


MemberFormSet = forms.formset_factory(
    MemberForm, formset=_Members, extra=0, can_delete=True, max_num=MEMBERS_MAX, validate_max=True, absolute_max=MEMBERS_MAX + 5
)


def members_initial(example: RuleExample | None) -> list[dict[str, Any]]:
    people = example.situation["people"].items() if example else ()
    return [
        {"relation": person.get("relation", RuleExample.OTHER), "is_counted": person["counted"], "is_dead": person["dead"]}
        | {f"fact_{key}": _typed_in(known["value"]) for key, known in person["facts"].items()}
        for key, person in people
        if key != RuleExample.PERSON
    ]


def with_one_more(data: Any) -> Any:
    """The post again with a row for another member."""
    more = data.copy()
    count = data.get("member-TOTAL_FORMS", "")
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    more["member-TOTAL_FORMS"] = str(min(number + 1, MEMBERS_MAX))
    if number < MEMBERS_MAX:
        more[f"member-{number}-is_counted"] = "on"
    return more


def _asked(facts: Iterable[FactType]) -> list[FactType]:
    """In the order of the form. How many they are is counted from the people of the example, never typed."""
    return sorted((fact for fact in facts if fact.key != MEMBERS), key=lambda fact: (fact.scope, fact.label))


def _given(facts: Iterable[FactType], cleaned: dict[str, Any]) -> dict[FactType, Any]:
    values = {fact: cleaned.get(f"fact_{fact.key}") for fact in facts}
    return {fact: _stored(fact, value) for fact, value in values.items() if value not in (None, "")}


def _field(fact: FactType) -> forms.Field:
    label = f"{fact.label}{f'（{fact.measure}）' if fact.measure else '（元）' if fact.value_type == 'money' else ''}"
    match fact.value_type:
        case "yes_no":
            return forms.ChoiceField(label=label, choices=_YES_NO, required=False)
        case "code":
            return forms.ChoiceField(label=label, choices=[("", "不知道"), *fact.codes], required=False)
        case "number" | "money":
            return forms.DecimalField(label=label, max_digits=12, decimal_places=2, required=False)
        case "date":
            return forms.DateField(label=label, required=False, widget=forms.DateInput)
    return forms.ChoiceField(label=label, choices=[("", "没有登记"), ("有登记", "有登记")], required=False)


def _stored(fact: FactType, value: Any) -> Any:
    return value == "yes" if fact.value_type == "yes_no" else str(value)


def _initial(example: RuleExample) -> dict[str, Any]:
    stored = example.situation
    person = stored["people"][RuleExample.PERSON]
    facts = {**stored["household"], **person["facts"]}
    shown = {f"fact_{key}": _typed_in(known["value"]) for key, known in facts.items()}
    own = {name: getattr(example, name) for name in ("name", "expected", "why")}
    return {**own, "is_dead": person["dead"], "receives": person["receives"], "seen_revision": example.revision, **shown}


def _typed_in(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def said(example: RuleExample, catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """What is known of the example: of the household, the person and each member, as labels and values."""
    stored = example.situation
    situation = Situation.read({**stored, "on": "2000-01-01", "figures": {}}, catalogue)
    known = [("本户", situation.household)] if situation.household else []
    known += [(example.who(key), person.facts) for key, person in situation.people.items()]
    return [
        (name, [(catalogue[key].label, plain_text(catalogue[key], fact.value)) for key, fact in facts.items()]) for name, facts in known
    ]
