"""Addresses that belong to no room: text size, health, and the component page of dev and demo."""

from django.urls import URLPattern, URLResolver, path, register_converter

from config.text_size import LARGE, NORMAL, text_size


class SizeConverter:
    regex = f"{LARGE}|{NORMAL}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SizeConverter, "text_size")

urlpatterns: list[URLPattern | URLResolver] = [
    path("text-size/<text_size:size>/", text_size, name="text_size"),
]
