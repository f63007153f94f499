"""The tree as the guards read it: the rooms' modules, parsed once, and every text file that is ours."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/apps.py"))
# Folders that hold other people's files, or nothing that is kept.
FOREIGN = {"vendor", "node_modules", "__pycache__", "staticfiles", "media", "test-results"}
TEXT = {".py", ".html", ".css", ".js", ".csv", ".md", ".txt", ".toml", ".yml", ".yaml", ".json", ".in", ".sh", ".cfg", ".svg", ""}


@dataclass(frozen=True)
class Module:
    """A Python file of ours."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def stem(self) -> str:
        return self.path.stem

    def is_room(self, *names: str) -> bool:
        """`views.py`, or a module of the package `views/`."""
        return any(name in {self.path.stem, self.path.parent.name} for name in names)

    def walk(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def at(self, node: ast.AST) -> str:
        line = getattr(node, "lineno", 0)
        return f"{self.name}:{line}: {self.text.splitlines()[line - 1].strip()[:120]}"


def module(text: str, name: str = "room/views.py") -> Module:
    """A module that exists in a test alone."""
    return Module(ROOT / name, text, ast.parse(text))


@cache
def product() -> tuple[Module, ...]:
    """Every module of the rooms, their migrations apart."""
    paths = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py") if not {"migrations", *FOREIGN} & set(p.parts))
    return tuple(Module(p, text := p.read_text(encoding="utf-8"), ast.parse(text)) for p in paths)


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """(path, text) of every text file of the project."""
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if FOREIGN & set(parts) or (parts[0].startswith(".") and parts[0] not in {".ci", ".gitignore"}):
            continue
        if path.suffix in TEXT and path.is_file() and not path.is_symlink():
            found.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8-sig")))
    return tuple(found)


@cache
def templates() -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in texts() if name.startswith("templates/") and name.endswith(".html"))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute chain; calls and subscripts in between are passed through."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Subscript):
        return dotted(node.value)
    return "?"
