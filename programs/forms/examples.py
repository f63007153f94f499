"""The form of a worked example: what is known of one made-up person and household, and what must come out."""

from collections.abc import Iterable
from typing import Any

from django import forms

from config.rendering import OpinionArea

from ..models import RuleExample
from ..screening.language import Catalogue, FactType
from ..screening.situation import Situation
from ..screening.wording import plain_text

_YES_NO = [("", "不知道，或不在名单"), ("yes", "是"), ("no", "否")]


class ExampleForm(forms.Form):
    """One field for each fact that the program's rules ask; what stays empty is not known, or known to be absent from a whole list."""

    name = forms.CharField(label="样例名称", max_length=60, help_text="如：今天满60周岁，没有收入。不要写真实的人。")
    expected = forms.ChoiceField(label="应得结果", choices=RuleExample.Expected.choices)
    why = forms.CharField(label="理由", max_length=200, widget=OpinionArea())
    is_dead = forms.BooleanField(label="本人已去世", required=False)
    receives = forms.MultipleChoiceField(label="正在享受", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, facts: Iterable[FactType], programs: list[tuple[str, str]], example: RuleExample | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.initial = _initial(example) if example else {}
        self.facts = sorted(facts, key=lambda fact: (fact.scope, fact.label))
        if programs:
            self.fields["receives"].choices = programs  # type: ignore[attr-defined]
        else:
            del self.fields["receives"]
        last = {name: self.fields.pop(name) for name in ("expected", "why")}
        self.fields |= {f"fact_{fact.key}": _field(fact) for fact in self.facts} | last

    def situation(self) -> dict[str, Any]:
        """As `Situation.stored` writes it; the day and the figures are those of the day on which it is asked."""
        facts = {fact: self.cleaned_data.get(f"fact_{fact.key}") for fact in self.facts}
        given = {fact: _stored(fact, value) for fact, value in facts.items() if value not in (None, "")}
        receives = sorted(self.cleaned_data.get("receives", []))
        person = {
            "facts": {fact.key: {"value": value} for fact, value in given.items() if not fact.is_of_household},
            "receives": receives, "kin": {}, "dead": self.cleaned_data["is_dead"], "counted": True,
        }  # fmt: skip
        household = {fact.key: {"value": value} for fact, value in given.items() if fact.is_of_household}
        return {"household": household, "receives": receives, "people": {RuleExample.PERSON: person}}


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
    return {**own, "is_dead": person["dead"], "receives": person["receives"], **shown}


def _typed_in(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def said(example: RuleExample, catalogue: Catalogue) -> list[tuple[str, str]]:
    """What is known of the example, as label and value."""
    situation = Situation.read({**example.situation, "on": "2000-01-01", "figures": {}}, catalogue)
    person = situation.people[RuleExample.PERSON]
    return [
        (catalogue[key].label, plain_text(catalogue[key], known.value)) for key, known in {**situation.household, **person.facts}.items()
    ]
