"""S10: keys, known answers, and what stops the start."""

import base64
import hashlib
import hmac as plain_hmac
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.apps import ConfigConfig
from config.checks import field_keys
from config.protection import keys, vectors
from config.protection.keys import SealBroken, SoftwareKeyProvider, UnknownKey, provider

ROOT = Path(settings.BASE_DIR)
ROOMS = [room for room in settings.INSTALLED_APPS if (ROOT / room).is_dir()]


def master(number):
    return hashlib.sha256(f"key {number}".encode()).digest()


def written(key):
    return base64.b64encode(key).decode()


@pytest.fixture
def holder():
    return SoftwareKeyProvider({"a": master(1), "b": master(2)}, "b", master(3))


@pytest.fixture(autouse=True)
def _read_settings_again():
    provider.cache_clear()
    yield
    provider.cache_clear()


def test_primitives_give_the_published_answers():
    keys.primitives_give_known_answers()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SM4_BLOCK", b"\0" * 16),
        ("GCM_ANSWER", (vectors.GCM_ANSWER[0], b"\0" * 16)),
        ("SM3", [(b"abc", b"\0" * 32)]),
        ("HMAC_SM3", [(b"k", b"m", b"\0" * 32)]),
    ],
)
def test_a_wrong_answer_stops_the_start(monkeypatch, name, value):
    monkeypatch.setattr(vectors, name, value)
    with pytest.raises(ImproperlyConfigured, match="自检结果与标准给出的答案不符"):
        ConfigConfig.create("config").ready()
    [error] = field_keys(None)
    assert error.id == "protection.E001"


def test_start_is_silent_with_good_keys():
    assert field_keys(None) == []


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("FIELD_KEYS", {}, "FIELD_KEYS"),
        ("FIELD_KEYS", None, "FIELD_KEYS"),
        ("FIELD_KEYS", {"test-2": "c2hvcnQ="}, r"FIELD_KEYS\[test-2\]"),
        ("FIELD_KEYS", {"test-2": "not base64!"}, r"FIELD_KEYS\[test-2\]"),
        ("FIELD_KEYS", {"test-2": written(b"\0" * 32)}, r"FIELD_KEYS\[test-2\]"),
        ("FIELD_KEYS", {"test:2": written(master(1))}, "FIELD_KEYS"),
        ("FIELD_KEYS", {"test-1": written(master(1)), "test-2": written(master(1))}, "各不相同"),
        ("FIELD_KEY_CURRENT", "gone", "FIELD_KEY_CURRENT"),
        ("INDEX_KEY", "", "INDEX_KEY"),
        ("INDEX_KEY", None, "INDEX_KEY"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(settings, setting, value, named):
    setattr(settings, setting, value)
    with pytest.raises(ImproperlyConfigured, match=named) as stopped:
        provider()
    assert not any(text in str(stopped.value) for text in settings.FIELD_KEYS.values()) if settings.FIELD_KEYS else True


def test_index_key_may_not_be_a_field_key(settings):
    settings.INDEX_KEY = settings.FIELD_KEYS["test-1"]
    with pytest.raises(ImproperlyConfigured, match="各不相同"):
        provider()


@given(st.binary(max_size=200), st.binary(max_size=60), st.text(min_size=1, max_size=10))
def test_what_is_encrypted_decrypts(value, bound_to, label):
    holder = SoftwareKeyProvider({"a": master(1)}, "a", master(3))
    assert holder.decrypt("a", label, holder.encrypt(label, value, bound_to), bound_to) == value


def test_any_known_key_reads_and_the_current_writes(holder):
    before = SoftwareKeyProvider({"a": master(1)}, "a", master(3))
    blob = before.encrypt("id_number", b"secret", b"here")
    assert holder.decrypt("a", "id_number", blob, b"here") == b"secret"
    with pytest.raises(UnknownKey):
        before.decrypt("b", "id_number", holder.encrypt("id_number", b"secret", b"here"), b"here")


@pytest.mark.parametrize(("kid", "label", "bound_to"), [("a", "id_number", b"here"), ("b", "phone", b"here"), ("b", "id_number", b"there")])
def test_another_key_label_or_place_is_refused(holder, kid, label, bound_to):
    blob = holder.encrypt("id_number", b"secret", b"here")
    with pytest.raises(SealBroken, match="拒绝解密"):
        holder.decrypt(kid, label, blob, bound_to)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_any_changed_octet_is_refused(place, flip):
    holder = SoftwareKeyProvider({"a": master(1)}, "a", master(3))
    blob = bytearray(holder.encrypt("id_number", b"50023319900101123X", b"here"))
    blob[place % len(blob)] ^= flip
    with pytest.raises(SealBroken):
        holder.decrypt("a", "id_number", bytes(blob), b"here")


def test_cut_blob_is_refused(holder):
    with pytest.raises(SealBroken, match="不完整"):
        holder.decrypt("b", "id_number", b"short", b"here")


def test_same_value_never_has_the_same_ciphertext(holder):
    assert len({holder.encrypt("id_number", b"same", b"here") for _ in range(1000)}) == 1000


def hkdf_sm3(key, info, length):
    """RFC 5869 written out over the standard library's HMAC, as a second opinion on the derivation."""
    pseudorandom = plain_hmac.digest(b"\0" * 32, key, "sm3")
    return plain_hmac.digest(pseudorandom, info + b"\x01", "sm3")[:length]


def test_digest_is_hmac_sm3_under_a_key_of_its_label(holder):
    key = hkdf_sm3(master(3), b"protection/v1/index/id_number", 32)
    assert holder.digest("id_number", b"value") == plain_hmac.digest(key, b"value", "sm3")[:16]


def test_digests_of_one_label_agree_and_of_two_do_not(holder):
    assert holder.digest("id_number", b"1") == holder.digest("id_number", b"1")
    assert holder.digest("id_number", b"1") != holder.digest("phone", b"1")
    assert holder.digest("id_number", b"1") != SoftwareKeyProvider({"b": master(2)}, "b", master(4)).digest("id_number", b"1")


def test_digest_does_not_depend_on_the_field_keys(holder):
    assert SoftwareKeyProvider({"c": master(9)}, "c", master(3)).digest("phone", b"1") == holder.digest("phone", b"1")


def test_nothing_else_touches_cryptography():
    """Another provider takes the place of the software one without a change elsewhere."""
    rooms = [path for folder in ROOMS for path in (ROOT / folder).rglob("*.py")]
    users = {path.relative_to(ROOT).as_posix() for path in rooms if "from cryptography" in path.read_text()}
    assert len(rooms) > 30
    assert users == {"config/protection/keys.py"}


def test_keys_are_hidden_in_error_pages():
    from django.views.debug import get_default_exception_reporter_filter

    shown = repr(get_default_exception_reporter_filter().get_safe_settings())
    assert not any(text in shown for text in [*settings.FIELD_KEYS.values(), settings.INDEX_KEY])
