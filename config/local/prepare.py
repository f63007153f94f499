"""Bringing the demo's database up to the code: migrations, reference data, demo. A process of its own, so that the supervisor stays small.

Whole steps only: each migration and each room's load is one transaction, or one a share or an application, and every load adds what is
missing, so a start that was killed in the middle is finished by the next one. Prints on standard output the accounts that may sign in.
"""

import gc
import hashlib
import io
import sys
from pathlib import Path

import django
from django.db.utils import OperationalError

from .places import BASE_DIR, DEMO, LocalServerError


def fingerprint() -> str:
    """Of all that shapes what is loaded. Same code, same data: then loading it again would change nothing."""
    files = [p for room in sorted(BASE_DIR.glob("*/apps.py")) for p in sorted(room.parent.rglob("*.py"))]
    files += sorted(p for p in (BASE_DIR / "fixtures").rglob("*") if p.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(BASE_DIR)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def prepare(*, stamp: Path | None) -> None:
    """Migrate and load what is not there. `stamp` says what the checkout's own cluster was loaded with; None: not known."""
    from django.core.management import call_command

    from config.models import Heartbeat

    from .migrating import migrate

    here = fingerprint()
    if stamp is None or not stamp.exists() or stamp.read_text() != here:
        gc.freeze()  # what is imported stays, and thousands of rows are no reason to look through it each time
        gc.set_threshold(100_000, 20, 50)
        print("正在准备数据库：表结构、参考数据、演示数据。第一次约需三四分钟……", file=sys.stderr, flush=True)
        migrate()
        call_command("load_reference", stdout=io.StringIO())
        call_command("load_demo", stdout=io.StringIO())
        if stamp:
            stamp.write_text(here)
    Heartbeat.objects.all().delete()  # of the last start: whoever is alive will say so


def accounts() -> str:
    """The demo's accounts as printed at its start, by the room that knows who signs in."""
    from config.reference import rooms_with

    lines = []
    for _, room in rooms_with("demo"):
        if hasattr(room, "accounts_shown"):
            lines.append(f"演示账号，口令都是 {room.PASSWORD}")
            lines += [f"  {row['username']:<14} {row['name']}（{row['unit']}，{row['role']}）" for row in room.accounts_shown()]
    return "\n".join(lines)


def main(*, is_own: bool) -> None:
    django.setup()
    try:
        prepare(stamp=DEMO.loaded if is_own else None)
    except OperationalError as error:
        why = str(error).strip().partition("\n")[0]
        raise LocalServerError(f"数据库用不了：{why}。请检查 DATABASE_URL，或取消它以使用自带的 PostgreSQL。") from None
    print(accounts(), flush=True)


if __name__ == "__main__":
    main(is_own="--own" in sys.argv)
