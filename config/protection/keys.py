"""Keys and the two operations done with them, behind one interface (SECURITY D7).

Software cryptography is no certified product: `FIELD_KEY_PROVIDER` names the class that holds the keys, so that a hardware module takes
its place without a change elsewhere. Keys never leave a provider; callers hand in values and get tokens and digests.
"""

import base64
import os
import re
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from . import vectors

NONCE = 12
TAG = 16
DIGEST = 16
KID = re.compile(r"[a-z0-9-]{1,16}")


class SealBroken(Exception):
    """A token that does not open: another row's, another column's, altered, or not ours. The sentence carries no value."""


class UnknownKey(SealBroken):
    """The token names a key id this installation does not hold."""


class KeyProvider(Protocol):
    """What a holder of keys can do. `label` names the kind of value: each has its own data key and its own digest key."""

    current: str
    kids: frozenset[str]

    def encrypt(self, label: str, value: bytes, bound_to: bytes) -> bytes:
        """Nonce, ciphertext and tag under the current key; opens only together with `bound_to`."""

    def decrypt(self, kid: str, label: str, blob: bytes, bound_to: bytes) -> bytes:
        """The value. Raises SealBroken, or UnknownKey when `kid` is not held."""

    def digest(self, label: str, value: bytes) -> bytes:
        """The keyed digest, 16 bytes: equal for equal values of one label, unrelated across labels, unchanged by rotation."""

    def self_test(self) -> None:
        """Known answers. Raises ImproperlyConfigured when the primitives do not give them."""


def _derive(master: bytes, length: int, purpose: str, label: str) -> bytes:
    """HKDF with SM3: one key per purpose and label, so that equal values of different kinds have nothing in common."""
    return HKDF(algorithm=hashes.SM3(), length=length, salt=None, info=f"protection/v1/{purpose}/{label}".encode()).derive(master)


class _ByKidAndLabel(dict[tuple[str, str], algorithms.SM4]):
    """Data keys, derived at first use."""

    def __init__(self, masters: Mapping[str, bytes]) -> None:
        super().__init__()
        self._masters = masters

    def __missing__(self, wanted: tuple[str, str]) -> algorithms.SM4:
        kid, label = wanted
        if kid not in self._masters:
            raise UnknownKey(f"密文所用的密钥“{kid}”不在本系统的密钥清单中。")
        self[wanted] = key = algorithms.SM4(_derive(self._masters[kid], 16, "data", label))
        return key


class _ByLabel(dict[str, hmac.HMAC]):
    """HMAC states keyed and ready: a copy costs half of a new one (PERFORMANCE 8)."""

    def __init__(self, master: bytes) -> None:
        super().__init__()
        self._master = master

    def __missing__(self, label: str) -> hmac.HMAC:
        self[label] = state = hmac.HMAC(_derive(self._master, 32, "index", label), hashes.SM3())
        return state


class SoftwareKeyProvider:
    """SM4-GCM and HMAC-SM3 by `cryptography`, with keys from the settings FIELD_KEYS, FIELD_KEY_CURRENT and INDEX_KEY.

    A random 96-bit nonce is safe for 2**32 values per key and label; a county has a million residents.
    """

    def __init__(self, masters: Mapping[str, bytes], current: str, index_key: bytes) -> None:
        self.current = current
        self.kids = frozenset(masters)
        self._data = _ByKidAndLabel(masters)
        self._index = _ByLabel(index_key)

    @classmethod
    def from_settings(cls) -> "SoftwareKeyProvider":
        """Raises ImproperlyConfigured, naming the setting and never its value."""
        written = getattr(settings, "FIELD_KEYS", None)
        if not isinstance(written, Mapping) or not written:
            raise ImproperlyConfigured("FIELD_KEYS：没有字段加密密钥。应为 {密钥编号: 32字节密钥的base64}。")
        for kid in written:
            if not KID.fullmatch(str(kid)):
                raise ImproperlyConfigured("FIELD_KEYS：密钥编号只能用小写字母、数字和连字符，最长16位。")
        masters = {kid: _key_bytes(f"FIELD_KEYS[{kid}]", text) for kid, text in written.items()}
        current = str(getattr(settings, "FIELD_KEY_CURRENT", ""))
        if current not in masters:
            raise ImproperlyConfigured("FIELD_KEY_CURRENT：必须是 FIELD_KEYS 中的一个密钥编号。")
        index_key = _key_bytes("INDEX_KEY", getattr(settings, "INDEX_KEY", None))
        if len({*masters.values(), index_key}) != len(masters) + 1:
            raise ImproperlyConfigured("FIELD_KEYS、INDEX_KEY：每个密钥必须各不相同。")
        return cls(masters, current, index_key)

    def encrypt(self, label: str, value: bytes, bound_to: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        encryptor = Cipher(self._data[self.current, label], modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        hidden = encryptor.update(value)
        encryptor.finalize()
        return nonce + hidden + encryptor.tag

    def decrypt(self, kid: str, label: str, blob: bytes, bound_to: bytes) -> bytes:
        if len(blob) < NONCE + TAG:
            raise SealBroken("密文不完整，无法解密。")
        decryptor = Cipher(self._data[kid, label], modes.GCM(blob[:NONCE], blob[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound_to)
        value = decryptor.update(blob[NONCE:-TAG])
        try:
            decryptor.finalize()
        except InvalidTag:
            raise SealBroken("密文与所在记录不符，或已被改动，拒绝解密。") from None
        return value

    def digest(self, label: str, value: bytes) -> bytes:
        state = self._index[label].copy()
        state.update(value)
        return state.finalize()[:DIGEST]

    def self_test(self) -> None:
        primitives_give_known_answers()


def _key_bytes(name: str, text: Any) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (NotBase64, TypeError, ValueError):
        key = b""
    if len(key) != 32 or len(set(key)) < 8:
        raise ImproperlyConfigured(f"{name}：应为32字节随机密钥的base64。")
    return key


def sm4_block(key: bytes, block: bytes) -> bytes:
    """One block of SM4, for the known answers alone."""
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - the standard's own example is one bare block
    return encryptor.update(block) + encryptor.finalize()


def sm4_gcm(key: bytes, nonce: bytes, value: bytes, bound_to: bytes) -> tuple[bytes, bytes]:
    """Ciphertext and tag under a given nonce, for the known answers alone."""
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    return encryptor.update(value) + encryptor.finalize(), encryptor.tag


def sm3(message: bytes) -> bytes:
    state = hashes.Hash(hashes.SM3())
    state.update(message)
    return state.finalize()


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    state = hmac.HMAC(key, hashes.SM3())
    state.update(message)
    return state.finalize()


def primitives_give_known_answers() -> None:
    """Compare SM3, HMAC-SM3, SM4 and SM4-GCM with published vectors (S10).

    Raises:
        ImproperlyConfigured: naming the algorithm; the process does not start.
    """
    answers: Sequence[tuple[str, object, object]] = [
        ("SM4", sm4_block(vectors.SM4_KEY, vectors.SM4_KEY), vectors.SM4_BLOCK),
        ("SM4-GCM", sm4_gcm(vectors.SM4_KEY, vectors.GCM_NONCE, vectors.GCM_VALUE, vectors.GCM_BOUND_TO), vectors.GCM_ANSWER),
        *[("SM3", sm3(message), answer) for message, answer in vectors.SM3],
        *[("HMAC-SM3", hmac_sm3(key, message), answer) for key, message, answer in vectors.HMAC_SM3],
    ]
    for name, given, known in answers:
        if given != known:
            raise ImproperlyConfigured(f"{name} 的自检结果与标准给出的答案不符，系统不能启动。请检查 cryptography 与 OpenSSL 的安装。")


@cache
def provider() -> KeyProvider:
    """The holder of keys of this process, tested once. `provider.cache_clear()` reads the settings again."""
    holder: KeyProvider = import_string(settings.FIELD_KEY_PROVIDER).from_settings()
    holder.self_test()
    return holder
