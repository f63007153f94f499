"""The second person of a file: nobody who has a hand in what it says."""

import pytest
from django.core.exceptions import PermissionDenied

from audit.transitions import record
from spreadsheets import declaration, permissions, transitions
from spreadsheets.models import StagedRow
from spreadsheets.preview import BatchPage
from tests.spreadsheets import people
from tests.spreadsheets.factories import line, read

pytestmark = pytest.mark.django_db
MINE = "您上传、更正或提交过这个文件，须由另一人确认入库。"


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


@pytest.fixture
def batch(clerk, monkeypatch):
    monkeypatch.setattr(
        "spreadsheets.transitions.comparing.figure", lambda key: {"import_two_people_above": 1, "roll_change_stop": 30}[key]
    )
    return read([line("虚构乙"), line("虚构丙"), line("虚构丁")], by=clerk)


def row_of(batch, number):
    return StagedRow.objects.get(batch=batch, number=number).pk


def mended(batch, by):
    typed = {"name": "虚构乙", "township": "忠州街道", "amount": "900"}
    transitions.mend_row(batch_id=batch.pk, row_id=row_of(batch, 2), values=typed, by=by)


def taken_out(batch, by):
    transitions.take_out_row(batch_id=batch.pk, row_id=row_of(batch, 4), by=by)


def mapped(batch, by):
    record("batch.mapped", batch, by=by)  # as the verb leaves it: the file is read anew by what was said


@pytest.mark.parametrize("rewritten", [mended, taken_out, mapped])
def test_who_rewrote_the_file_does_not_confirm_it(batch, rewritten, clerk, approver, second_approver, platform, signed_in):
    rewritten(batch, approver)
    transitions.propose(batch_id=batch.pk, by=clerk)
    with pytest.raises(PermissionDenied, match=MINE):
        transitions.confirm(batch_id=batch.pk, by=approver)
    batch.refresh_from_db()
    page = BatchPage(batch, approver)
    assert (page.may_confirm, page.no_second, page.may_send_back) == (False, MINE, True)
    assert MINE in signed_in(approver).get(batch.get_absolute_url()).content.decode()
    assert (BatchPage(batch, second_approver).may_confirm, BatchPage(batch, second_approver).no_second) == (True, "")
    assert not permissions.can_confirm(platform, batch)
    transitions.confirm(batch_id=batch.pk, by=second_approver)


def test_where_all_who_could_have_rewritten_it_the_platform_confirms(batch, clerk, approver, second_approver, platform):
    mended(batch, approver)
    taken_out(batch, second_approver)
    assert not permissions.has_second(batch)
    transitions.propose(batch_id=batch.pk, by=clerk)
    transitions.confirm(batch_id=batch.pk, by=platform)
