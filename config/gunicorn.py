"""gunicorn's configuration, for the demo and for production: sync workers, JSON lines, no query strings in the access log."""

import multiprocessing
import os
from pathlib import Path

os.environ.setdefault("DB_STATEMENT_TIMEOUT", "30")  # a page that asks longer than this has gone astray; below `timeout`

from django.conf import settings  # noqa: E402

from config.environment import env  # noqa: E402
from config.memory import OF_PAGES, settle  # noqa: E402

_ = settings.DEBUG  # read now: a wrong environment ends the start here, in one sentence, and not in each worker

bind = env.str("BIND", default="0.0.0.0:8000")  # noqa: S104  (a container's own network; nginx stands before it)
workers = env.int("WEB_CONCURRENCY", default=multiprocessing.cpu_count(), minimum=1, maximum=64)
env.finish()

wsgi_app = "config.wsgi"
worker_class = "sync"
preload_app = True
timeout = 60
graceful_timeout = 20
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
proc_name = "assistance-web"
if Path("/dev/shm").is_dir():  # noqa: S108  (a heartbeat file on a disk that stalls would get workers killed)
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# %(U)s is the path without the query string; %({x-request-id}o)s the id given back to the browser.
access_log_format = (
    '{"at": "%(t)s", "logger": "access", "request": "%({x-request-id}o)s", "method": "%(m)s", "path": "%(U)s", '
    '"status": %(s)s, "bytes": "%(B)s", "ms": %(M)s}'
)
accesslog = "-"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}, "as_is": {"format": "%(message)s"}},
    "handlers": {
        "stream": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"},
        "access": {"class": "logging.StreamHandler", "formatter": "as_is", "stream": "ext://sys.stdout"},
    },
    "root": {"handlers": ["stream"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["stream"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
    },
}


def when_ready(server: object) -> None:  # noqa: ARG001 - as gunicorn calls it
    """Before it forks: its workers share what was loaded."""
    settle(OF_PAGES)
