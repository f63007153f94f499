"""`make demo`: everything the house needs, started in order, watched, and stopped together. `--reset` forgets the demo's data."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.environment import env

from . import own_servers
from .places import BASE_DIR, DEMO, LocalServerError, own_run_dir, private, run_dir
from .processes import die_with_parent, dying_with_us, end_leftovers, signal_group, started_at
from .servers import Server, is_kept, revive

READY_WITHIN = 90  # seconds from the start of the web, worker and beat
STOP_WITHIN = 15  # seconds for a task or page to finish, then SIGKILL
TOO_MANY = 5  # ends of one part within a minute: then it is not going to get better
KILLED = -signal.SIGKILL


class Stop(Exception):  # noqa: N818
    """Somebody asked us to stop."""


@dataclass
class Part:
    """One process of the house."""

    name: str
    title: str
    command: list[str]
    fds: tuple[int, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    ends: list[float] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return DEMO.file(f"-{self.name}.log")

    def start(self) -> None:
        with open(self.log, "ab", opener=private) as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=BASE_DIR, pass_fds=self.fds,
                env={**os.environ, **self.environment}, start_new_session=True, preexec_fn=dying_with_us(),
            )  # fmt: skip

    def has_often_ended(self) -> bool:
        now = time.monotonic()
        self.ends = [at for at in self.ends if at > now - 60] + [now]
        return len(self.ends) >= TOO_MANY


class Demo:
    def __init__(self, listener: socket.socket, address: str) -> None:
        self.listener, self.address = listener, address
        self.is_asked_to_stop = False
        python, fd = sys.executable, listener.fileno()
        celery = [python, "-m", "celery", "-A", "config"]
        patient = {"DB_STATEMENT_TIMEOUT": "840"}  # a job's hard limit is 900 seconds
        web = [python, "-m", "gunicorn", "-c", "config/gunicorn.py", "--bind", f"fd://{fd}", "--workers", "2"]
        worker = [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        self.parts = [
            Part("web", "网页服务（gunicorn）", web, fds=(fd,)),
            Part("worker", "后台作业（celery worker）", worker, environment=patient),
            Part("beat", "定时器（celery beat）", [*celery, "beat"], environment=patient),
        ]

    def run(self) -> None:
        """From the first server to the last process: returns when stopped as asked, raises LocalServerError when it cannot go on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        with contextlib.suppress(Stop), own_servers(DEMO, broker=True) as servers:
            try:
                accounts = self._prepare(is_own=any(s.name == "postgres" for s in servers))
                for part in self.parts:
                    part.start()
                self._write_state()
                self._wait_until_ready()
                say(f"\n忠县协同救助信息平台（演示）已启动：{self.address}\n\n{accounts}\n")
                where = "、".join(dict.fromkeys([str(run_dir()), str(DEMO.state_dir)]))
                say(f"按 Ctrl-C 停止。数据留在 {where}，下次启动还在；make demo-reset 从头开始。")
                self._watch(servers)
            finally:
                self._stop_parts()

    def _ask_to_stop(self, *_: object) -> None:
        self.is_asked_to_stop = True

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_asked_to_stop and time.monotonic() < until:
            time.sleep(0.05)
        if self.is_asked_to_stop:
            raise Stop

    def _prepare(self, *, is_own: bool) -> str:
        command = [sys.executable, "-m", "config.local.prepare", *(["--own"] if is_own else [])]
        part = Part("prepare", "数据准备", command)
        part.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=BASE_DIR, start_new_session=True,
            preexec_fn=dying_with_us(),
        )  # fmt: skip
        self.parts.append(part)
        self._write_state()
        assert part.process.stdout  # noqa: S101
        with part.process.stdout as output:
            while part.process.poll() is None:
                self._pause(0.05)
            said = output.read().decode()
        self.parts.remove(part)
        if part.process.returncode:
            raise LocalServerError("演示没有启动：数据准备没有完成，原因见上。再次执行 make demo 会从断开的地方继续。")
        return said.strip()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN
        while True:
            is_ready, failing = ask_readiness(self.address)
            if is_ready:
                return
            if time.monotonic() > until:
                raise LocalServerError(f"演示没有在 {READY_WITHIN} 秒内就绪（{failing}），已停止。日志在 {run_dir()}。")
            self._restart_ended()
            self._pause(0.2)

    def _watch(self, servers: list[Server]) -> None:
        while True:
            self._pause(0.5)
            for server in servers:
                if not is_kept(server):
                    say(f"{server.title} 意外结束，重新启动。日志：{server.log}")
                    revive(server)
            self._restart_ended()

    def _restart_ended(self) -> None:
        for part in self.parts:
            code = part.process.poll() if part.process else None
            if part.process is None or code is None:
                continue
            signal_group(part.process.pid, signal.SIGKILL)  # what it may have left
            if part.has_often_ended():
                raise LocalServerError(f"{part.title} 一分钟内结束了 {TOO_MANY} 次，演示停止。原因见 {part.log} 的末尾。")
            say(f"{part.title} 意外结束（退出码 {code}），重新启动。日志：{part.log}")
            part.start()
            self._write_state()

    def _stop_parts(self) -> None:
        alive = [part.process for part in self.parts if part.process]
        for process in alive:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + STOP_WITHIN
        for process in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
            signal_group(process.pid, signal.SIGKILL)
            process.wait()

    def _write_state(self) -> None:
        """What a second `make demo` says, and what a next one ends, should this one be killed."""
        pids = [part.process.pid for part in self.parts if part.process]
        aside = DEMO.file(".state.new")
        aside.write_text(json.dumps({"address": self.address, "processes": [[pid, started_at(pid)] for pid in pids]}))
        aside.rename(DEMO.file(".state"))


def say(text: str) -> None:
    print(text, flush=True)


MADE_UP = ("summaries", "comparison")  # after days of rest; pages are served meanwhile


def ask_readiness(address: str) -> tuple[bool, str]:
    """Whether /readyz says ready, and what is not."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # our own address: never through a proxy
    try:
        with opener.open(f"{address}readyz", timeout=10) as answer:
            return answer.status == 200, ""
    except urllib.error.HTTPError as answer:
        with answer:
            try:
                checks = json.load(answer)["checks"]
            except ValueError:
                return False, f"HTTP {answer.code}"
            missing = [name for name, check in checks.items() if not check["ok"] and name not in MADE_UP]
            return not missing, "、".join(missing)
    except OSError as error:
        return False, str(error)


@contextlib.contextmanager
def the_only_one() -> Iterator[None]:
    """One demo per checkout. Whoever comes second is told where the first one is."""
    own_run_dir()
    with open(DEMO.file(".lock"), "a", opener=private) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            address = _state().get("address")
            raise LocalServerError(f"演示已在运行：{address}" if address else "演示正在启动，请稍候。") from None
        ended = end_leftovers([(int(pid), str(at)) for pid, at in _state().get("processes", [])])
        if ended:
            say(f"上一次的演示没有正常结束，已清理它留下的 {ended} 个进程。")
        try:
            yield
        finally:
            DEMO.file(".state").unlink(missing_ok=True)


def _state() -> dict[str, Any]:
    try:
        return json.loads(DEMO.file(".state").read_text())
    except (OSError, ValueError):
        return {}


def listen() -> tuple[socket.socket, str]:
    """A socket on HOST:PORT, held from now on, so that nobody takes the port between the check and the start."""
    host, port = env.str("HOST", default="127.0.0.1"), env.int("PORT", default=8000, minimum=1, maximum=65535)
    env.finish()
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise LocalServerError(f"HOST 不是本机的地址：“{host}”。什么都没有启动。") from None
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise LocalServerError(f"{_why_not(error, host, port)}什么都没有启动。") from None
    shown = "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104
    return listener, f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EACCES:
        return f"PORT={port}：当前用户不能使用这个端口，请换成 1024 以上的，例如 PORT=8000 make demo。"
    if error.errno == errno.EADDRINUSE:
        return f"PORT={port}：端口已被别的程序占用。请换一个，例如 PORT={port % 60000 + 1} make demo。"
    return f"HOST={host}：不能在这个地址上提供服务（{error.strerror}）。"


def start() -> None:
    if "MAKELEVEL" in os.environ:
        die_with_parent()
    with the_only_one():
        listener, address = listen()
        with listener:
            Demo(listener, address).run()
    say("演示已停止。")


def reset() -> None:
    """Forget data, keys, papers and logs of the demo. The tests' files stay."""
    with the_only_one(), open(DEMO.file(".users"), "a", opener=private) as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalServerError("有 manage.py 命令正在使用演示的数据库，请等它结束后再重置。") from None
        cluster, state_dir = DEMO.cluster_dir, DEMO.state_dir
        DEMO.loaded.unlink(missing_ok=True)
        if cluster.exists():
            gone = cluster.rename(f"{cluster}.new-gone")  # the name of a half-made cluster: killed here, the next start removes the rest
            shutil.rmtree(gone)
        shutil.rmtree(run_dir() / "media", ignore_errors=True)
        for path in [run_dir() / "keys.json", *run_dir().glob("demo-*.log")]:
            path.unlink(missing_ok=True)
        if state_dir != run_dir():
            with contextlib.suppress(OSError):  # not empty: the tests' cluster lies there too
                state_dir.rmdir()
    say("演示数据已清除，下次 make demo 从头开始。")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
    reset() if "--reset" in sys.argv else start()
