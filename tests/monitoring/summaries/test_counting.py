from datetime import date

from monitoring.models import SummaryCell, SummaryMark
from monitoring.summaries import read
from monitoring.transitions.summaries import check_all, count_changed
from tests.households.factories import HouseholdFactory, assistance


def test_smoke(db, platform, clerk):
    home = HouseholdFactory()
    assistance(home, "MZ01", since=date(2026, 9, 1))
    assert SummaryMark.objects.count()
    print(count_changed())
    for c in SummaryCell.objects.all():
        print(c, [(n, getattr(c, n)) for n in c.FIGURES])
    print(read.rolls(platform, [date(2026, 9, 1)], by="program"))
    assert check_all(by=platform).untold == 0
