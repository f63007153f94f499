"""The key file is private, whole, and never made over one that is there."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import keyfile


@pytest.fixture
def path(tmp_path):
    keyfile.create(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def test_only_its_owner_may_read_it(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path], "nothing is left beside it"


def test_one_that_is_there_stays(path):
    before = path.read_text()
    keyfile.create(path)
    assert path.read_text() == before


def test_two_starts_at_once_get_the_same_keys(tmp_path):
    path = tmp_path / "keys.json"

    def start(_: int) -> keyfile.Keys:
        keyfile.create(path)
        return keyfile.read(path)

    with ThreadPoolExecutor(8) as pool:
        assert len({keys.index_key for keys in pool.map(start, range(16))}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_one_that_others_may_read_is_refused(path, mode):
    path.chmod(mode)
    with pytest.raises(keyfile.KeyFileError, match="0600"):
        keyfile.read(path)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"secret_key": "short"}, "secret_key"),
        ({"secret_key": "a" * 80}, "secret_key"),
        ({"secret_key": 7}, "secret_key"),
        ({"field_keys": {}}, "field_keys"),
        ({"field_keys": []}, "field_keys"),
        ({"field_keys": {"k1": "c2hvcnQ="}}, "k1"),
        ({"field_keys": {"k1": "not base64!"}}, "k1"),
        ({"current_field_key": "k9"}, "current_field_key"),
        ({"index_key": None}, "index_key"),
    ],
)
def test_a_weak_or_broken_key_is_refused_by_name(path, change, word):
    held = json.loads(path.read_text())
    path.write_text(json.dumps(held | change))
    with pytest.raises(keyfile.KeyFileError, match=word) as refused:
        keyfile.read(path)
    assert not any(key in str(refused.value) for key in (held["secret_key"], held["index_key"], held["field_keys"]["k1"]))


def test_two_keys_must_differ(path):
    held = json.loads(path.read_text())
    held["index_key"] = held["field_keys"]["k1"]
    path.write_text(json.dumps(held))
    with pytest.raises(keyfile.KeyFileError, match="各不相同"):
        keyfile.read(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_what_is_no_key_file_is_refused(path, text):
    path.write_text(text)
    with pytest.raises(keyfile.KeyFileError, match="JSON"):
        keyfile.read(path)
