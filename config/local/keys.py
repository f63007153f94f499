"""The demo's key file, `.run/keys.json`: made at the first start, read at every other."""

from pathlib import Path

from config import keyfile

from .places import DEMO, LocalServerError, own_run_dir, run_dir


def path() -> Path:
    return run_dir() / "keys.json"


def ensure() -> keyfile.Keys:
    """The checkout's keys, made when there are none yet.

    Raises:
        LocalServerError: the file is unreadable, or gone while data protected by it is still there.
    """
    own_run_dir()
    if not path().exists():
        if DEMO.cluster_dir.exists():
            raise LocalServerError(
                f"密钥文件 {path()} 不见了，而用它加密的数据还在。请放回该文件，或用 make demo-reset 重新开始（原有数据会删除）。"
            )
        keyfile.create(path())
    try:
        return keyfile.read(path())
    except keyfile.KeyFileError as error:
        raise LocalServerError(f"{error}。") from None
