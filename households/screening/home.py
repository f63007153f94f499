"""Whether somebody is at home in this county, by what is written as 户籍地: only of them says a whole list of the county "no".

Nothing written means that he is at home where he lives (the form asks for the place only where the two differ). What is written is the
county's if it names the county, or if it begins with one of its townships, the municipality before it or not: “白公街道” is, and “三汇镇”;
“合川区三汇镇” is a place of that name elsewhere. Of whatever else is written nobody can tell by a list.

Both evaluators search by the one pattern that is made here, of syntax that Python and PostgreSQL read alike.
"""

import re
from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from organization.models import Region

MUNICIPALITY = "重庆"  # what the county lies in; the table of regions begins with the county


def county_names(on: date) -> QuerySet[Region, str]:
    """The county and then its townships, those dissolved since too: the place was written down while they stood."""
    ours = Region.objects.within(settings.COUNTY_CODE).exclude(level=Region.Level.VILLAGE)
    return ours.filter(valid_from__lte=on).order_by("code").values_list("name", flat=True)


def place_pattern(names: Sequence[str]) -> str:
    """What a place of this county matches; `names` are those of `county_names`."""
    county, townships = map(re.escape, names[:1]), map(re.escape, names[1:])
    return "|".join([*county, *(f"^({MUNICIPALITY}市?)?{township}" for township in townships)])
