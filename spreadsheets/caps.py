"""How many rows one export may carry, by where somebody works (SECURITY abuse 6): figures of the county."""

from organization.figures import figure
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.models import Post


def most_rows(post: Post) -> int:
    kind = post.unit.kind
    if kind in COUNTY_WIDE:
        place = "platform"
    elif kind in TOWNSHIP:
        place = "township"
    else:
        place = kind if kind in {"department", "supervision"} else "other"
    return int(figure(f"export_cap_{place}"))
