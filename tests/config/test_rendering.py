"""Forms as the page frame renders them: labels, required marks, help, errors beside the field and on top."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.template.loader import render_to_string
from django.utils.functional import lazy
from django.utils.html import format_html

from config.rendering import LongSelect, OfficeBoundField, OfficeRenderer
from config.styleguide import ApplicantForm, MemberFormSet


class Elements(HTMLParser):
    """All start tags with their attributes, and the text of each label."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.labels: dict[str, str] = {}
        self._label: str | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute stands twice in <{tag} {attrs}>"
        self.tags.append((tag, dict(attrs)))
        if tag == "label":
            self._label = dict(attrs).get("for")

    def handle_data(self, data: str) -> None:
        if self._label:
            self.labels[self._label] = self.labels.get(self._label, "") + data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._label = None

    def by_id(self, wanted: str) -> dict[str, str | None]:
        found = [attributes for _, attributes in self.tags if attributes.get("id") == wanted]
        assert len(found) == 1, f"{len(found)} elements with id {wanted}"
        return found[0]

    def controls(self) -> list[dict[str, str | None]]:
        return [a for tag, a in self.tags if tag in {"input", "select", "textarea"} and a.get("type") != "hidden"]


@pytest.fixture
def refused() -> ApplicantForm:
    return ApplicantForm({"name": "<b>张</b>", "number": "", "members": "0", "hardships": ["9"]})


def test_every_control_has_a_label_and_bootstraps_class(refused: ApplicantForm) -> None:
    page = Elements(str(refused))
    assert len(page.controls()) > 10
    for control in page.controls():
        assert page.labels.get(str(control["id"])), control
        assert str(control["class"]).split()[0] in {"form-control", "form-select", "form-check-input"}


def test_required_fields_carry_the_mark_and_the_attribute() -> None:
    page = Elements(str(ApplicantForm()))
    assert "required" in page.by_id("id_name")
    assert "required" not in page.by_id("id_paper")
    marks = {a["for"]: a.get("class") for tag, a in page.tags if tag == "label" and a.get("for") in {"id_name", "id_paper"}}
    assert marks == {"id_name": "is-required", "id_paper": None}


def test_help_and_errors_are_tied_to_their_field(refused: ApplicantForm) -> None:
    page = Elements(str(refused))
    number = page.by_id("id_number")
    assert number["aria-invalid"] == "true"
    assert str(number["aria-describedby"]).split() == ["id_number_helptext", "id_number_error"]
    page.by_id("id_number_helptext")
    page.by_id("id_number_error")
    assert "is-invalid" in str(number["class"])


def test_groups_of_boxes_are_named_and_described(refused: ApplicantForm) -> None:
    page = Elements(str(refused))
    groups = [a for _, a in page.tags if a.get("role") == "group"]
    assert {group["aria-labelledby"] for group in groups} == {"id_hardships_title", "id_way_title"}
    for group in groups:
        page.by_id(str(group["aria-labelledby"]))
        page.by_id(str(group["aria-describedby"]))


def test_the_summary_links_to_each_wrong_field_and_escapes(refused: ApplicantForm) -> None:
    markup = str(refused)
    page = Elements(markup)
    links = {a["href"] for tag, a in page.tags if tag == "a"}
    assert {f"#id_{name}" for name in ("number", "members", "story", "consent", "sex")} <= links
    for link in links:
        page.by_id(str(link)[1:])
    assert "<b>张</b>" not in markup
    assert "&lt;b&gt;张&lt;/b&gt;" in markup


def test_a_form_without_errors_has_no_summary() -> None:
    assert "error-summary" not in str(ApplicantForm())


def test_dates_travel_in_iso_whatever_was_typed() -> None:
    class Dated(forms.Form):
        on = forms.DateField(label="日期")

    for typed in ("2026-11-22", "2026/11/22", "2026年11月22日", "20261122"):
        form = Dated({"on": typed})
        assert form.is_valid(), typed
        assert form.cleaned_data["on"] == date(2026, 11, 22)
    control = Elements(str(Dated(initial={"on": date(2026, 11, 22)}))).by_id("id_on")
    assert (control["type"], control["value"]) == ("date", "2026-11-22")


def test_the_sub_table_has_a_template_row_and_labels_each_cell() -> None:
    page = Elements(str(MemberFormSet(initial=[{"name": "张某芳"}])))
    assert page.by_id("id_form-__prefix__-name")["name"] == "form-__prefix__-name"
    assert page.labels["id_form-0-name"] == "第1行 姓名"
    cells = [a for tag, a in page.tags if tag == "td"]
    assert len(cells) == 15
    assert all(cell.get("data-label") for cell in cells)


@pytest.mark.parametrize(
    ("name", "context", "shown"),
    [
        ("lamp", {"lamp": {"colour": "amber", "shape": "triangle", "word": "剩2个工作日", "url": "/why/"}}, "exclamation-triangle-fill"),
        ("empty", {"text": "没有待办"}, "没有待办"),
        ("stat", {"label": "待办", "value": 3, "tone": "blue"}, "stat-blue"),
        ("progress", {"id": "p", "label": "导入", "done": 1, "total": 3}, "1 / 3"),
        ("pagination_keyset", {"previous": "", "next": "/list?after=7", "shown": 7}, 'href="/list?after=7"'),
        ("tabs", {"tabs": [{"label": "待办", "url": "/", "is_current": True, "count": 0}]}, ">0<"),
        ("description_list", {"items": [("备注", "")]}, "—"),
        ("facts_long", {"items": [("情况", "一\n二")]}, "一<br>二"),
        ("stepper", {"steps": [{"label": "受理", "state": "current"}]}, 'aria-current="step"'),
    ],
)
def test_components_need_only_what_they_name(name: str, context: dict[str, Any], shown: str) -> None:
    assert shown in render_to_string(f"_components/{name}.html", context)


def test_a_lamp_of_an_unknown_shape_is_a_bug() -> None:
    with pytest.raises(KeyError):
        render_to_string("_components/lamp.html", {"lamp": {"colour": "green", "shape": "star", "word": "甲", "url": ""}})


def test_a_long_select_says_what_djangos_own_says():
    class Choice(forms.Form):
        place = forms.ChoiceField(label="乡镇", choices=[("", "全部"), ("1", "甲<镇>"), ("2", "乙镇")])

    for value in ("", "2", "9"):
        own, ours = Choice({"place": value}), Choice({"place": value})
        ours.fields["place"].widget = LongSelect(choices=own.fields["place"].choices)
        ours.fields["place"].widget.is_required = True
        assert Elements(str(ours["place"])).tags == Elements(str(own["place"])).tags
        assert "甲&lt;镇&gt;" in str(ours["place"])


NASTY = "<b>\"'&"


class Controls(forms.Form):
    text = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"data-x": NASTY, "readonly": True, "disabled": False, "maxlength": 7})
    )
    number = forms.DecimalField(required=False)
    tick = forms.BooleanField(required=False)
    hidden = forms.CharField(required=False, widget=forms.HiddenInput())
    password = forms.CharField(required=False, widget=forms.PasswordInput())
    choice = forms.ChoiceField(
        required=False, choices=[("", "—"), (NASTY, NASTY), (1, 2026), ("组", [("a", NASTY), ("b", format_html("<i>{}</i>", NASTY))])]
    )
    many = forms.MultipleChoiceField(required=False, choices=[("a", "甲"), ("b", NASTY), ("c", "丙")], widget=forms.SelectMultiple)
    empty = forms.NullBooleanField(required=False)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"text": NASTY, "number": "1,5", "tick": "on", "hidden": NASTY, "choice": NASTY, "many": ["a", "c"], "empty": "true"},
        {"text": "0", "number": "0", "tick": "", "choice": "b", "many": ["b"], "password": NASTY},
    ],
)
def test_controls_read_as_django_writes_them(data: dict[str, Any] | None) -> None:
    theirs = type("Theirs", (TemplatesSetting,), {"bound_field_class": OfficeBoundField})()
    for ours, other in zip(Controls(data), Controls(data, renderer=theirs), strict=True):
        written, expected = (re.sub(r"\s*\n\s*", "", str(field)) for field in (ours, other))
        assert written == expected
        assert re.sub(r"\s+", " ", str(ours.errors)).strip() == re.sub(r"\s+", " ", str(other.errors)).strip()


class Odd:
    """Neither text nor marked safe, though it has HTML of its own."""

    def __str__(self) -> str:
        return NASTY

    def __html__(self) -> str:
        return NASTY


@pytest.mark.parametrize(
    "value",
    [Odd(), lazy(lambda: NASTY, str)(), lazy(lambda: format_html("<i>{}", ""), str)(), format_html("<i>{}", ""), 1234567,
     Decimal("1234.50"), None, datetime(2026, 11, 26, 18, 30, tzinfo=UTC), date(2026, 11, 26), ""],
)  # fmt: skip
def test_values_and_labels_of_any_kind(value: Any) -> None:
    ours, theirs = OfficeRenderer(), TemplatesSetting()
    for widget in (forms.TextInput({"data-x": value}), forms.Select({}, [(value, "甲"), ("乙", value), (value, [("丙", value)])])):
        written, expected = (re.sub(r"\s*\n\s*", "", str(widget.render("x", value, renderer=one))) for one in (ours, theirs))
        assert written == expected


def test_a_long_select_remembers_no_escaping() -> None:
    """What is safe in one form and what only reads alike in another are the same key to a dictionary."""
    safe, typed = format_html("<i>{}</i>", "甲"), "<i>甲</i>"
    assert "<i>甲</i>" in LongSelect(choices=[("a", safe)]).render("x", "a")
    assert "<i>" not in LongSelect(choices=[("a", typed)]).render("x", "a")
    assert 'value="<i>' in LongSelect(choices=[(safe, "甲")]).render("x", "a")
    assert "<i>" not in LongSelect(choices=[(typed, "甲")]).render("x", "a")
