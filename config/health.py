"""Is this process alive, and is the house ready? Asked by the demo's launcher, by Compose and by whoever watches the house."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from . import heartbeats

Check = dict[str, Any]
_migrations_are_applied = False  # once true it stays so for this process: only a deployment adds one


@never_cache
@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: this process answers. Asks nobody else, so that a database that is away does not get the web killed."""
    return JsonResponse({"alive": True})


@never_cache
@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Readiness: every part by itself, 200 or 503. Says what fails, never why in words that could hold an address or a password."""
    checks: dict[str, Check] = {"database": _database()}
    has_database = checks["database"]["ok"]
    checks["migrations"] = _migrations() if has_database else {"ok": False}
    checks["broker"] = _broker()
    checks |= _heartbeats() if checks["migrations"]["ok"] else dict.fromkeys(heartbeats.LIMITS, {"ok": False})
    is_ready = all(check["ok"] for check in checks.values())
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


def _holds(ask: Callable[[], object], *errors: type[Exception]) -> Check:
    try:
        ask()
    except errors:
        return {"ok": False}
    return {"ok": True}


def _database() -> Check:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    return _holds(ask, Error)


def _migrations() -> Check:
    global _migrations_are_applied
    if not _migrations_are_applied:
        executor = MigrationExecutor(connection)
        _migrations_are_applied = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {"ok": _migrations_are_applied}


def _broker() -> Check:
    """A connection of its own, limited to a few seconds by the transport's options."""

    def ask() -> None:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)

    return _holds(ask, OperationalError, OSError)


def _heartbeats() -> dict[str, Check]:
    ages = heartbeats.ages()
    return {name: _heartbeat(name, ages.get(name), limit) for name, limit in heartbeats.LIMITS.items()}


def _heartbeat(name: str, age: timedelta | None, limit: timedelta) -> Check:
    if age is None:
        return {"ok": name in heartbeats.NOT_AT_FIRST, "age": None}
    return {"ok": age <= limit, "age": round(age.total_seconds(), 1)}
