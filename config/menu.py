"""The menu as it is written into each page: some thirty links, the same ones for all pages of an entry and all posts of a kind.

What was written is remembered in the process under all that it says: the links, which `navigation` reads from the request's post, and how
many jobs are under way. So a post never gets another's menu. While templates are worked on, it is written anew each time.
"""

from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string

from config.navigation import Link, address


def menu(links: tuple[Link, ...], open_jobs: str) -> str:
    return (_menu if settings.DEBUG else _known_menu)(links, open_jobs)


def bottom_bar(links: tuple[Link, ...]) -> str:
    """At the foot of a phone's page."""
    return (_bottom_bar if settings.DEBUG else _known_bar)(links)


def _menu(links: tuple[Link, ...], open_jobs: str) -> str:
    told = {"links": links, "jobs_url": address("jobs:job_list"), "open_jobs": open_jobs}
    return render_to_string("_components/_menu.html", told)


def _bottom_bar(links: tuple[Link, ...]) -> str:
    return render_to_string("_components/bottom_bar.html", {"links": links})


_known_menu, _known_bar = lru_cache(maxsize=1024)(_menu), lru_cache(maxsize=512)(_bottom_bar)
