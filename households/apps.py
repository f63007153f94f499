from datetime import timedelta
from typing import Any

from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = "家庭与人员档案"

    def ready(self) -> None:
        from audit.presenters import register
        from deadlines import jobs, periods
        from documents import gates
        from spreadsheets import declaration, holders

        from . import tasks
        from .funds import ledgers as funds
        from .models import Fact, Household, Resident
        from .payments.sheets import register_ledgers
        from .payments.standing import PaymentLists
        from .presenters import PHRASES, SUBJECTS
        from .sheets.facts import Facts
        from .sheets.payments import FAMILY as PAYMENTS
        from .sheets.payments import PaymentDoor, PaymentResults
        from .sheets.residents import People
        from .sheets.roll_templates import FAMILY as ROLL
        from .sheets.rolls import Rolls
        from .transitions.leading_back import FollowersOfRecords
        from .transitions.reopening import AnswersOfEntries
        from .transitions.standards import APPLY as APPLY_STANDARD

        register(PHRASES, SUBJECTS)
        jobs.register(tasks.TRIAL, tasks.rule_trial, title="规则试运行")
        jobs.register(tasks.COUNTY, tasks.county_screening, title="全县筛查")
        jobs.register(tasks.DROP_TRIALS, tasks.trials_dropped, title="清理到期的规则试运行")
        jobs.register(APPLY_STANDARD, tasks.standard_applied, title="执行标准调整")
        periods.register(
            "households.forget_trials", "清理到期的规则试运行", lambda period: tasks.forget_trials(), every="day", at=timedelta(hours=2)
        )
        periods.register(
            "households.apply_standards", "执行到月的标准调整", lambda period: tasks.apply_standards(), every="day", commits_itself=True
        )
        funds.declare()
        declaration.register(ROLL, Rolls())
        declaration.register(PAYMENTS, PaymentResults())
        declaration.register_door(PAYMENTS, PaymentDoor())
        register_ledgers()
        holders.register(PAYMENTS, PaymentLists())
        holders.register("households.answers", AnswersOfEntries())
        holders.register("households.followers", FollowersOfRecords())
        declaration.register("households.facts", Facts())
        declaration.register("households.people", People())
        for model in (Household, Resident):
            gates.register(model._meta.label_lower, _gate_of(model))
        gates.register(Fact._meta.label_lower, lambda post, pk: Fact.objects.visible_to(post).filter(pk=pk).exists())


def _gate_of(model: Any) -> Any:
    """Papers of a household or a person are read by whoever reads more than the card; of a fact, by whoever sees it."""
    return lambda post, pk: model.objects.beyond_the_card(post).filter(pk=pk).exists()
