"""The form of a rule: its rows, prerequisites, exclusions and source, and the rule as JSON."""

from copy import deepcopy
from typing import Any

from django import forms

from ..models import Program
from ..screening.language import Catalogue, RuleError
from ..screening.schema import LANGUAGE
from .drafts import PartForm
from .rule_rows import Row, TooMuch, Written, change, group, rows_from, rows_of

MODES = [("conditions", "按条件筛查"), ("anyone", "不设条件，随时可办")]


class RuleForm(PartForm):
    """`rows` are the trees by root; `row_errors` the sentence at each place. A post that adds or removes a row is no save."""

    mode = forms.ChoiceField(label="怎样筛查", choices=MODES, widget=forms.RadioSelect)
    anyone = forms.CharField(
        label="不设条件的理由",
        max_length=100,
        required=False,
        help_text="如：求助即办，不设筛查条件。",
        widget=forms.TextInput(attrs={"data-only-for": "mode:anyone"}),
    )
    for_the_dead = forms.BooleanField(label="为已去世的人办理（如丧葬）", required=False)
    requires = forms.MultipleChoiceField(label="前置项目：正在享受才可申请", required=False, widget=forms.CheckboxSelectMultiple)
    excludes = forms.MultipleChoiceField(label="互斥项目：正在享受就不能申请", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, catalogue: Catalogue, programs: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.catalogue = catalogue
        self.row_errors: dict[str, str] = {}
        self.written = Written(catalogue)
        stored = options["row"].screening_rule or {}
        for name in ("requires", "excludes"):
            self.fields[name].choices = [pair for pair in programs if pair[0] != options["row"].program_id]  # type: ignore[attr-defined]
            self.initial[name] = stored.get(name, [])
        self.initial = {
            **self.initial,
            "mode": "anyone" if "anyone" in stored else "conditions", "anyone": stored.get("anyone", ""),
            "for_the_dead": stored.get("for_the_dead", False),
        }  # fmt: skip
        if options["row"].program.beneficiary == Program.Beneficiary.HOUSEHOLD:
            del self.fields["for_the_dead"]
        self.rows = self._rows(stored)

    def own_fields(self) -> dict[str, forms.Field]:
        return {name: deepcopy(self.base_fields[name]) for name in ("mode", "anyone", "for_the_dead", "requires", "excludes")}

    def _rows(self, stored: dict[str, Any]) -> dict[str, Row]:
        if not self.is_bound:
            return rows_of(stored) or {"e": group("e")}
        try:
            rows = rows_from(self.data)  # type: ignore[arg-type]
        except TooMuch as refused:
            self.refused = str(refused)
            return rows_of(stored)
        try:
            return change(rows, self.data["do"]) if self.is_change else rows
        except TooMuch as refused:
            self.refused = str(refused)
            return rows

    refused = ""

    @property
    def is_change(self) -> bool:
        """A button of a row was pressed: the page comes back changed, nothing is saved."""
        return self.is_bound and bool(self.data.get("do"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.refused:
            raise forms.ValidationError(self.refused)
        if data.get("mode") == "anyone":
            if not data.get("anyone"):
                self.add_error("anyone", "请写明为什么不设条件。")
            for name in ("requires", "excludes", "for_the_dead"):
                if data.get(name):
                    self.add_error(name, "不设条件的项目随时可办，这一项不起作用，请取消勾选。")
            data["rule"] = {"language": LANGUAGE, "anyone": data.get("anyone", "")}
            return data
        try:
            data["rule"] = self._rule(data)
        except RuleError as wrong:
            self.wrong_at(wrong)
        return data

    def wrong_at(self, wrong: RuleError) -> None:
        """Say what is wrong at the row where it is."""
        place = self.written.place_of(wrong.path)
        if place:
            self.row_errors[place] = wrong.message
        self.add_error(None, f"筛查条件：{wrong.message}" if place else str(wrong))

    def _rule(self, data: dict[str, Any]) -> dict[str, Any]:
        if "e" not in self.rows:
            raise RuleError("", "请至少添加一个条件，或选“不设条件”。")
        rule: dict[str, Any] = {"language": LANGUAGE, "eligible": self.written.node(self.rows["e"], "eligible")}
        if "l" in self.rows:
            rule["likely"] = self.written.node(self.rows["l"], "likely")
        for name in ("requires", "excludes"):
            if data.get(name):
                rule[name] = data[name]
        return {**rule, "for_the_dead": True} if data.get("for_the_dead") else rule
