"""The checkout's own servers: whoever comes second uses the server of the first, and leaves it running."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTED = """
from config.local import TEST, own_servers
from config.local.postgres import _connect

def started():
    connection = _connect(TEST, "postgres", "postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        return cursor.fetchone()[0].isoformat()
"""
SECOND = STARTED + "with own_servers(TEST): print(started())"
FIRST = STARTED + (
    "import os, subprocess, sys\n"
    "with own_servers(TEST):\n"
    "    before = started()\n"
    "    del os.environ['DATABASE_URL']\n"
    f"    second = subprocess.run([sys.executable, '-c', {SECOND!r}], check=True, capture_output=True, text=True)\n"
    "    print(before, second.stdout.strip(), started())\n"
)


def test_second_user_leaves_the_first_its_server(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "CELERY_BROKER_URL"}}
    done = subprocess.run(
        [sys.executable, "-c", FIRST],
        cwd=ROOT,
        env={**environment, "RUN_DIR": str(tmp_path / "run")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert len(set(done.stdout.split())) == 1, done.stdout
