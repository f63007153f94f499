from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "转办"

    def ready(self) -> None:
        from audit.presenters import register
        from deadlines import discretion
        from documents import gates, numbering
        from households import links, open_cases
        from households.payments import entitlement
        from intake import onward as requests
        from organization import alarms
        from spreadsheets import declaration
        from verification import needs

        from . import handovers, household_links, onward, passing_on, rounds, verifying
        from .changes import UNDER_WAY
        from .models import Publicity, Referral, Ruling, UrgentAid
        from .names import names
        from .presenters import PHRASES, SUBJECTS
        from .sheets import feedback

        register(PHRASES, SUBJECTS)
        discretion.register(lambda topic: topic in names().sensitive)
        links.register(household_links.links)
        open_cases.register_changes(UNDER_WAY)
        entitlement.register_handed_out(UrgentAid._meta.db_table)
        numbering.register("referral", "ZB{year}{scope}{number:05d}")
        numbering.register("urgent_aid", "JN{year}{scope}{number:05d}")
        numbering.register("ruling", "{prefix}裁〔{year}〕{scope}{number:03d}号")
        gates.register("referrals.referral", lambda post, pk: Referral.objects.readable_by(post).filter(pk=pk).exists())
        gates.register("referrals.ruling", lambda post, pk: Ruling.objects.visible_to(post).filter(pk=pk).exists())
        gates.widen("intake.paper", passing_on.reads_paper)
        gates.widen("intake.application", passing_on.reads_application)
        gates.widen("intake.supplementnotice", passing_on.reads_notice)
        gates.register("referrals.publicity", lambda post, pk: Publicity.objects.readable_by(post).filter(pk=pk).exists())
        requests.register(onward.matters)
        needs.register(verifying.needs)
        alarms.register(handovers.left_behind)
        rounds.register()
        declaration.register(feedback.FAMILY, feedback.Feedback())
