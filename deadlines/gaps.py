"""What of the house's own work stands still: shown among the alarms until somebody has seen to it."""

from collections.abc import Iterator
from datetime import date

from organization.alarms import Alarm
from organization.querysets import UnitQuerySet

from .models import OutboxMessage, PeriodRun
from .periods import work_of

KEEPERS = ("platform", "system_administration")
FAILED_OFTEN = 3
SOURCE = "平台运行"


def standing_still(units: UnitQuerySet, on: date) -> Iterator[Alarm]:
    """Parked texts, and periodic works that have failed again and again: at the platform and the system administration."""
    keepers = list(units.current(on).filter(kind__in=KEEPERS))
    if not keepers:
        return
    sentences = []
    if parked := OutboxMessage.objects.parked().count():
        sentences.append(("短信搁置", f"有{parked}条短信多次发送失败，已搁置。请系统管理员在“消息发送”页查明原因，重发或放弃。"))
    for run in PeriodRun.objects.last_of_each().values():
        work = work_of(run.key)
        if work is not None and run.finished_at is None and run.tries >= FAILED_OFTEN:
            sentences.append(("定期工作未办成", f"“{work.title}”已试{run.tries}次未办成，见“定期工作”页。"))
    for unit in keepers:
        for kind, sentence in sentences:
            yield Alarm(unit, kind, sentence, SOURCE)
