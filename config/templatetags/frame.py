"""Tags and filters of the page frame. Those without context also serve the error pages, which are rendered with none."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.utils.html import format_html

from config import clock, menu
from config.dates import age_on
from config.once import FIELD, token_of
from config.protection.masks import mask_name

if TYPE_CHECKING:
    from config.context_processors import Frame

register = template.Library()

# Each lamp differs by shape as well as by colour, for people who do not see the colours (UI).
LAMP_ICONS = {
    "circle": "circle-fill",
    "triangle": "exclamation-triangle-fill",
    "square": "exclamation-square-fill",
    "pause": "pause-circle-fill",
    "check": "check-circle-fill",
}
STEP_WORDS = {"done": "已完成", "current": "进行中", "waiting": "未开始"}
MESSAGE_ICONS = {
    "success": "check-circle-fill",
    "info": "info-circle-fill",
    "debug": "info-circle-fill",
    "warning": "exclamation-triangle-fill",
    "error": "x-circle-fill",
}


@register.simple_tag
def system_name() -> str:
    return settings.SYSTEM_NAME


@register.simple_tag
def system_motto() -> str:
    return settings.SYSTEM_MOTTO


@register.simple_tag(name="menu")
def menu_tag(frame: "Frame", open_jobs: object) -> str:
    return menu.menu(tuple(frame.navigation), str(open_jobs))


@register.simple_tag
def bottom_bar(frame: "Frame") -> str:
    return menu.bottom_bar(tuple(frame.navigation))


@register.simple_tag(takes_context=True)
def once_field(context: template.Context) -> str:
    """The token by which `config.once` tells a form that is sent twice. A form that comes back with errors keeps the one it brought.

    Without autocomplete: a browser that restores fields would bring a used token into a new form.
    """
    request = context.get("request")
    key = (token_of(request) if request else None) or uuid4()
    return format_html('<input type="hidden" name="{}" value="{}" autocomplete="off">', FIELD, key)


@register.filter
def document_date(day: date | None) -> str:
    """2026年11月22日, as documents write it; tables write 2026-11-22 without a filter."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def document_datetime(moment: datetime | None) -> str:
    """2026年9月24日10时, and the minutes where there are any, on Shanghai's wall clock."""
    if not moment:
        return ""
    local = clock.local(moment)
    return f"{document_date(local)}{local.hour}时" + (f"{local.minute}分" if local.minute else "")


@register.filter
def age(birth_on: date | None) -> str:
    """36岁: full years today. A page that is printed and kept shows the age of its own day and does without this."""
    return f"{age_on(birth_on, clock.today())}岁" if birth_on else ""


@register.filter
def masked_name(name: str) -> str:
    """张*芳: names outside one's own work (UI)."""
    return mask_name(name)


@register.filter
def money(amount: Decimal | int | str | None) -> str:
    """1,234元, 1,234.50元: fen only where there are any."""
    if amount is None or amount == "":
        return ""
    yuan = Decimal(amount)
    return f"{yuan:,.0f}元" if yuan == yuan.to_integral_value() else f"{yuan:,.2f}元"


@register.filter
def yuan(amount: Decimal | int | str | None) -> str | None:
    """1,234.50 under a heading that says 元; what is no number stays as it is."""
    return f"{amount:,.2f}" if isinstance(amount, Decimal | int) else amount


@register.filter
def elided(page: Page[Any]) -> list[int | str]:
    """The page numbers worth showing, with … for the rest."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def lamp_icon(shape: str) -> str:
    return LAMP_ICONS[shape]


@register.filter
def step_word(state: str) -> str:
    return STEP_WORDS[state]


@register.filter
def message_icon(level: str) -> str:
    return MESSAGE_ICONS[level]
