"""What the cells of a file are read against: the day, and the county's divisions by every name people write for them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings

from config.protection.typed import tidy
from organization.models import Region

_SUFFIXES = ("街道办事处", "人民政府", "街道", "镇", "乡", "村民委员会", "居民委员会", "村委会", "居委会", "社区", "村")


@dataclass(frozen=True, slots=True)
class Ground:
    """`townships`: code by name. `villages`: by the township's code, code by name; under "" those whose name is the only one in the county.

    A short name (忠州 for 忠州街道) stands there where only one division has it.
    """

    on: date
    allow_synthetic: bool = False
    townships: dict[str, str] = field(default_factory=dict)
    villages: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # by code


def ground(on: date) -> Ground:
    """Two levels of divisions that stand on that day: one statement."""
    regions = list(Region.objects.current(on).exclude(level=Region.Level.COUNTY).order_by("code").values_list("code", "name", "level"))
    townships = [(code, name) for code, name, level in regions if level == Region.Level.TOWNSHIP]
    villages: dict[str, list[tuple[str, str]]] = {}
    for code, name, level in regions:
        if level == Region.Level.VILLAGE:
            villages.setdefault(code[:9], []).append((code, name))
    names = {code: name for code, name, _ in regions}
    everywhere = [(code, name) for each in villages.values() for code, name in each]
    full = [(code, f"{names.get(code[:9], '')}{name}") for code, name in everywhere]
    by_township = {township: _known(each) for township, each in villages.items()}
    return Ground(on, settings.IS_DEMO, _known(townships), {**by_township, "": _known(everywhere) | _known(full)}, names)


def _known(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Code by code, name and short name; what two of them share is nobody's."""
    tidied = [(code, tidy(name)) for code, name in pairs]
    found: dict[str, set[str]] = {}
    for code, written in tidied:
        found.setdefault(written, set()).add(code)
        for suffix in _SUFFIXES:
            if written.endswith(suffix) and len(written) > len(suffix) + 1:
                found.setdefault(written.removesuffix(suffix), set()).add(code)
    known = {name: min(codes) for name, codes in found.items() if len(codes) == 1}
    times = Counter(written for _, written in tidied)
    known |= {written: code for code, written in tidied if times[written] == 1}  # a whole name stands before somebody else's short one
    return known | {code: code for code, _ in tidied}
