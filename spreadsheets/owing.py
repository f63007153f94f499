"""Whose rows a template is for: among which units the county platform chooses when it hands in for one (代录, ZX-22)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from config import clock
from organization.kinds import TOWNSHIP
from organization.models import Post, Unit

from .declaration import Template, owner_of

TOWNSHIPS = "各乡镇（街道）"


@dataclass(frozen=True, slots=True)
class Owing:
    """Departments one by one; townships are alike: `kinds` are those of their units that hand the template in."""

    departments: Sequence[Unit] = ()
    kinds: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        named = "、".join(unit.short_name for unit in self.departments)
        return "，".join(word for word in (named, TOWNSHIPS if self.kinds else "") if word)

    @property
    def only(self) -> Unit | None:
        """Whom a file of it is for, where it can be but one."""
        return self.departments[0] if len(self.departments) == 1 and not self.kinds else None


def owing(templates: Iterable[Template]) -> dict[str, Owing]:
    """By template. Asked of one voice for each department and of one for each kind of a township's units."""
    voices = _voices()
    by_family: dict[str, list[Template]] = {}
    for template in templates:
        by_family.setdefault(template.family, []).append(template)
    found: dict[str, Owing] = {}
    for listed in by_family.values():
        found |= {key: _of(posts) for key, posts in _among(listed, voices).items()}
    return found


def _voices() -> list[Post]:
    units = Unit.objects.current(clock.today()).filter(kind__in=[Unit.Kind.DEPARTMENT, *TOWNSHIP])
    found: dict[object, Unit] = {}
    for unit in units.select_related("department").order_by("department__number", "pk"):
        found.setdefault(unit.pk if unit.kind == Unit.Kind.DEPARTMENT else unit.kind, unit)
    return [Post(unit=unit, rank=Post.Rank.HANDLER) for unit in found.values()]


def _among(templates: Sequence[Template], voices: Sequence[Post]) -> Mapping[str, Sequence[Post]]:
    owner = owner_of(templates[0].key)
    if owner is None:
        return {}
    if hasattr(owner, "among"):
        said: Mapping[str, Sequence[Post]] = owner.among(templates, voices)
        return said
    return {each.key: [post for post in voices if owner.may_hand_in(post, each)] for each in templates}


def _of(posts: Sequence[Post]) -> Owing:
    departments = [post.unit for post in posts if post.unit.kind == Unit.Kind.DEPARTMENT]
    return Owing(departments, frozenset(post.unit.kind for post in posts if post.unit.kind in TOWNSHIP))
