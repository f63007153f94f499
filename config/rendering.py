"""How forms become pages: Bootstrap's classes, without a form library (named by FORM_RENDERER)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.template import Context, loader
from django.template.base import render_value_in_context
from django.utils.html import conditional_escape, escape, format_html, format_html_join

from config.navigation import address

_OPTION, _CHOSEN = '<option value="{}">{}</option>', '<option value="{}" selected>{}</option>'
_PLAIN = Context()
_CHECKS = (forms.CheckboxInput,)
_CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)
_WIDE = (forms.Textarea, forms.RadioSelect, forms.CheckboxSelectMultiple)


class MonthInput(forms.DateInput):
    """A month, written as 2026-10: its first day."""

    template_name = "django/forms/widgets/month.html"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m")


class OpinionArea(forms.Textarea):
    """Words of an opinion or a reason: one's own 常用意见 are offered at it (js/phrases.js), or to copy without scripts."""

    template_name = "django/forms/widgets/opinion.html"

    def __init__(self, rows: int = 2) -> None:
        super().__init__(attrs={"rows": rows, "data-phrases": ""})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"phrases_url": address("organization:phrase_list")}


class LongSelect(forms.Select):
    """A select of many choices, written in one go: Django renders a template for each option, which costs more than a list's rows."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> Any:
        chosen = set(self.format_value(value))
        pairs: list[tuple[str, Any]] = [("" if key is None else str(key), text) for key, text in self.choices]
        options = format_html_join("", "{}", ((format_html(_CHOSEN if key in chosen else _OPTION, key, text),) for key, text in pairs))
        return format_html('<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options)


class OfficeBoundField(BoundField):
    """A field that knows how the page frame lays it out."""

    @property
    def kind(self) -> str:
        """check: one box with its label behind; choices: a list of boxes; control: everything else."""
        widget = self.field.widget
        if isinstance(widget, _CHOICES):
            return "choices"
        return "check" if isinstance(widget, _CHECKS) else "control"

    @property
    def is_wide(self) -> bool:
        """Takes the whole row of a form grid."""
        return isinstance(self.field.widget, _WIDE) or "data-wide" in self.field.widget.attrs

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if widget.is_hidden:
            return attrs
        classes = [widget.attrs.get("class", ""), self._bootstrap_class(widget), "is-invalid" if self.errors else ""]
        attrs["class"] = " ".join(part for part in classes if part)
        return attrs

    @staticmethod
    def _bootstrap_class(widget: forms.Widget) -> str:
        if isinstance(widget, (*_CHOICES, *_CHECKS)):
            return "form-check-input"
        if isinstance(widget, forms.Select):
            return "form-select"
        return "form-control"


class OfficeRenderer(TemplatesSetting):
    """The controls of which a page has many are written here as Django's templates write them, in a tenth of their time."""

    bound_field_class = OfficeBoundField

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        written = _WRITTEN.get(template_name)
        return written(context) if written else super().render(template_name, context, request)


def _said(value: Any) -> str:
    """As `{{ value|stringformat:"s" }}`: its text is told, and escaped unless that is marked safe."""
    return conditional_escape(str(value))


def _label(value: Any) -> str:
    """As `{{ label }}`: a moment by the clock on the wall."""
    return conditional_escape(value) if isinstance(value, str) else render_value_in_context(value, _PLAIN)


def _attributes(attrs: dict[str, Any]) -> str:
    told = (
        f" {escape(name)}" if value is True else f' {escape(name)}="{_said(value)}"' for name, value in attrs.items() if value is not False
    )
    return "".join(told)


def _input(context: dict[str, Any]) -> str:
    widget = context["widget"]
    value = "" if widget["value"] is None else f' value="{_said(widget["value"])}"'
    return f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{value}{_attributes(widget["attrs"])}>'


def _select(context: dict[str, Any]) -> str:
    widget = context["widget"]
    groups = []
    for label, options, _ in widget["optgroups"]:
        told = "".join(
            f'<option value="{_said(one["value"])}"{_attributes(one["attrs"])}>{_label(one["label"])}</option>' for one in options
        )
        groups.append(f'<optgroup label="{_label(label)}">{told}</optgroup>' if label else told)
    return f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>{"".join(groups)}</select>'


def _errors(context: dict[str, Any]) -> str:
    """Nearly always there are none."""
    return loader.render_to_string("django/forms/errors/list/ul.html", context) if context["errors"] else ""


_WRITTEN: dict[str, Callable[[dict[str, Any]], str]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in ("text", "number", "checkbox", "hidden", "password")},
    "django/forms/widgets/select.html": _select,
    "django/forms/errors/list/default.html": _errors,
}
