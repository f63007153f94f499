"""Reading the permission matrix: `matrix.csv`, one block of rows per address (see docs/testing.md)."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

FILE = Path(__file__).with_name("matrix.csv")
# Column of the matrix -> who of the cast fills it. ANON sends no credentials, NOPOST is signed in and holds nothing.
ROLES = {
    "ANON": "", "NOPOST": "nobody", "V": "assistant", "T": "clerk", "TA": "approver", "D": "officer", "DA": "department_approver",
    "B": "platform", "BA": "platform_approver", "C": "convener", "L": "supervision", "AS": "system_administrator",
    "AX": "security_administrator", "AU": "audit_administrator",
}  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# in: sent to sign in. go: done, and sent on. The numbers are HTTP's: 422 and 400 are forms that came back, so the door was open.
OUTCOMES = {"in", "go", "200", "201", "204", "400", "401", "403", "404", "405", "409", "422", "503"}


class MatrixError(AssertionError):
    """The file itself cannot be right."""


@dataclass(frozen=True)
class Row:
    """What each role meets at one address with one method, for a row of one scope."""

    url: str
    method: str
    scope: str
    outcomes: dict[str, str]
    line: int


def rows(text: str | None = None) -> dict[str, list[Row]]:
    """The matrix by address. Lines that begin with # are the reader's."""
    lines = [(n, line) for n, line in enumerate((FILE.read_text() if text is None else text).splitlines(), 1)]
    kept = [(n, [cell.strip() for cell in next(csv.reader([line]))]) for n, line in lines if line.strip() and not line.startswith("#")]
    (_, header), *body = kept
    if header != ["url", "method", "scope", *ROLES]:
        raise MatrixError(f"the header must be url, method, scope and the roles {', '.join(ROLES)}; it is {header}")
    found: dict[str, list[Row]] = defaultdict(list)
    for line, cells in body:
        if len(cells) != len(header):
            raise MatrixError(f"line {line}: {len(cells)} cells, {len(header)} expected")
        url, method, scope = cells[:3]
        row = Row(url, method, scope, dict(zip(ROLES, cells[3:], strict=True)), line)
        if method not in METHODS or not set(row.outcomes.values()) <= OUTCOMES:
            raise MatrixError(f"line {line}: a method or an outcome nobody knows: {method} {set(row.outcomes.values()) - OUTCOMES}")
        if any((other.method, other.scope) == (method, scope) for other in found[url]):
            raise MatrixError(f"line {line}: {url} {method} {scope} stands there already")
        found[url].append(row)
    return dict(found)


def addresses() -> dict[str, set[str]]:
    """Every address of the URLconf by name, API actions included, with the names of what it takes."""
    found: dict[str, set[str]] = defaultdict(set)
    _walk(get_resolver(), "", set(), found)
    return dict(found)


def _walk(resolver: URLResolver, spaces: str, taken: set[str], found: dict[str, set[str]]) -> None:
    for pattern in resolver.url_patterns:
        takes = taken | set(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLPattern):
            if "format" in takes:  # the suffix form of an API address: the same view under the same name
                continue
            if not pattern.name:
                raise MatrixError(f"{spaces}{pattern.pattern} has no name: the matrix cannot speak of it")
            found[f"{spaces}{pattern.name}"] |= takes
        else:
            _walk(pattern, f"{spaces}{pattern.namespace}:" if pattern.namespace else spaces, takes, found)
