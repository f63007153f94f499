"""The rows of a rule as the page of the builder lays them out: who, what, how compared, with what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.utils.html import format_html, format_html_join

from organization.wording import WORDS

from .forms.rule_rows import KEYS_MAX, Row, pairs_of
from .screening.language import Catalogue, FactType
from .screening.schema import OPERATORS, Op
from .screening.situation import Figure, number_of
from .screening.wording import OP_WORDS, SCOPE_WORDS

Pair = tuple[str, str]
KINDS = [("all", "全部满足"), ("any", "任一满足"), ("not", "不是（以下任一）")]
_YES_NO = [("yes", "是"), ("no", "否")]
_HOWS = [("literal", "填写的数"), ("parameter", "参数标准"), ("fact", "另一个事项")]
_OPTION = '<option value="{}"{}>{}</option>'
_SELECTED, _REFRESHES = format_html(" {}", "selected"), format_html(" {}", "data-refreshes")


@dataclass(frozen=True)
class Choices:
    """What the selects of every row offer, put together once for a page."""

    catalogue: Catalogue
    figures: Mapping[str, Figure]
    has_person: bool

    @cached_property
    def facts(self) -> list[tuple[str, list[Pair]]]:
        """Facts under their holder."""
        ranked = sorted(self.catalogue.values(), key=lambda fact: (fact.holder, fact.label))
        return [
            (holder or "平台推算", [(fact.key, str(fact.label)) for fact in rows])
            for holder, rows in groupby(ranked, key=lambda f: f.holder)
        ]

    @cached_property
    def numbers(self) -> list[Pair]:
        return sorted(((f.key, f.label) for f in self.catalogue.values() if f.value_type in {"number", "money"}), key=lambda pair: pair[1])

    @cached_property
    def coded(self) -> list[Pair]:
        return sorted(((f.key, f.label) for f in self.catalogue.values() if f.value_type == "code"), key=lambda pair: pair[1])

    @cached_property
    def parameters(self) -> list[Pair]:
        """Figures that a number can be compared with."""
        found = [(key, figure.name or key) for key, figure in self.figures.items() if _has_number(figure.value)]
        return sorted(found, key=lambda pair: pair[1])

    @cached_property
    def scopes(self) -> list[Pair]:
        return [
            (scope, word) for scope, word in SCOPE_WORDS.items() if self.has_person or scope in {"beneficiary", "any_member", "all_member"}
        ]

    def parts_of(self, key: str) -> list[Pair]:
        """The values of a parameter that has several."""
        figure = self.figures.get(key)
        if figure is None or not isinstance(figure.value, dict):
            return []
        return [(str(part), str(WORDS.get(part, part))) for part, value in figure.value.items() if number_of(value) is not None]


def _has_number(value: object) -> bool:
    values: Iterable[object] = value.values() if isinstance(value, dict) else [value]
    return any(number_of(one) is not None for one in values)


class RowView:
    """One row with its controls, each with a label that says which row it is."""

    def __init__(self, row: Row, choices: Choices, errors: Mapping[str, str]) -> None:
        self.row, self.choices, self.place = row, choices, row.place
        self.error = errors.get(row.place, "")
        self.children = [RowView(child, choices, errors) for child in row.children]

    @property
    def is_group(self) -> bool:
        return self.row.is_group

    @property
    def is_root(self) -> bool:
        return "." not in self.place

    @property
    def number(self) -> str:
        """1, 1.2: where the row stands, for its labels."""
        return ".".join(str(int(part) + 1) for part in self.place.split(".")[1:])

    @property
    def count(self) -> int:
        return len(self.children)

    @property
    def label(self) -> str:
        return self.row.label

    @cached_property
    def fact(self) -> FactType | None:
        return self.choices.catalogue.get(self.row.fact)

    @property
    def kind(self) -> str:
        return self._select("kind", "怎样组合", KINDS, self.row.kind)

    @property
    def scope(self) -> str:
        return self._select("scope", "范围", self.choices.scopes, self.row.scope)

    @property
    def fact_select(self) -> str:
        groups = format_html_join(
            "", '<optgroup label="{}">{}</optgroup>', ((holder, _options(facts, self.row.fact)) for holder, facts in self.choices.facts)
        )
        return self._wrap("fact", "事项", format_html('<option value="">请选择</option>{}', groups), refreshes=True)

    @property
    def op(self) -> str:
        ops = OPERATORS[self.fact.value_type] if self.fact else ()
        return self._select("op", "比较", [(op.value, OP_WORDS[op]) for op in ops], self.row.op, refreshes_at=Op.KNOWN)

    @property
    def compares(self) -> bool:
        return self.fact is not None and self.row.op != Op.KNOWN

    @property
    def value_kind(self) -> str:
        return self.fact.value_type if self.fact and self.compares else ""

    @property
    def yes_no(self) -> str:
        return self._select("value", "值", _YES_NO, self.row.value)

    @property
    def codes(self) -> list[tuple[str, str, bool]]:
        return [(code, label, code in self.row.codes) for code, label in self.fact.codes] if self.fact else []

    @property
    def value(self) -> str:
        return self.row.value

    @property
    def measure(self) -> str:
        return ("元" if self.fact.value_type == "money" else self.fact.measure) if self.fact else ""

    @property
    def how(self) -> str:
        return self._select("how", "和什么比", _HOWS, self.row.how, refreshes=True, empty=False)

    @property
    def how_kind(self) -> str:
        return self.row.how

    @property
    def parameter(self) -> str:
        return self._select("parameter", "参数", self.choices.parameters, self.row.parameter, refreshes=True)

    @property
    def other(self) -> str:
        return self._select("other", "另一个事项", self.choices.numbers, self.row.other)

    @property
    def part(self) -> str:
        return self._part("", self.row.parameter)

    @property
    def times_parameter(self) -> str:
        return self._select(
            "times_parameter", "或乘以一个参数标准（可不填）", self.choices.parameters, self.row.times_parameter, refreshes=True
        )

    @property
    def times_part(self) -> str:
        return self._part("times_", self.row.times_parameter)

    @property
    def times(self) -> str:
        return self.row.times

    @property
    def times_factor(self) -> str:
        return self.row.times_factor

    def _part(self, prefix: str, key: str) -> str:
        """Which of several values: one by name, or by a coded fact of the person or household."""
        parts = self.choices.parts_of(key)
        if not parts:
            return ""
        return format_html(
            "{}{}{}",
            self._select(f"{prefix}part", "取哪一项", parts, getattr(self.row, f"{prefix}part")),
            self._select(f"{prefix}by", "或按事项选取", self.choices.coded, getattr(self.row, f"{prefix}by"), refreshes=True),
            self._keys(prefix, parts),
        )

    def _keys(self, prefix: str, parts: list[Pair]) -> str:
        """For each code of that fact which value it takes. Where every code has a value of its own name, nothing is asked."""
        by = self.choices.catalogue.get(getattr(self.row, f"{prefix}by"))
        codes, named = (by.codes if by else ())[:KEYS_MAX], {part for part, _ in parts}
        chosen = {code: part for code, part in pairs_of(getattr(self.row, f"{prefix}keys")).items() if code in dict(codes)}
        if not chosen and all(code in named for code, _ in codes):
            return ""
        selects = []
        for code, label in codes:
            own = chosen.get(code, code if code in named else "")
            offered = [(f"{code}={part}", word) for part, word in parts]
            selects.append([self._select(f"{prefix}keys", f"{label}：取哪一项", offered, f"{code}={own}" if own else "")])
        return format_html_join("", "{}", selects)

    def _select(
        self, name: str, label: str, pairs: list[Pair], chosen: str, *, refreshes: bool = False, refreshes_at: str = "", empty: bool = True
    ) -> str:
        known = {key for key, _ in pairs}
        options = _options(pairs if not chosen or chosen in known else [*pairs, (chosen, f"{chosen}（已没有）")], chosen)
        if empty and name not in {"kind", "scope"}:
            options = format_html('<option value="">请选择</option>{}', options)
        return self._wrap(name, label, options, refreshes=refreshes, refreshes_at=refreshes_at)

    def _wrap(self, name: str, label: str, options: str, *, refreshes: bool = False, refreshes_at: str = "") -> str:
        """`refreshes`: what else the row offers hangs on the choice; `refreshes_at`: on this one alone, so what is being typed stays."""
        mark = format_html(' data-refreshes="{}"', refreshes_at) if refreshes_at else _REFRESHES if refreshes else ""
        return format_html(
            '<label class="rule-cell"><span>{}</span><select class="form-select form-select-sm" name="{}-{}"{}>{}</select></label>',
            label, self.place, name, mark, options,
        )  # fmt: skip


def _options(pairs: Iterable[Pair], chosen: str) -> str:
    marked = _SELECTED
    return format_html_join("", _OPTION, ((key, marked if key == chosen else "", text) for key, text in pairs))
