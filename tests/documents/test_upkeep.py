"""Rows and files stay together: what belongs to nobody goes, what is gone is told, and files move to the current key."""

import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from config import clock as house_clock
from config.protection.keys import provider
from documents import storage, transitions
from documents.models import Attachment
from documents.tasks import sweep_attachments
from tests.cast import member

from . import files
from .test_upload import upload

pytestmark = pytest.mark.django_db
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def aged(storage_name, seconds):
    moment = house_clock.now().timestamp() - seconds
    os.utime(storage.folder() / storage_name, (moment, moment))


def run(**options):
    said = StringIO()
    call_command("sweep_attachments", stdout=said, stderr=said, **options)
    return said.getvalue()


def lying():
    return {name for name, _ in storage.stored()}


def test_old_file_without_a_row_goes_and_young_one_stays(clerk):
    kept = upload(clerk)
    old, _ = storage.write(kept.pk, b"left by a verb that failed")
    young, _ = storage.write(kept.pk, b"of a verb still at work")
    unfinished = f"{old}.part"
    (storage.folder() / unfinished).write_bytes(b"half")
    for name, age in [(kept.storage_name, 9 * DAY), (old, DAY + 9), (unfinished, DAY + 9), (young, DAY - 9)]:
        aged(name, age)
    assert "无登记的文件 2 个" in run(dry_run=True)
    assert lying() == {kept.storage_name, old, unfinished, young}
    assert sweep_attachments() == 2
    assert lying() == {kept.storage_name, young}
    assert Event.objects.get(verb="attachments.swept").data == {"count": 2}
    assert sweep_attachments() == 0


def test_row_whose_file_is_gone_is_quarantined_and_comes_back_with_it(clerk):
    attachment, whole = upload(clerk), upload(clerk, files.pdf(), name="b.pdf")
    path = storage.folder() / attachment.storage_name
    sealed = path.read_bytes()
    path.unlink()
    with pytest.raises(CommandError, match="1 个附件缺失或已损坏"):
        run(dry_run=True)
    assert Attachment.objects.get(pk=attachment.pk).status == "clean"
    with pytest.raises(CommandError, match="从备份恢复"):
        run()
    assert Attachment.objects.get(pk=attachment.pk).status == "quarantined"
    assert Attachment.objects.get(pk=whole.pk).status == "clean"
    path.write_bytes(sealed)
    assert "恢复 1 个" in run(verify=True)
    assert Attachment.objects.get(pk=attachment.pk).status == "clean"


def test_verify_finds_what_was_altered(clerk):
    attachment = upload(clerk)
    (storage.folder() / attachment.storage_name).write_bytes(b"altered")
    assert "核对 1 个附件" in run()
    with pytest.raises(CommandError, match="已损坏"):
        run(verify=True)


def test_no_sweep_without_the_system_post_sees_a_row(clerk):
    """A person's post sees no rows here, so that the whole disk would look like nobody's: the row is asked for again by name."""
    attachment = upload(clerk)
    aged(attachment.storage_name, 9 * DAY)
    assert transitions.sweep(by=clerk).removed == []
    assert lying() == {attachment.storage_name}


def test_files_move_to_the_current_key(clerk, settings):
    settings.FIELD_KEY_CURRENT = "test-1"
    provider.cache_clear()
    try:
        moving, broken = upload(clerk), upload(clerk, files.pdf(), name="b.pdf")
        (storage.folder() / broken.storage_name).write_bytes(b"broken")
        settings.FIELD_KEY_CURRENT = "test-2"
        provider.cache_clear()
        said = StringIO()
        with pytest.raises(CommandError, match="还有 1 项未换到当前密钥"):
            call_command("rotate_field_keys", stdout=said, stderr=said)
        assert "附件文件：更换 1 项" in said.getvalue()
        assert f"附件文件：{broken.pk} 无法解密" in said.getvalue()
        settings.FIELD_KEYS = {"test-2": settings.FIELD_KEYS["test-2"]}
        provider.cache_clear()
        moved = Attachment.objects.get(pk=moving.pk)
        assert moved.key_name == "test-2"
        assert moved.storage_name != moving.storage_name
        assert storage.digest(storage.read(moved.pk, moved.storage_name)) == moving.digest
    finally:
        provider.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_old_place_goes_once_the_row_points_to_the_new_one(settings):
    settings.FIELD_KEY_CURRENT = "test-1"
    provider.cache_clear()
    try:
        old = upload(member("clerk")).storage_name
        settings.FIELD_KEY_CURRENT = "test-2"
        provider.cache_clear()
        call_command("rotate_field_keys", stdout=StringIO())
        assert lying() == {Attachment.objects.get().storage_name}
        assert old not in lying()
    finally:
        provider.cache_clear()
