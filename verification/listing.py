"""The list of a township's verifications: tabs, and rows made ready for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from config import clock, keyset
from config.protection.masks import mask_name
from deadlines.lamps import Lamp
from organization.models import Post

from .lamps import lamps_of
from .models import Verification
from .querysets import VerificationQuerySet
from .reading import heads_of

TABS = {"pending": "待启动", "under_way": "核查中", "done": "已完成", "cancelled": "已撤销"}
# What is over comes newest first, what is to be done oldest first.
SORTS = {"pending": "opened_at", "under_way": "opened_at", "done": "-opened_at", "cancelled": "-opened_at"}


@dataclass(frozen=True, slots=True)
class Row:
    verification: Verification
    lamp: Lamp | None
    url: str
    family: str
    place: str
    methods: str
    people: str
    opened: str


def listed(verifications: Sequence[Verification], post: Post) -> list[Row]:
    """Names in full on the own township's work, masked for the platform, which looks at the whole county (SECURITY D12)."""
    lamps, names = lamps_of(verifications, post), heads_of([row.household_id for row in verifications])
    is_own = post.role in {"T", "TA"}
    rows = []
    for row in verifications:
        name = names.get(row.household_id, "")
        rows.append(
            Row(
                row, lamps.get(str(row.pk)), reverse("verification:verification_detail", args=[row.pk]),
                f"{(name if is_own else mask_name(name)) or '无成员'} {row.household.number}", row.household.region.name,
                row.methods_text, "、".join(member.staff.name for member in row.investigators.all()),
                f"{clock.local(row.opened_at):%Y-%m-%d}",
            )
        )  # fmt: skip
    return rows


def tabs(current: str, rows: VerificationQuerySet) -> list[dict[str, object]]:
    """With how many are to be done; how many are over is no help."""
    return [
        {
            "label": label,
            "url": f"?{urlencode({'tab': name})}",
            "is_current": name == current,
            "count": None if name in Verification.OVER else keyset.tally(rows.of_tab(name)),
        }
        for name, label in TABS.items()
    ]
