"""Production refuses to start on whatever would weaken it, in one sentence with the variable's name (SECURITY D14)."""

import os
import subprocess
import sys

import pytest

from config import keyfile
from config.local.places import BASE_DIR

LOAD = [sys.executable, "-c", "from django.conf import settings; settings.DEBUG"]


@pytest.fixture
def right(tmp_path):
    """An environment production accepts."""
    keyfile.create(tmp_path / "keys.json")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "DATABASE_URL": "postgres://assistance:secret@db/assistance",
        "CELERY_BROKER_URL": "redis://broker/0",
        "ALLOWED_HOSTS": "assistance.example",
        "KEY_FILE": str(tmp_path / "keys.json"),
        "MEDIA_ROOT": "/srv/media",
    }


def run(command, environment):
    return subprocess.run(command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "1"),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "a.example,*.example"),
        ("CSRF_TRUSTED_ORIGINS", "http://assistance.example"),
        ("DATABASE_URL", None),
        ("DATABASE_URL", "sqlite:////tmp/db.sqlite3"),
        ("CELERY_BROKER_URL", None),
        ("CELERY_BROKER_URL", "memory://"),
        ("KEY_FILE", None),
        ("KEY_FILE", "/nowhere/keys.json"),
        ("MEDIA_ROOT", None),
    ],
)
def test_production_refuses_by_name(right, name, value):
    environment = {k: v for k, v in right.items() if k != name} | ({name: value} if value is not None else {})
    done = run(LOAD, environment)
    assert done.returncode == 1
    assert name in done.stderr
    assert done.stderr.count("\n") == 1, "one sentence, no traceback"
    assert "secret@" not in done.stderr


def test_production_refuses_a_key_file_others_may_read(right, tmp_path):
    (tmp_path / "keys.json").chmod(0o644)
    done = run(LOAD, right)
    assert done.returncode == 1
    assert "KEY_FILE" in done.stderr
    assert "0600" in done.stderr


def test_production_starts_with_right_values(right):
    code = (
        "from django.conf import settings as s; "
        "assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SECURE_SSL_REDIRECT and s.SECURE_HSTS_SECONDS and not s.DEBUG; "
        "assert s.SECURE_PROXY_SSL_HEADER is None, 'nobody is believed without TRUST_PROXY'; "
        "assert not s.IS_DEMO and len(s.SECRET_KEY) >= 50 and len(s.FIELD_KEYS) == 1"
    )
    done = run([sys.executable, "-c", code], right)
    assert (done.returncode, done.stderr) == (0, "")


def test_production_has_no_server_of_its_own(right):
    del right["DATABASE_URL"]
    done = run([sys.executable, "manage.py", "migrate"], right)
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr


def test_gunicorn_ends_at_once_on_a_wrong_environment(right):
    """Not in each worker, again and again."""
    right["ALLOWED_HOSTS"] = "*"
    done = run([sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "--bind", "127.0.0.1:0"], right)
    assert done.returncode == 1
    assert "ALLOWED_HOSTS" in done.stderr
    assert "Traceback" not in done.stderr
