"""Addresses that belong to no room: text size, chosen lists, health, and the component page of dev and demo."""

from django.urls import URLPattern, URLResolver, path, register_converter

from config import styleguide
from config.health import healthz, readyz
from config.lists import list_choose
from config.text_size import LARGE, NORMAL, text_size


class SizeConverter:
    regex = f"{LARGE}|{NORMAL}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SizeConverter, "text_size")

urlpatterns: list[URLPattern | URLResolver] = [
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/print/", styleguide.styleguide_print, name="styleguide_print"),
    path("styleguide/answer/<int:status>/", styleguide.styleguide_answer, name="styleguide_answer"),
    path("styleguide/once/", styleguide.styleguide_once, name="styleguide_once"),
    path("styleguide/reveal/", styleguide.styleguide_reveal, name="styleguide_reveal"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("lists/<str:name>/choose/", list_choose, name="list_choose"),
    path("text-size/<text_size:size>/", text_size, name="text_size"),
]
