"""Who is told what a clock is about. The county platform sees every clock; of a sensitive matter at another's unit it reads the rule, the
days and that it is late, for pressing; beside the unit neither a title nor a number, since the two would tell what a person is given
(DESIGN 2). Which topics are sensitive, the room that knows them says.
"""

from collections.abc import Callable, Iterable

from organization.lineage import desks
from organization.models import Post

from .models import Duty

UNTOLD = "敏感项目的一件事项"
_sensitive: list[Callable[[str], bool]] = []


def register(is_sensitive: Callable[[str], bool]) -> None:
    """An upper room says whether a topic, by its code, is one that only those who work on it are told of."""
    _sensitive.append(is_sensitive)


def is_sensitive(duty: Duty) -> bool:
    return any(asked(duty.topic_code) for asked in _sensitive)


def may_tell(duty: Duty, posts: Iterable[Post]) -> bool:
    """- what is not sensitive: whoever sees the clock; - what is: the unit that has it, and who works on for it."""
    if not is_sensitive(duty):
        return True
    return any(duty.unit_id in desks(post) for post in posts)
