"""What the rooms above add to a household's page: links to its applications, verifications, cases. This floor knows none of them.

An upper room registers, in AppConfig.ready, what it shows to a post on the page of a household that the post may see:

    links.register(lambda post, household: [Link("发起申请", reverse("intake:application_new"), is_action=True)])
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from organization.models import Post

from .models import Household


@dataclass(frozen=True, slots=True)
class Link:
    """`is_action`: a button beside the page's title; else a line of the card 办理情况, with `note` behind it."""

    label: str
    url: str
    note: str = ""
    is_action: bool = False


Provider = Callable[[Post, Household], Iterable[Link]]
_PROVIDERS: list[Provider] = []


def register(provider: Provider) -> None:
    _PROVIDERS.append(provider)


def links_for(post: Post, household: Household) -> list[Link]:
    return [link for provider in _PROVIDERS for link in provider(post, household)]
