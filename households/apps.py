from typing import Any

from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = "家庭与人员档案"

    def ready(self) -> None:
        from audit.presenters import register
        from deadlines import jobs
        from documents import gates

        from . import tasks
        from .models import Fact, Household, Resident
        from .presenters import PHRASES, SUBJECTS

        register(PHRASES, SUBJECTS)
        jobs.register(tasks.TRIAL, tasks.rule_trial, title="规则试运行")
        jobs.register(tasks.COUNTY, tasks.county_screening, title="全县筛查")
        for model in (Household, Resident, Fact):
            gates.register(model._meta.label_lower, _gate_of(model))


def _gate_of(model: Any) -> Any:
    """Papers of a household, a person or a fact are read by whoever sees the row."""
    return lambda post, pk: model.objects.visible_to(post).filter(pk=pk).exists()
