"""Who is whose parent, child or spouse, read from the relations to the head (GB/T 4761). What these do not tell is not guessed.

Both evaluators read this table: `KIN[group][own relation]` are the relations of those who stand in that group to somebody.
"""

from collections.abc import Mapping

from programs.screening.language import Group

from ..models.household import Relation

_COUPLE = frozenset({Relation.HEAD, Relation.SPOUSE})
_CHILDREN = frozenset({Relation.SON, Relation.DAUGHTER})
KIN: Mapping[Group, Mapping[str, frozenset[Relation]]] = {
    Group.SPOUSE: {Relation.HEAD: frozenset({Relation.SPOUSE}), Relation.SPOUSE: frozenset({Relation.HEAD})},
    Group.PARENT: {
        Relation.SON: _COUPLE,
        Relation.DAUGHTER: _COUPLE,
        Relation.HEAD: frozenset({Relation.PARENT}),
        Relation.SIBLING: frozenset({Relation.PARENT}),
        Relation.PARENT: frozenset({Relation.GRANDPARENT}),
    },
    Group.CHILD: {
        Relation.HEAD: _CHILDREN,
        Relation.SPOUSE: _CHILDREN,
        Relation.PARENT: frozenset({Relation.HEAD, Relation.SIBLING}),
        Relation.GRANDPARENT: frozenset({Relation.PARENT}),
    },
}


def kin_of(own: str, relations: Mapping[str, str]) -> dict[Group, tuple[str, ...]]:
    """Keys of those among `relations` (key to relation) who stand in each group to somebody of relation `own`."""
    found = {}
    for group, table in KIN.items():
        wanted = table.get(own, frozenset())
        found[group] = tuple(key for key, relation in relations.items() if relation in wanted)
    return found
