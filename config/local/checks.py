"""`make check`: every check there is, all of them even when one fails, with its time. Nothing here touches the demo's data."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config import keyfile

from .places import BASE_DIR

BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
# A production that lacks only its servers, for `check --deploy`.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "DATABASE_URL": "postgres://assistance@db/assistance",
    "CELERY_BROKER_URL": "redis://broker:6379/0",
    "ALLOWED_HOSTS": "assistance.example",
    "MEDIA_ROOT": "/srv/media",
    "TRUST_PROXY": "1",
}
TEST = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
Check = tuple[str, list[str], dict[str, str]]  # what it is called, the command, the environment beside one's own


def checks(key_file: Path) -> list[Check]:
    deploy = {**PRODUCTION, "KEY_FILE": str(key_file)}
    compose = ["docker-compose", "-f", "docker-compose.yml", "config", "--quiet"]
    return [
        ("格式 ruff format", ["ruff", "format", "--check", "."], {}),
        ("代码 ruff", ["ruff", "check", "."], {}),
        ("模板 djlint", ["djlint", "--quiet", "--lint", "templates"], {}),
        ("模板格式 djlint", ["djlint", "--quiet", "--check", "templates"], {}),
        ("类型 mypy", ["mypy", "."], TEST),
        ("分层 import-linter", ["lint-imports"], {}),
        ("迁移 makemigrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], TEST),
        ("系统检查", [*MANAGE, "check", "--fail-level", "WARNING"], TEST),
        ("部署检查", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], deploy),
        ("编排 docker-compose", compose, {"COMPOSE_PROJECT_NAME": "assistance"}),
        ("依赖锁定", [sys.executable, "-m", "config.local.checks", "--locked"], {}),
    ]


def _run(check: Check) -> tuple[str, "subprocess.CompletedProcess[str]", float]:
    title, command, environment = check
    started = time.monotonic()
    program = command[0] if Path(command[0]).is_absolute() else str(BIN / command[0])
    done = subprocess.run([program, *command[1:]], cwd=BASE_DIR, env={**os.environ, **environment}, capture_output=True, text=True)
    return title, done, time.monotonic() - started


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        key_file = Path(folder) / "keys.json"
        keyfile.create(key_file)
        with ThreadPoolExecutor(max_workers=2) as two:  # the types alone take as long as all the others
            for title, done, seconds in two.map(_run, sorted(checks(key_file), key=lambda check: check[1][0] != "mypy")):
                passed = done.returncode == 0
                print(f"{'通过' if passed else '失败'}  {title}  {seconds:.1f}s", flush=True)
                if not passed:
                    failed.append(title)
                    print((done.stdout + done.stderr).strip(), flush=True)
    print(f"没有通过：{'、'.join(failed)}" if failed else "全部通过")
    return 1 if failed else 0


def unlocked() -> list[str]:
    """What stands in a requirements/*.in without a pin in its .txt, and pins of one package that differ from file to file."""
    wrong = []
    pins: dict[str, str] = {}
    for source in sorted((BASE_DIR / "requirements").glob("*.in")):
        locked = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", source.with_suffix(".txt").read_text(), re.MULTILINE))
        locked = {_normal(name): version for name, version in locked.items()}
        for line in source.read_text().splitlines():
            asked = re.match(r"[A-Za-z0-9._-]+", line.partition("#")[0].strip())
            if asked and not line.startswith("-") and _normal(asked[0]) not in locked:
                wrong.append(f"{source.name} 里的 {asked[0]} 没有锁定在 {source.stem}.txt")
        for name, version in locked.items():
            if pins.setdefault(name, version) != version:
                wrong.append(f"{name} 在 {source.stem}.txt 是 {version}，在别处是 {pins[name]}")
    return wrong


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    if "--locked" in sys.argv:
        sys.exit("\n".join(unlocked()) or None)
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
