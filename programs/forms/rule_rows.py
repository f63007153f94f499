"""A rule as the rows of a form: read from its JSON or from flat fields named by their place, changed row by row, written as JSON again.

The fields of a row begin with its place: `e` is the root of the conditions, `l` that of the hint, `e.0.2` the third child of the first
child. A group says how many children it has (`e-count`). Whatever else a post brings is not read: depth, children and rows are bounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.datastructures import MultiValueDict

from ..screening.language import DEPTH_MAX, NODES_MAX, Catalogue, RuleError
from ..screening.schema import SCOPES, Op

ROOTS = {"e": "eligible", "l": "likely"}
GROUPS = ("all", "any", "not")
HOWS = ("literal", "parameter", "fact")
CHILDREN_MAX = 30
TEXT_MAX = 60
KEYS_MAX = 20
_TEXTS = (
    "label", "fact", "op", "value", "parameter", "part", "by", "keys", "times", "times_parameter", "times_part", "times_by", "times_keys",
    "times_factor", "other",
)  # fmt: skip
_KEYS = ("keys", "times_keys")  # one select for each code, joined by semicolons
Stored = dict[str, Any]


class TooMuch(Exception):
    """A form with more rows or levels than a rule may have. `str(error)` is fit for people."""


@dataclass
class Row:
    """A group (`kind` all, any, not) with its children, or a condition (`kind` fact)."""

    place: str
    kind: str = "fact"
    scope: str = "beneficiary"
    how: str = "literal"
    codes: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    children: list["Row"] = field(default_factory=list)

    def __getattr__(self, name: str) -> str:
        if name in _TEXTS:
            return self.texts.get(name, "")
        raise AttributeError(name)

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS

    def walk(self) -> Iterator["Row"]:
        yield self
        for child in self.children:
            yield from child.walk()


def group(place: str, kind: str = "all") -> Row:
    return Row(place, kind, children=[Row(f"{place}.0")])


# ── from JSON ───────────────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(rule: Stored | None) -> dict[str, Row]:
    """The trees of a stored rule by root; a root that it lacks is left out."""
    stored = rule or {}
    return {root: _read(stored[key], root) for root, key in ROOTS.items() if key in stored}


def _read(node: Stored, place: str) -> Row:
    scope, texts = node.get("scope", "beneficiary"), {"label": node.get("label", "")}
    for kind in GROUPS:
        if kind in node:
            inner = node[kind] if isinstance(node[kind], list) else [node[kind]]
            return Row(place, kind, scope, texts=texts, children=[_read(child, f"{place}.{number}") for number, child in enumerate(inner)])
    row = Row(place, "fact", scope, texts={"fact": node["fact"], "op": node["op"]})
    value = node.get("value")
    match value:
        case bool():
            row.texts["value"] = "yes" if value else "no"
        case list():
            row.codes = list(value)
        case dict() if "parameter" in value:
            row.how = "parameter"
            row.texts |= {"parameter": value["parameter"], **_of_parameter(value, "")} | _of_factor(value.get("factor"))
        case dict():
            row.how = "fact"
            row.texts |= {"other": value["fact"]} | _of_factor(value.get("factor"))
        case str():
            row.texts["value"] = value
    return row


def _of_parameter(value: Stored, prefix: str) -> dict[str, str]:
    keys = ";".join(f"{code}={key}" for code, key in value.get("keys", {}).items())
    return {f"{prefix}part": value.get("part", ""), f"{prefix}by": value.get("by", ""), f"{prefix}keys": keys}


def _of_factor(factor: Any) -> dict[str, str]:
    match factor:
        case str():
            return {"times": factor}
        case dict():
            inner = factor.get("factor")
            return {
                "times_parameter": factor["parameter"],
                "times_factor": inner if isinstance(inner, str) else "",
                **_of_parameter(factor, "times_"),
            }
    return {}


# ── from a post ─────────────────────────────────────────────────────────────────────────────────────────────────────


def rows_from(data: "MultiValueDict[str, str]") -> dict[str, Row]:
    """The trees that a post describes.

    Raises:
        TooMuch: more levels or rows than a rule may have.
    """
    budget = [NODES_MAX]
    return {root: _post(data, root, 1, budget) for root in ROOTS if f"{root}-kind" in data}


def _post(data: "MultiValueDict[str, str]", place: str, depth: int, budget: list[int]) -> Row:
    budget[0] -= 1
    if depth > DEPTH_MAX:
        raise TooMuch(f"条件最多嵌套{DEPTH_MAX}层，请拆开。")
    if budget[0] < 0:
        raise TooMuch(f"一条规则最多{NODES_MAX}个条件。")
    kind, scope, how = (data.get(f"{place}-{name}", "") for name in ("kind", "scope", "how"))
    row = Row(
        place,
        kind if kind in GROUPS else "fact",
        scope if scope in SCOPES else "beneficiary",
        how if how in HOWS else "literal",
        [code[:TEXT_MAX] for code in data.getlist(f"{place}-codes")[:CHILDREN_MAX]],
        {name: _text(data, f"{place}-{name}", name in _KEYS) for name in _TEXTS},
    )
    if row.is_group:
        count = data.get(f"{place}-count", "0")
        number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
        if number > CHILDREN_MAX:
            raise TooMuch(f"一组最多{CHILDREN_MAX}个条件。")
        row.children = [_post(data, f"{place}.{child}", depth + 1, budget) for child in range(number)]
    return row


def _text(data: "MultiValueDict[str, str]", name: str, has_several: bool) -> str:
    if has_several:
        return ";".join(pair.strip()[:TEXT_MAX] for pair in data.getlist(name)[:KEYS_MAX] if pair.strip())
    return data.get(name, "").strip()[:TEXT_MAX]


# ── changed row by row ──────────────────────────────────────────────────────────────────────────────────────────────


def change(rows: dict[str, Row], action: str) -> dict[str, Row]:
    """What a button asks for: `condition PLACE`, `group PLACE` (into that group), `remove PLACE`, `root ROOT`. Others change nothing.

    Raises:
        TooMuch: what is added would be refused with all that was typed, once the page is sent.
    """
    verb, _, place = action.partition(" ")
    if verb == "root" and place in ROOTS and place not in rows:
        return {**rows, place: group(place)}
    target = _find(rows, place)
    if target is None:
        return rows
    if verb == "remove":
        parent = _find(rows, place.rpartition(".")[0])
        if parent is None:
            return {root: row for root, row in rows.items() if root != place}
        parent.children = [child for child in parent.children if child is not target]
    elif verb in {"condition", "group"} and target.is_group:
        added = Row("") if verb == "condition" else group("")
        _refuse_more(rows, target, added)
        target.children.append(added)
    return {root: _placed(row, root) for root, row in rows.items()}


def _refuse_more(rows: Mapping[str, Row], target: Row, added: Row) -> None:
    depth, more = target.place.count(".") + 1, len(list(added.walk()))
    if depth + more > DEPTH_MAX:
        raise TooMuch(f"条件最多嵌套{DEPTH_MAX}层，请拆开。")
    if sum(len(list(root.walk())) for root in rows.values()) + more > NODES_MAX:
        raise TooMuch(f"一条规则最多{NODES_MAX}个条件。")
    if len(target.children) >= CHILDREN_MAX:
        raise TooMuch(f"一组最多{CHILDREN_MAX}个条件。")


def _find(rows: Mapping[str, Row], place: str) -> Row | None:
    return next((row for root in rows.values() for row in root.walk() if row.place == place), None)


def _placed(row: Row, place: str) -> Row:
    return replace(row, place=place, children=[_placed(child, f"{place}.{number}") for number, child in enumerate(row.children)])


# ── as JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Written:
    """The JSON of a tree, and from the paths of the rule language to the places of its rows."""

    catalogue: Catalogue
    places: dict[str, str] = field(default_factory=dict)

    def node(self, row: Row, path: str) -> Stored:
        self.places[path] = row.place
        node = self._group(row, path) if row.is_group else self._condition(row, path)
        return {"scope": row.scope, **node} if row.scope != "beneficiary" else node

    def place_of(self, path: str) -> str:
        """The row in which a path of the language lies."""
        found = [known for known in self.places if path == known or path.startswith((f"{known}.", f"{known}["))]
        return self.places[max(found, key=len)] if found else ""

    def _group(self, row: Row, path: str) -> Stored:
        if not row.children:
            raise RuleError(path, "条件组不能是空的，请添加条件或删除这一组。")
        if row.kind == "not":
            if len(row.children) == 1:
                return {"not": self.node(row.children[0], f"{path}.not")}
            nodes = [self.node(child, f"{path}.not.any[{number}]") for number, child in enumerate(row.children)]
            return {"not": {"any": nodes, **({"label": row.label} if row.label else {})}}
        nodes = [self.node(child, f"{path}.{row.kind}[{number}]") for number, child in enumerate(row.children)]
        return {**({"label": row.label} if row.label else {}), row.kind: nodes}

    def _condition(self, row: Row, path: str) -> Stored:
        fact = self.catalogue.get(row.fact)
        if fact is None:
            raise RuleError(path, "请选择事项。")
        if not row.op:
            raise RuleError(path, f"请选择“{fact.label}”怎样比较。")
        node: Stored = {"fact": row.fact, "op": row.op}
        if row.op == Op.KNOWN:
            return node
        if fact.value_type == "yes_no":
            return {**node, "value": row.value == "yes"} if row.value in {"yes", "no"} else node
        if fact.value_type == "code":
            return {**node, "value": row.codes} if row.codes else node
        if row.how == "parameter":
            if not row.parameter:
                raise RuleError(path, "请选择参数。")
            return {**node, "value": {"parameter": row.parameter, **self._parameter(row, "", path), **self._factor(row, path)}}
        if row.how == "fact":
            if not row.other:
                raise RuleError(path, "请选择与哪个事项比较。")
            return {**node, "value": {"fact": row.other, **self._factor(row, path)}}
        return {**node, "value": row.value} if row.value else node

    def _factor(self, row: Row, path: str) -> Stored:
        if row.times_parameter:
            inner = {"factor": row.times_factor} if row.times_factor else {}
            return {"factor": {"parameter": row.times_parameter, **self._parameter(row, "times_", path), **inner}}
        return {"factor": row.times} if row.times else {}

    def _parameter(self, row: Row, prefix: str, path: str) -> Stored:
        """Codes left over from another fact are dropped; where each takes the value of its own name nothing is written."""
        part, by, keys = (getattr(row, prefix + name) for name in ("part", "by", "keys"))
        pairs = pairs_of(keys)
        if keys and len(pairs) != keys.count(";") + 1:
            raise RuleError(path, "按事项选取的，请给每个选项选定取哪一项。")
        codes = dict(self.catalogue[by].codes) if by in self.catalogue else {}
        chosen = {code: item for code, item in pairs.items() if code in codes}
        found = {"part": part, "by": by, "keys": chosen if any(code != item for code, item in chosen.items()) else {}}
        return {name: value for name, value in found.items() if value}


def pairs_of(keys: str) -> dict[str, str]:
    """From each code of a fact to the value that it takes, out of `1=male;2=female`."""
    return dict(pair.split("=", 1) for pair in keys.split(";") if "=" in pair)
