"""The demo has something handed in: loaded by the verbs, once."""

import pytest

from organization.models import Post
from spreadsheets import demo
from spreadsheets.models import Export, ReportApproval, SuperiorForm

pytestmark = pytest.mark.django_db


def test_it_loads_once(platform, platform_approver):
    system = Post.objects.the_system()
    demo.load(by=system)
    demo.load(by=system)
    assert sorted(ReportApproval.objects.values_list("status", flat=True)) == ["approved", "proposed"]
    assert Export.objects.count() == 2
    assert len(SuperiorForm.objects.get().columns) == 7
