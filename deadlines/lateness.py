"""What the pages say while the sweep does not run: nobody is reminded meanwhile, and no date moves because of it."""

from config import clock, heartbeats
from config.banners import Banner
from organization.models import Post

PLATFORM, KEEPER = frozenset({"B", "BA"}), "AS"


def late_sweep(role: str) -> Banner | None:
    """To the platform: since when, and whom to tell. To the system administrator: what to look at."""
    if role not in PLATFORM and role != KEEPER:
        return None
    since = heartbeats.silent_since(heartbeats.SWEEP)
    if since is None:
        return None
    began = "提醒巡检还没有运行过" if since == heartbeats.NEVER else f"提醒巡检自{clock.local(since):%Y-%m-%d %H:%M}起没有运行"
    effect = "临期、超期的提醒和上报会晚到，各项期限照常计算，恢复后自动补发。"
    if role == KEEPER:
        return Banner(f"{began}，{effect}请检查后台作业（worker 与 beat）是否在运行，也可在服务器上执行 manage.py sweep。", is_grave=True)
    return Banner(f"{began}，{effect}请告知系统管理员{_keepers()}。", is_grave=True)


def _keepers() -> str:
    """Name and office telephone of whoever keeps the house."""
    posts = Post.objects.effective(clock.today()).filter(unit__kind="system_administration").select_related("staff", "unit")
    named = "、".join(f"{post.staff.name} {post.staff.phone or post.unit.phone}".strip() for post in posts[:3])
    return f"（{named}）" if named else ""
